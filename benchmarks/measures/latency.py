"""How long after an event is produced its effect is committed in Redis, and its tier change is read from the topic.

Committed: a sample of the buckets is asked for its position about every two milliseconds; an event of these buckets is
committed by the first answer whose position lies behind it. So the figure errs upwards, by up to one such interval.
Tier change: a consumer notes when it gets the record; `cause_id` says which event it is of. Changes by silence do not count.
As many are expected as the heads of the buckets count.
CPU is that of each process from the first event to the last effect; the broker's includes taking the events and giving the changes.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from multiprocessing import get_context
from time import monotonic
from typing import Any, NamedTuple

import msgspec
import numpy as np
from aiokafka import AIOKafkaConsumer, TopicPartition
from redis.asyncio.connection import parse_url

from benchmarks.pacing import Paced, send_paced
from benchmarks.percentiles import Waited, waited
from benchmarks.processes import cpu_s
from benchmarks.report import Finding, Line, at_most
from benchmarks.run import Run, say
from benchmarks.shop import Told, customer_ids, values
from benchmarks.site import PARTITIONS, Site
from benchmarks.workers import Count, count, open_store, running_worker, wait_for
from scoring.hashing import buckets
from scoring.layout import Floats, Ints
from state.codec import decode_head
from state.keys import keys_of
from state.redis_store import RedisStore
from state.wire import ServerWire
from streams.config import ORDERS, TIER_CHANGES

SAMPLE = 32  # buckets, some of every partition
LOOK_EVERY_S = 0.002
ENDS_WITHIN_S = 30.0  # what did not come by then never came
WANTED_SLOW_MS, WANTED_FAST_MS = 30.0, 250.0


Look = tuple[float, Any]  # when, and what
Row = tuple[int, bytes, bytes]  # partition, key, value


class Cpu(NamedTuple):
    """Microseconds an event."""

    worker_us: float
    redis_us: float
    broker_us: float


class Latency(NamedTuple):
    """At one pace, seconds."""

    events_per_s: float
    committed: Waited
    changed: Waited
    cpu: Cpu


async def measure(run: Run) -> Finding:
    """At a slow pace, and at half the rate that the worker has at most; on the log's state, the worker caught up."""
    log, half_s = await run.log(), run.figure("worker", "events_per_s") / 2
    wanted = ((run.plan.pace, run.plan.pace_s, WANTED_SLOW_MS), (half_s, run.plan.half_pace_s, WANTED_FAST_MS))
    found: list[Latency] = []
    async with open_store(run.site) as store, running_worker(run.site) as worker:
        await wait_for(store, log.events, worker, within_s=120)
        await asyncio.sleep(2)  # until silence has caught up too
        for pace, for_s, _ in wanted:
            say(f"  at {pace:,.0f} events/s")
            found.append(await latency(run.site, store, worker.pid, log.shop.draw(int(pace * for_s)), pace))
    lines = []
    for one, (_, _, most_ms) in zip(found, wanted, strict=True):
        at = f"at {one.events_per_s:,.0f} events/s"
        cpu = " / ".join(f"{us:.1f}" for us in one.cpu)
        target = at_most(1e3 * one.changed.p99, most_ms, " ms")
        lines += [
            Line("event to committed", _said(one.committed), f"{at}; {one.committed.counts}"),
            Line("event to tier change on the topic", _said(one.changed), f"{at}; {one.changed.counts}", target),
            Line("CPU for 10⁶ events", f"{cpu} s", f"{at}; worker / Redis / broker"),
        ]
    return Finding(lines, {"at": [_plain(one) for one in found]})


def _said(late: Waited) -> str:
    return f"p50 {1e3 * late.p50:.1f}, p99 {1e3 * late.p99:.1f} ms"


def _plain(one: Latency) -> dict[str, object]:
    parts = {"committed": one.committed.plain(), "changed": one.changed.plain(), "cpu": one.cpu._asdict()}
    return one._asdict() | parts


async def latency(site: Site, store: RedisStore, worker: int, told: Told, rate: float) -> Latency:
    """Produce these events at this pace while a worker (its process) runs that has caught up with everything before."""
    processes = (worker, site.redis_pid, site.broker_pid)
    keys = customer_ids(told)
    homes = buckets(keys)
    rows = list(zip((homes % PARTITIONS).tolist(), keys, values(told), strict=True))
    with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:

        async def sent(some: Sequence[Row]) -> Paced:
            return await asyncio.get_running_loop().run_in_executor(elsewhere, send_paced, site.kafka, some, rate)

        await sent([])  # its imports are no part of the pace
        async with _watching(_look(site)) as looks, _watching(_listen(site)) as heard:
            before, before_s = await count(store), [cpu_s(pid) for pid in processes]
            paced = await sent(rows)
            expected = await _settled(store, before, looks, heard, homes, paced)
            cpu = Cpu(*(1e6 * (cpu_s(pid) - s) / len(rows) for pid, s in zip(processes, before_s, strict=True)))
    committed, changed = _committed(looks, homes, paced), _changed(heard, told.number, paced)
    return Latency(rate, waited(committed, len(committed)), waited(changed, expected), cpu)


@asynccontextmanager
async def _watching(watch: AsyncIterator[Look]) -> AsyncIterator[list[Look]]:
    """What a watcher sees while the block runs."""
    seen: list[Look] = [await anext(watch)]

    async def collect() -> None:
        async for look in watch:
            seen.append(look)

    task = asyncio.create_task(collect())
    try:
        yield seen
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _look(site: Site) -> AsyncIterator[Look]:
    """Again and again: the time, and the positions of the sampled buckets."""
    wire = ServerWire(dict(parse_url(site.redis_url)), ENDS_WITHIN_S)
    ask = [("HGET", keys.head, "head") for keys in keys_of(site.namespace)[:SAMPLE]]
    try:
        while True:
            heads = await wire.send(ask)
            seen_s = monotonic()
            yield seen_s, [decode_head(0, head or b"").offsets.get(ORDERS, 0) for head in heads]
            await asyncio.sleep(LOOK_EVERY_S)
    finally:
        await wire.close()


async def _listen(site: Site) -> AsyncIterator[Look]:
    """The time, and which events the tier changes are of that came; first nothing, once it would hear them."""
    decode = msgspec.json.Decoder(_Changed).decode
    consumer = AIOKafkaConsumer(bootstrap_servers=site.kafka)
    await consumer.start()
    try:
        places = [TopicPartition(TIER_CHANGES, number) for number in range(PARTITIONS)]
        consumer.assign(places)
        await consumer.seek_to_end()
        for place in places:
            await consumer.position(place)
        yield monotonic(), []
        while True:
            found = await consumer.getmany(timeout_ms=1_000)
            seen_s = monotonic()
            causes = [decode(record.value) for records in found.values() for record in records]
            yield seen_s, [one.cause_id for one in causes if one.cause_id is not None]  # silence has none
    finally:
        await consumer.stop()


async def _settled(
    store: RedisStore, before: Count, looks: list[Look], heard: list[Look], homes: Ints, paced: Paced
) -> int:
    """Until all events are committed and all changes that they made are heard, or the time is over; how many there were to hear."""
    last = np.full(SAMPLE, -1)
    sampled = homes < SAMPLE
    np.maximum.at(last, homes[sampled], paced.offsets[sampled])
    give_up = monotonic() + ENDS_WITHIN_S
    while True:
        now = await count(store)
        expected = (now.tier_changes - now.silence_changes) - (before.tier_changes - before.silence_changes)
        committed = now.consumed - before.consumed >= len(homes) and (np.array(looks[-1][1]) > last).all()
        if (committed and sum(len(causes) for _, causes in heard) >= expected) or monotonic() > give_up:
            return expected
        await asyncio.sleep(0.05)


def _committed(looks: list[Look], homes: Ints, paced: Paced) -> Floats:
    """Seconds from produced to committed, of the events in sampled buckets; infinite where no look found it."""
    seen_s = np.array([*(look[0] for look in looks), np.inf])
    positions = np.array([look[1] for look in looks])
    took = []
    for bucket in range(SAMPLE):
        mine = homes == bucket
        first = np.searchsorted(positions[:, bucket], paced.offsets[mine], side="right")
        took.append(seen_s[first] - paced.due_s[mine])
    return np.concatenate(took)


class _Changed(msgspec.Struct):
    cause_id: str | None


def _changed(heard: list[Look], numbers: Ints, paced: Paced) -> Floats:
    """Seconds from produced to tier change read, of the events that changed a tier."""
    due_s: dict[str, float] = {}
    for number, at_s in zip(numbers.tolist(), paced.due_s.tolist(), strict=True):
        due_s.setdefault(f"e{number}", at_s)
    return np.array([at_s - due_s[cause] for at_s, causes in heard for cause in causes if cause in due_s])

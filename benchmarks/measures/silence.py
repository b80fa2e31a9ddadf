"""How late silence is told where very many deadlines come due in one minute of the wall clock.

Every customer's orders are shifted so that the deadline that the kernel solves for lies in the coming minute. Then nothing
happens but time. From a deadline to the moment at which a consumer has the tier change or drift alert that came of it.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.filling import Filler, ledgers_of
from benchmarks.report import Finding, Line, at_most
from benchmarks.run import Run, say
from benchmarks.shop import FIRST_US, Past, Shop
from benchmarks.site import FIXED_TIERS, PARTITIONS, Site, produce
from benchmarks.workers import Count, Running, count, open_store, running_worker
from scoring.layout import NEVER_US, Ints
from state.redis_store import RedisStore
from streams.config import DRIFT_ALERTS, TIER_CHANGES
from streams.events.instants import instant_us

WANTED_S = 1.0
ORDERS = 3
DRAWN = 1.5  # times the customers that are needed: some have no deadline, or one that moves with the calendar
STARTS_WITHIN_S = 30.0  # ledgers are made, and a worker starts, before the first deadline
ENDS_WITHIN_S = 30.0


class Heard(NamedTuple):
    """When a message came, in microseconds of the wall clock, and what it was."""

    at_us: int
    value: bytes


class _Told(msgspec.Struct):
    """What matters here of a tier change or drift alert."""

    customer_id: str
    cause: str
    occurred_at: str


async def measure(run: Run) -> Finding:
    """On a state of its own."""
    plan, site = run.plan, await run.site.apart("silence")
    first_us = _now_us() + int(STARTS_WITHIN_S * 1e6)
    say(f"  {plan.deadlines:,} deadlines within {plan.within_s:g} s")
    due_us = await _fill(site, plan.deadlines, first_us, int(plan.within_s * 1e6))
    async with open_store(site) as store, running_worker(site, "wall", EBBTIDE_TIERS=str(FIXED_TIERS)) as worker:
        await _at_work(site, store, worker)
        ready_us = _now_us()
        heard = await _listen(site, worker, (first_us + int(plan.within_s * 1e6)) / 1e6)
        counted = await count(store)
    if ready_us > first_us:
        raise RuntimeError(f"the worker was ready {(ready_us - first_us) / 1e6:.1f} s after the first deadline")
    site.forget()
    return _finding(heard, due_us, counted, plan.within_s)


async def _fill(site: Site, customers: int, first_us: int, within_us: int) -> Ints:
    """Ledgers whose deadlines lie in the minute; the deadlines, shape (customers,), microseconds."""
    drawn = int(customers * DRAWN)
    shop = Shop(drawn, 12.0)
    past = shop.before(0, drawn, ORDERS)
    _, due_us = ledgers_of(past, FIRST_US)
    wanted_us = first_us + np.random.default_rng(1).integers(0, within_us, drawn)
    shift_us = np.where(due_us < NEVER_US, wanted_us - due_us, 0)
    shifted = Past(past.at_us + shift_us, past.amount)
    ledgers, due_us = ledgers_of(shifted, first_us)
    (fit,) = np.nonzero((due_us >= first_us) & (due_us < first_us + within_us))
    fit = fit[:customers]
    if len(fit) < customers:
        raise RuntimeError(f"only {len(fit)} of {drawn} customers have a deadline in the minute")
    async with open_store(site) as store:
        filler = Filler(store)
        await filler.own()
        await filler.write([b"c%06d" % c for c in fit.tolist()], [ledgers[c] for c in fit.tolist()], due_us[fit], 0)
    return due_us[fit]


async def _at_work(site: Site, store: RedisStore, worker: Running) -> None:
    """Until an event of somebody else's is committed."""
    await produce(site, Shop(1, 1.0).draw(1))
    while (await count(store)).consumed < 1:
        worker.must_live()
        await asyncio.sleep(0.01)


async def _listen(site: Site, worker: Running, until_s: float) -> list[Heard]:
    """What is told until a while after the last deadline, and nothing more comes."""
    consumer = AIOKafkaConsumer(bootstrap_servers=site.kafka)
    await consumer.start()
    topics = (site.topics.full(TIER_CHANGES), site.topics.full(DRIFT_ALERTS))
    consumer.assign([TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)])
    await consumer.seek_to_beginning()
    heard: list[Heard] = []
    news = True
    while time.time() < until_s or (news and time.time() < until_s + ENDS_WITHIN_S):
        worker.must_live()
        found = await consumer.getmany(timeout_ms=1_000)
        at_us = _now_us()
        news = bool(found)
        heard += [Heard(at_us, record.value) for records in found.values() for record in records]
    await consumer.stop()
    return heard


def _finding(heard: Sequence[Heard], due_us: Ints, counted: Count, within_s: float) -> Finding:
    decode = msgspec.json.Decoder(_Told).decode
    told = [(one.at_us, decode(one.value)) for one in heard]
    silent = [(at_us, one) for at_us, one in told if one.cause == "silence"]
    late_s = np.array([(at_us - instant_us(one.occurred_at, None, None)) / 1e6 for at_us, one in silent])
    p50, p99, most = np.percentile(late_s, (50, 99, 100)).tolist()
    customers = len({one.customer_id for _, one in silent})
    of = f"{len(silent):,} messages on {customers:,} of {len(due_us):,} customers due within {within_s:g} s; latest {most:.2f} s"
    figures = {
        "p50_s": p50,
        "p99_s": p99,
        "latest_s": most,
        "deadlines": len(due_us),
        "within_s": within_s,
        "messages": len(silent),
        "customers": customers,
        "silence_changes": counted.silence_changes,
    }
    return Finding(
        [Line("deadline to message", f"p50 {p50:.2f}, p99 {p99:.2f} s", of, at_most(p99, WANTED_S, " s"))], figures
    )


def _now_us() -> int:
    return time.time_ns() // 1000

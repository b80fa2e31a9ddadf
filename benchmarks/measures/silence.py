"""How late silence is told where very many deadlines come due in one minute of the wall clock.

Every customer's orders are shifted so that the deadline that the kernel solves for lies in the coming minute. Then nothing
happens but time. From a deadline to the moment at which a consumer has the tier change or drift alert that came of it. All are
expected that the heads of the buckets count, and one of each deadline that still stands at the end.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.filling import Filler, ledgers_of
from benchmarks.percentiles import waited
from benchmarks.report import Finding, Line, at_most
from benchmarks.run import Run, say
from benchmarks.shop import FIRST_US, Past, Shop
from benchmarks.site import FIXED_TIERS, PARTITIONS, Site, produce
from benchmarks.workers import Count, Running, count, open_store, running_worker
from scoring.layout import BUCKETS, NEVER_US, Ints
from state.redis_store import RedisStore
from streams.config import DRIFT_ALERTS, TIER_CHANGES
from streams.events.instants import instant_us

WANTED_S = 1.0
ORDERS = 3
DRAWN = 1.5  # times the customers that are needed: some have no deadline, or one that moves with the calendar
STARTS_WITHIN_S = 30.0  # ledgers are made, and a worker starts, before the first deadline
ENDS_WITHIN_S = 30.0  # what is not heard by then never came
MOST_OF_A_BUCKET = 100_000  # deadlines


class _Told(msgspec.Struct):
    """What matters here of a tier change or drift alert."""

    customer_id: str
    cause: str
    occurred_at: str


class Heard(NamedTuple):
    """When a message of silence came, in microseconds of the wall clock, and what it was."""

    at_us: int
    told: _Told


class Expected(NamedTuple):
    """What there was to hear by the end."""

    told: int  # by the counters of the state
    standing: int  # deadlines that nothing came of although their time is over

    @property
    def messages(self) -> int:
        """At least."""
        return self.told + self.standing


async def measure(run: Run) -> Finding:
    """On a state of its own."""
    plan, site = run.plan, await run.site.apart("silence")
    first_us = _now_us() + int(STARTS_WITHIN_S * 1e6)
    say(f"  {plan.deadlines:,} deadlines within {plan.within_s:g} s")
    due_us = await _fill(site, plan.deadlines, first_us, int(plan.within_s * 1e6))
    async with open_store(site) as store, running_worker(site, "wall", EBBTIDE_TIERS=str(FIXED_TIERS)) as worker:
        await _at_work(site, store, worker)
        before, ready_us = await count(store), _now_us()
        heard, expected = await _listen(site, store, worker, before, first_us + int(plan.within_s * 1e6))
    if ready_us > first_us:
        raise RuntimeError(f"the worker was ready {(ready_us - first_us) / 1e6:.1f} s after the first deadline")
    site.forget()
    return _finding(heard, due_us, expected, plan.within_s)


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


async def _listen(
    site: Site, store: RedisStore, worker: Running, before: Count, until_us: int
) -> tuple[list[Heard], Expected]:
    """What is told of silence, until all of it is heard or the time for it is over."""
    consumer = AIOKafkaConsumer(bootstrap_servers=site.kafka)
    await consumer.start()
    topics = (site.topics.full(TIER_CHANGES), site.topics.full(DRIFT_ALERTS))
    consumer.assign([TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)])
    await consumer.seek_to_beginning()
    heard: list[Heard] = []
    decode = msgspec.json.Decoder(_Told).decode
    while True:
        worker.must_live()
        found = await consumer.getmany(timeout_ms=200)
        at_us = _now_us()
        told = [decode(record.value) for records in found.values() for record in records]
        heard += [Heard(at_us, one) for one in told if one.cause == "silence"]
        if at_us > until_us:
            expected = await _expected(store, before, until_us)
            over = at_us > until_us + ENDS_WITHIN_S * 1e6
            if over or (not expected.standing and len(heard) >= expected.messages):
                break
    await consumer.stop()
    return heard, expected


async def _expected(store: RedisStore, before: Count, until_us: int) -> Expected:
    """Since `before` nothing happened but time: whatever was told since then is told by silence."""
    after = await count(store)
    standing, _ = await store.due(range(BUCKETS), until_us, MOST_OF_A_BUCKET)
    told = after.silence_changes - before.silence_changes + after.drift_alerts - before.drift_alerts
    return Expected(told, len(standing))


def _finding(heard: Sequence[Heard], due_us: Ints, expected: Expected, within_s: float) -> Finding:
    late_s = np.array([(one.at_us - instant_us(one.told.occurred_at, None, None)) / 1e6 for one in heard])
    late, customers = waited(late_s, expected.messages), len({one.told.customer_id for one in heard})
    of = (
        f"{late.counts}, latest {late.latest:.2f} s; heard of {customers:,} of {len(due_us):,} customers due within "
        f"{within_s:g} s, {expected.standing:,} deadlines still stand; the others had nothing to tell"
    )
    figures = {
        **{f"{name}_s": late.plain()[name] for name in ("p50", "p99", "latest")},
        "expected": late.expected,
        "missing": late.missing,
        "standing": expected.standing,
        "deadlines": len(due_us),
        "within_s": within_s,
        "customers": customers,
    }
    value = f"p50 {late.p50:.2f}, p99 {late.p99:.2f} s"
    return Finding([Line("deadline to message", value, of, at_most(late.p99, WANTED_S, " s"))], figures)


def _now_us() -> int:
    return time.time_ns() // 1000

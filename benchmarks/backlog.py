"""Workers on a backlog that lies on the broker already: rates, CPU, memory and bytes between two looks at the state."""

import asyncio
from collections.abc import Sequence
from time import perf_counter
from typing import NamedTuple

from redis.asyncio import Redis

from benchmarks.processes import cpu_s, resident_bytes
from benchmarks.site import Site
from benchmarks.workers import Count, Running, count, open_store, running_worker
from state.redis_store import RedisStore

LOOK_EVERY_S = 0.05
STALLS_AFTER_S = 60.0


class Look(NamedTuple):
    """What was seen at one instant."""

    at_s: float
    counts: Count
    cpu_s: tuple[float, float, float]  # workers, Redis, broker, so far
    redis_bytes: tuple[int, int]  # to Redis and back, so far
    resident: int  # bytes, of the workers


class Backlog(NamedTuple):
    """Between the first look and the last; CPU in microseconds an event."""

    events: int
    seconds: float
    events_per_s: float
    worker_us: float
    redis_us: float
    broker_us: float
    redis_in: float  # bytes an event, to Redis
    redis_out: float
    resident_bytes: int  # of the worker, at most
    changes: float  # tier changes an event
    silences: float  # of them by silence


async def work_off(site: Site, total: int) -> list[Look]:
    """Let a new worker apply the log up to `total` events."""
    async with open_store(site) as store, running_worker(site) as worker:
        return await watch(site, store, [worker], total)


async def watch(site: Site, store: RedisStore, workers: Sequence[Running], total: int) -> list[Look]:
    """Look until `total` events are committed; the first look that is kept is the first that finds more than there was."""
    async with Redis.from_url(site.redis_url) as redis:
        first = await _look(site, store, redis, workers)
        looks: list[Look] = []
        moved_s, moved = perf_counter(), first.counts.consumed
        while not looks or looks[-1].counts.consumed < total:
            await asyncio.sleep(LOOK_EVERY_S)
            look = await _look(site, store, redis, workers)
            if look.counts.consumed > first.counts.consumed:
                looks.append(look)
            if look.counts.consumed > moved:
                moved_s, moved = perf_counter(), look.counts.consumed
            for worker in workers:
                worker.must_live()
            if perf_counter() - moved_s > STALLS_AFTER_S:
                raise RuntimeError(f"stalled at {moved} of {total} events. {workers[0].said()[-2000:]}")
        return looks


async def _look(site: Site, store: RedisStore, redis: "Redis", workers: Sequence[Running]) -> Look:
    counted, info, at_s = await count(store), await redis.info("stats"), perf_counter()
    pids = [worker.pid for worker in workers]
    used = (sum(map(cpu_s, pids)), cpu_s(site.redis_pid), cpu_s(site.broker_pid))
    wire = (int(info["total_net_input_bytes"]), int(info["total_net_output_bytes"]))
    return Look(at_s, counted, used, wire, sum(map(resident_bytes, pids)))


def behind(looks: Sequence[Look], events: float) -> list[Look]:
    """The looks that found so many events committed, or more."""
    return [look for look in looks if look.counts.consumed >= events]


def between(looks: Sequence[Look]) -> Backlog:
    """From the first look to the last."""
    first, last = looks[0], looks[-1]
    events, seconds = last.counts.consumed - first.counts.consumed, last.at_s - first.at_s
    worker_us, redis_us, broker_us = (
        1e6 * (then - now) / events for now, then in zip(first.cpu_s, last.cpu_s, strict=True)
    )
    bytes_in, bytes_out = ((then - now) / events for now, then in zip(first.redis_bytes, last.redis_bytes, strict=True))
    return Backlog(
        events=events,
        seconds=seconds,
        events_per_s=events / seconds,
        worker_us=worker_us,
        redis_us=redis_us,
        broker_us=broker_us,
        redis_in=bytes_in,
        redis_out=bytes_out,
        resident_bytes=max(look.resident for look in looks),
        changes=(last.counts.tier_changes - first.counts.tier_changes) / events,
        silences=(last.counts.silence_changes - first.counts.silence_changes) / events,
    )

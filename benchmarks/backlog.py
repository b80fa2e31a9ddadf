"""The worker end to end: a real process on a backlog, from the first commit seen to the last."""

import asyncio
from asyncio.subprocess import Process
from time import perf_counter
from typing import NamedTuple

from benchmarks.processes import cpu_s, resident_bytes
from benchmarks.site import Count, Site, count, open_store, running_worker
from state.redis_store import RedisStore

LOOK_EVERY_S = 0.05


class Backlog(NamedTuple):
    """Rates between the first and the last commit; CPU in microseconds an event."""

    events: int
    events_per_s: float
    worker_us: float
    redis_us: float
    broker_us: float
    resident_bytes: int  # of the worker, at the end
    changes: float  # tier changes an event
    silences: float  # of them by silence


async def work_off(site: Site, total: int) -> Backlog:
    """Start a worker and let it apply the log up to `total` events; the log lies on the broker already."""
    async with open_store(site) as store:
        before = await count(store)
        async with running_worker(site) as worker:
            pids, now = (worker.pid, site.redis_pid, site.broker_pid), before
            while now.consumed == before.consumed:
                now = await _next(store, worker)
            first, started, cpu = now, perf_counter(), [cpu_s(pid) for pid in pids]
            while now.consumed < total:
                now = await _next(store, worker)
            spent, used = perf_counter() - started, [cpu_s(pid) - c for pid, c in zip(pids, cpu, strict=True)]
            resident = resident_bytes(worker.pid)
        events = now.consumed - first.consumed
        worker_us, redis_us, broker_us = (1e6 * seconds / events for seconds in used)
        changes, silences = now.tier_changes - first.tier_changes, now.silence_changes - first.silence_changes
        rate, share = events / spent, 1 / events
        return Backlog(events, rate, worker_us, redis_us, broker_us, resident, changes * share, silences * share)


async def _next(store: RedisStore, worker: Process) -> Count:
    await asyncio.sleep(LOOK_EVERY_S)
    if worker.returncode is not None:
        raise RuntimeError("there is no worker any more")
    return await count(store)

"""Several workers on one machine, sharing the partitions of one log: how far its cores go.

Measured behind the history, from the moment when each has its share of the partitions and has committed until nine tenths of
what was left then are done: after that some run dry before others.
"""

import asyncio
import os
from contextlib import AsyncExitStack
from time import monotonic

from benchmarks.backlog import Backlog, behind, between, watch
from benchmarks.report import Finding, Line
from benchmarks.run import Run, say
from benchmarks.shop import Shop
from benchmarks.site import PARTITIONS, produce
from benchmarks.workers import Running, count, open_store, running_worker
from state.redis_store import RedisStore
from tests.support.holding import holding

SHARE = 0.9
JOIN_WITHIN_S = 60.0


async def measure(run: Run) -> Finding:
    """Each number of workers on the same log, under a namespace of its own."""
    site, shop = await run.site.apart("shared"), Shop(run.plan.customers, run.plan.days_between)
    events = run.plan.history + run.plan.shared
    await produce(site, shop.draw(events))
    found: dict[int, Backlog] = {}
    for workers in run.plan.workers:
        say(f"  {workers} workers")
        mine = site._replace(namespace=f"shared-{workers}")
        async with open_store(mine) as store, AsyncExitStack() as stack:
            running = [await stack.enter_async_context(running_worker(mine)) for _ in range(workers)]
            after = max(await _all_at_work(store, running), run.plan.history)
            if after >= events:
                raise RuntimeError(f"{events:,} events were done before {workers} workers shared them")
            looks = await watch(mine, store, running, after + int(SHARE * (events - after)))
            found[workers] = between(behind(looks, run.plan.history))
        mine.forget()
    one_per_s = run.figure("worker", "events_per_s")
    lines = [
        Line(
            f"{workers} workers",
            f"{worked.events_per_s:,.0f} events/s",
            f"{worked.events_per_s / one_per_s:.2f} times one; CPU for 10⁶ events "
            f"{worked.worker_us:.1f} / {worked.redis_us:.1f} / {worked.broker_us:.1f} s; {os.cpu_count()} cores for all",
        )
        for workers, worked in found.items()
    ]
    return Finding(lines, {"by_workers": {workers: worked._asdict() for workers, worked in found.items()}})


async def _all_at_work(store: RedisStore, workers: list[Running]) -> int:
    """Until each has an equal share and something more was committed; how much that is."""
    give_up, share = monotonic() + JOIN_WITHIN_S, PARTITIONS // len(workers)
    while any(_partitions(worker) != share for worker in workers):
        if monotonic() > give_up:
            raise RuntimeError(
                "the workers do not share the partitions: " + " | ".join(w.said()[-500:] for w in workers)
            )
        await asyncio.sleep(0.02)
    return (await count(store)).consumed


def _partitions(worker: Running) -> int:
    """How many it works on."""
    worker.must_live()
    return len(holding(worker.said().encode()))

"""From the start of a worker's process to its first commit, on the largest state: after an orderly end, and after kill -9.

After kill -9 nobody told the group: Kafka gives the partitions away only when the session of the dead has timed out, 6 s after
its last heartbeat. That is in the second figure, and both are held against the same target.
"""

import asyncio
import signal
from time import monotonic

from benchmarks.report import Finding, Line, at_most
from benchmarks.run import Run
from benchmarks.site import Site, produce
from benchmarks.workers import Running, count, open_store, running_worker, wait_for
from state.redis_store import RedisStore
from streams.config import StreamsConfig

EVENTS = 20_000
WANTED_S = 5.0
LOOK_EVERY_S = 0.01
WITHIN_S = 60.0


async def measure(run: Run) -> Finding:
    """Events wait on the broker in both cases."""
    if run.largest is None:
        raise LookupError("`customers` makes the state")
    site, shop, done = run.largest
    async with open_store(site) as store:
        await produce(site, shop.draw(EVENTS))
        async with running_worker(site) as worker:
            orderly_s = await _first_commit(store, worker, done)
            await wait_for(store, done + EVENTS, worker, WITHIN_S)
            worker.process.send_signal(signal.SIGKILL)
            await worker.process.wait()
        killed_s, _ = await asyncio.gather(_again(site, store, done + EVENTS), produce(site, shop.draw(EVENTS)))
        customers = await store.customers()
    session_s = StreamsConfig(site.kafka).session_timeout_s
    lines = [
        Line(
            "after SIGTERM",
            f"{orderly_s:.1f} s",
            f"{customers:,} customers in Redis",
            at_most(orderly_s, WANTED_S, " s"),
        ),
        Line(
            "after kill -9",
            f"{killed_s:.1f} s",
            f"with the wait until the group misses the dead: up to its session timeout, {session_s:g} s",
            at_most(killed_s, WANTED_S, " s"),
        ),
    ]
    figures = {"after_sigterm_s": orderly_s, "after_kill_s": killed_s, "session_s": session_s, "customers": customers}
    return Finding(lines, figures)


async def _again(site: Site, store: RedisStore, done: int) -> float:
    async with running_worker(site) as worker:
        first_s = await _first_commit(store, worker, done)
        await wait_for(store, done + EVENTS, worker, WITHIN_S)
        return first_s


async def _first_commit(store: RedisStore, worker: Running, done: int) -> float:
    """Seconds since the start of the process."""
    while (await count(store)).consumed <= done:
        worker.must_live()
        if monotonic() > worker.started_s + WITHIN_S:
            raise RuntimeError(f"no commit within {WITHIN_S:g} s. {worker.said()[-2000:]}")
        await asyncio.sleep(LOOK_EVERY_S)
    return monotonic() - worker.started_s

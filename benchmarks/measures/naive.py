"""How fast the naive agent is, as a process of its own on the same topic and the same Redis."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL
from time import perf_counter

from redis.asyncio import Redis

from benchmarks.naive_agent import COUNT
from benchmarks.report import Finding, Line
from benchmarks.run import Run
from benchmarks.site import Site

JOINS_WITHIN_S = 60.0


async def measure(run: Run) -> Finding:
    """On the same log, from its beginning."""
    await run.log()
    rate = await naive_rate(run.site, run.plan.naive_s)
    ratio = run.figure("worker", "events_per_s") / rate
    line = Line("Faust, an event at a time", f"{rate:,.0f} events/s", f"the worker: {ratio:.1f} times as fast")
    return Finding([line], {"events_per_s": rate, "worker_to_naive": ratio})


async def naive_rate(site: Site, seconds: float) -> float:
    """Events a second over this time, from its first event on."""
    environment = os.environ | {"NAIVE_KAFKA": site.kafka, "NAIVE_REDIS": site.redis_url}
    command = [sys.executable, "-m", "benchmarks.naive_agent"]
    agent = await asyncio.create_subprocess_exec(*command, env=environment, stdout=DEVNULL, stderr=DEVNULL)
    try:
        async with Redis.from_url(site.redis_url) as redis:
            give_up = perf_counter() + JOINS_WITHIN_S
            while not (first := int(await redis.get(COUNT) or 0)):
                if agent.returncode is not None or perf_counter() > give_up:
                    raise RuntimeError("the naive agent does not begin")
                await asyncio.sleep(0.01)
            started = perf_counter()
            await asyncio.sleep(seconds)
            return (int(await redis.get(COUNT) or 0) - first) / (perf_counter() - started)
    finally:
        with contextlib.suppress(ProcessLookupError):
            agent.kill()  # Faust waits for the message at hand, and some of them for ever
        await agent.wait()

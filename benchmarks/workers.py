"""Workers as processes of their own, and what they have done, read off the state."""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import IO, NamedTuple

from benchmarks.site import Site
from state.redis_store import RedisStore
from streams.config import ClockKind

ENDS_WITHIN_S = 20.0
KILLED = -signal.SIGKILL


class Running(NamedTuple):
    """A worker that runs."""

    process: Process
    log: IO[bytes]
    started_s: float  # when the process was started, on time.monotonic

    @property
    def pid(self) -> int:
        """Of the process."""
        return self.process.pid

    def said(self) -> str:
        """What it wrote so far."""
        return os.pread(self.log.fileno(), 1 << 20, 0).decode(errors="replace")

    def must_live(self) -> None:
        """Raises where it has ended."""
        if self.process.returncode is not None:
            raise RuntimeError(f"there is no worker any more: {self.said()[-2000:]}")


class Count(NamedTuple):
    """What the heads of all buckets say."""

    consumed: int
    tier_changes: int
    silence_changes: int
    drift_alerts: int


@asynccontextmanager
async def running_worker(site: Site, clock: ClockKind = "stream", **settings: str) -> AsyncIterator[Running]:
    """`ebbtide worker` as a process of its own, with its defaults; ended with SIGTERM.

    The logs lie in the past, so silence acts in the log's own time unless `clock` says otherwise.
    """
    ours = {
        "EBBTIDE_KAFKA": site.kafka,
        "EBBTIDE_REDIS_URL": site.redis_url,
        "EBBTIDE_NAMESPACE": site.namespace,
        "EBBTIDE_TOPIC_PREFIX": site.prefix,
        "EBBTIDE_CLOCK": clock,
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith("EBBTIDE_")}
    with tempfile.TemporaryFile() as log:
        command, started_s = [sys.executable, "-m", "ebbtide", "worker"], monotonic()
        process = await asyncio.create_subprocess_exec(*command, env=others | ours | settings, stdout=log, stderr=log)
        running = Running(process, log, started_s)
        try:
            yield running
            if process.returncode != KILLED:  # that was the measure itself
                running.must_live()
        finally:
            await _end(process)


async def _end(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), ENDS_WITHIN_S)
    except TimeoutError:
        process.kill()
        await process.wait()


@asynccontextmanager
async def open_store(site: Site) -> AsyncIterator[RedisStore]:
    """The workers' state, to look at."""
    store = await RedisStore.connect(site.redis_url, site.namespace)
    try:
        yield store
    finally:
        await store.close()


async def count(store: RedisStore) -> Count:
    """Look at the heads."""
    heads = (await store.heads()).values()
    return Count(*(sum(head.counters.get(name, 0) for head in heads) for name in Count._fields))


async def wait_for(store: RedisStore, consumed: int, worker: Running, within_s: float) -> None:
    """Until so many events are committed in all."""
    give_up = monotonic() + within_s
    while (found := await count(store)).consumed < consumed:
        worker.must_live()
        if monotonic() > give_up:
            raise RuntimeError(f"the worker does not reach {consumed} events: {found}. {worker.said()[-2000:]}")
        await asyncio.sleep(0.05)

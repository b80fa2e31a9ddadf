"""Run a rival as a process of its own and see how fast it works off the log: it writes how many events it has done."""

import asyncio
import contextlib
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import IO, NamedTuple

from benchmarks.processes import cpu_s
from benchmarks.rivals.rival import LeftOutError

WITHIN_S = 90.0  # to work off the log ...
ENDS_WITHIN_S = 30.0  # ... and to write down what it knows


class Mark(NamedTuple):
    """So far: events done, the time, and the CPU seconds of the rival and of the broker."""

    events: int
    at_s: float
    cpu_s: float
    broker_cpu_s: float


class Followed(NamedTuple):
    """Between the end of the history and the last event."""

    events_per_s: float
    cpu_s_per_million: float
    broker_cpu_s_per_million: float
    events: int  # done in all


async def follow(
    command: Sequence[str], environment: Mapping[str, str], broker_pid: int, history: int, total: int
) -> Followed:
    """Let it work off the whole log; what it does by the end of the history is not measured."""
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=log)
        try:
            return await _follow(process, broker_pid, history, total)
        except _EndedError as error:
            raise LeftOutError(f"ended by itself: {_last_words(log)}") from error
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


class _EndedError(Exception):
    """The process is gone before its time."""


async def _follow(process: Process, broker_pid: int, history: int, total: int) -> Followed:
    first = last = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WITHIN_S):
            while last is None or last.events < total:
                last = Mark(await _count(process), perf_counter(), cpu_s(process.pid), cpu_s(broker_pid))
                if first is None and last.events >= history:
                    first = last
    if first is None or last is None or last.events == first.events:
        raise LeftOutError(f"did not get past the history within {WITHIN_S:.0f} s")
    if last.events == total:
        await _ended(process)
    events, spent_s = last.events - first.events, last.at_s - first.at_s
    cpu, broker_cpu = last.cpu_s - first.cpu_s, last.broker_cpu_s - first.broker_cpu_s
    return Followed(events / spent_s, 1e6 * cpu / events, 1e6 * broker_cpu / events, last.events)


async def _count(process: Process) -> int:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    line = await process.stdout.readline()
    if not line:
        await _ended(process)
        raise _EndedError
    return int(line)


async def _ended(process: Process) -> None:
    try:
        status = await asyncio.wait_for(process.wait(), ENDS_WITHIN_S)
    except TimeoutError as error:
        raise LeftOutError(f"did not end within {ENDS_WITHIN_S:.0f} s") from error
    if status:
        raise _EndedError


def _last_words(log: IO[bytes]) -> str:
    log.seek(0)
    lines = log.read().decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "no message"

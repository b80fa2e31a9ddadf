"""`ebbtide replay` on a file of the very log that the worker applied: every deadline at its instant, between the events."""

import asyncio
import json
import sys
import tempfile
from asyncio.subprocess import PIPE
from pathlib import Path

from benchmarks.report import Finding, Line, at_least
from benchmarks.run import Run
from benchmarks.shop import values

WANTED = 0.7


async def measure(run: Run) -> Finding:
    """The command as it is, a process of its own; its own clock counts reading and sorting the file, too."""
    log = await run.log()
    events = values(log.history) + values(log.backlog)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "log.jsonl")
        await asyncio.to_thread(file.write_bytes, b"\n".join(events))
        command = [sys.executable, "-m", "ebbtide", "replay", str(file), "--json"]
        replaying = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
        out_text, said = await replaying.communicate()
    if replaying.returncode:
        raise RuntimeError(f"replay ended with {replaying.returncode}: {said.decode()[-2000:]}")
    told = json.loads(out_text)
    rate = float(told["events_per_s"])
    ratio = rate / run.figure("worker", "whole_per_s")
    share = told["tier_changes"] / told["consumed"]
    of = f"{told['consumed']:,} events, {share:.1%} tier changes, {told['silence_changes']:,} by silence; reading the file included"
    return Finding(
        [
            Line("rate", f"{rate:,.0f} events/s", of),
            Line(
                "to the worker",
                f"{ratio:.2f}",
                "of its rate on the same events, history and backlog",
                at_least(ratio, WANTED),
            ),
        ],
        {name: told[name] for name in ("consumed", "elapsed_s", "events_per_s", "tier_changes", "silence_changes")}
        | {"to_worker": ratio},
    )

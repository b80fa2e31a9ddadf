"""`ebbtide replay` on a file of the very log that the worker applied: every deadline at its instant, between the events, and
everything it tells written to files.

The boundaries are fixed, as the worker's are under the stream's clock. By itself a replay takes a census each week of the log and
looks at everybody anew where boundaries move; the second line is one that does, on the history alone.
"""

import asyncio
import json
import os
import sys
import tempfile
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

from benchmarks.report import Finding, Line, at_least
from benchmarks.run import Run
from benchmarks.shop import Told, values
from benchmarks.site import FIXED_TIERS

WANTED = 0.7
KEPT = ("consumed", "elapsed_s", "events_per_s", "tier_changes", "silence_changes", "drift_alerts")


async def measure(run: Run) -> Finding:
    """The command as it is, a process of its own; its own clock counts reading and sorting the file, too."""
    log = await run.log()
    fixed = await _replayed([log.history, log.backlog], EBBTIDE_TIERS=str(FIXED_TIERS))
    drawn = await _replayed([log.history])
    ratio = float(fixed["events_per_s"]) / run.figure("worker", "whole_per_s")
    to_worker = f"{ratio:.2f} of the worker's rate on the same events; reading the file included"
    return Finding(
        [
            Line("rate", _rate(fixed), f"{_mix(fixed)}; {to_worker}", at_least(ratio, WANTED)),
            Line("with a census each week", _rate(drawn), _mix(drawn)),
        ],
        {"to_worker": ratio, "fixed": _kept(fixed), "drawn": _kept(drawn)},
    )


async def _replayed(parts: list[Told], **settings: str) -> dict[str, Any]:
    """The summary."""
    events = b"\n".join(value for told in parts for value in values(told))
    others = {name: value for name, value in os.environ.items() if not name.startswith("EBBTIDE_")}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "log.jsonl")
        await asyncio.to_thread(file.write_bytes, events)
        told = [f"--{what}={Path(folder, what)}" for what in ("changes", "alerts")]
        command = [sys.executable, "-m", "ebbtide", "replay", str(file), "--json", *told]
        replaying = await asyncio.create_subprocess_exec(*command, env=others | settings, stdout=PIPE, stderr=PIPE)
        try:
            out, said = await replaying.communicate()
        finally:
            if replaying.returncode is None:
                replaying.kill()  # a measure that took too long is given up, and must not go on beside the next
                await replaying.wait()
    if replaying.returncode:
        raise RuntimeError(f"replay ended with {replaying.returncode}: {said.decode()[-2000:]}")
    summary: dict[str, Any] = json.loads(out)
    return summary


def _rate(told: dict[str, Any]) -> str:
    return f"{told['events_per_s']:,.0f} events/s"


def _mix(told: dict[str, Any]) -> str:
    share = told["tier_changes"] / told["consumed"]
    return f"{told['consumed']:,} events, {share:.1%} tier changes, {told['silence_changes']:,} of them by silence"


def _kept(told: dict[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in KEPT}

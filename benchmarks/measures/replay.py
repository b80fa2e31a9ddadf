"""`ebbtide replay` on a file of the same kind of log: every deadline at its instant, between the events."""

import asyncio
import json
import sys
import tempfile
from asyncio.subprocess import PIPE
from pathlib import Path

from benchmarks.report import Finding, Line, at_least
from benchmarks.run import Run
from benchmarks.shop import Shop, values

WANTED = 0.7  # of the worker's rate


async def measure(run: Run) -> Finding:
    """The command as it is, a process of its own; its own clock counts reading and sorting the file, too."""
    shop = Shop(run.plan.customers, run.plan.days_between)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "log.jsonl")
        await asyncio.to_thread(file.write_bytes, b"\n".join(values(shop.draw(run.plan.replayed))))
        command = [sys.executable, "-m", "ebbtide", "replay", str(file), "--json"]
        replaying = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
        out_text, said = await replaying.communicate()
    if replaying.returncode:
        raise RuntimeError(f"replay ended with {replaying.returncode}: {said.decode()[-2000:]}")
    told = json.loads(out_text)
    rate = float(told["events_per_s"])
    ratio = rate / run.figure("worker", "events_per_s")
    share = told["tier_changes"] / told["consumed"]
    of = f"{told['consumed']:,} events, {share:.1%} tier changes, {told['silence_changes']:,} by silence; reading the file included"
    return Finding(
        [
            Line("rate", f"{rate:,.0f} events/s", of),
            Line("to the worker", f"{ratio:.2f}", "of its rate", at_least(ratio, WANTED)),
        ],
        {name: told[name] for name in ("consumed", "elapsed_s", "events_per_s", "tier_changes", "silence_changes")}
        | {"to_worker": ratio},
    )

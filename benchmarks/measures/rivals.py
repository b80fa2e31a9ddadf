"""Other stream processors on the same log; what each of them does and does not do stands in benchmarks/rivals."""

from benchmarks.report import Finding, Line, Target
from benchmarks.rivals.rival import Rival
from benchmarks.rivals.run import run_rivals
from benchmarks.run import Run


async def measure(run: Run) -> Finding:
    """Over the same events as the worker, which should be ahead of each. They expect the log and nothing behind it."""
    log, ours = await run.log(), run.figure("worker", "events_per_s")
    found = await run_rivals(run.site, run.plan.history, log.events)
    return Finding([_line(rival, ours) for rival in found], {"found": [rival._asdict() for rival in found]})


def _line(rival: Rival, ours: float) -> Line:
    if rival.events_per_s is None:
        return Line(rival.name, "-", f"left out: {rival.note}")
    ahead = Target(f"worker ahead, {ours / rival.events_per_s:.2f} times", ours > rival.events_per_s)
    cpu = f"CPU for 10⁶ events {rival.cpu_s_per_million:.1f} s, the broker's {rival.broker_cpu_s_per_million:.1f} s"
    equal = {True: "yes", False: "NO", None: "not looked at"}[rival.facts_equal]
    of = f"{rival.work}; {cpu}; facts equal: {equal}; {rival.note}"
    return Line(rival.name, f"{rival.events_per_s:,.0f} events/s", of, ahead)

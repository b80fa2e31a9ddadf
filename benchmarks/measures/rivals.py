"""Other stream processors on the same log; what each of them does and does not do stands in benchmarks/rivals."""

from benchmarks.backlog import Backlog, behind, between, work_off
from benchmarks.report import Finding, Line, Target
from benchmarks.rivals.rival import Rival
from benchmarks.rivals.run import run_rivals
from benchmarks.run import Run, say


async def measure(run: Run) -> Finding:
    """Over the same events as the worker, which should be ahead of each. They expect the log and nothing behind it.

    The worker runs before them and after them, since a machine's own speed moves: its slower run is held against theirs.
    """
    log = await run.log()
    found = await run_rivals(run.site, run.plan.history, log.events)
    say("  the worker again")
    after = await _worker_again(run, log.events)
    ours = min(run.figure("worker", "events_per_s"), after.events_per_s)
    cpu = " / ".join(f"{us:.1f}" for us in (after.worker_us, after.redis_us, after.broker_us))
    again = Line("the worker again", f"{after.events_per_s:,.0f} events/s", f"CPU for 10⁶ events {cpu} s")
    lines = [*(_line(rival, ours) for rival in found), again]
    return Finding(lines, {"found": [rival._asdict() for rival in found], "worker_again": after._asdict()})


async def _worker_again(run: Run, events: int) -> Backlog:
    """On the same log, from the beginning."""
    site = run.site._replace(namespace="again")
    looks = await work_off(site, events)
    site.forget()
    return between(behind(looks, run.plan.history))


def _line(rival: Rival, ours: float) -> Line:
    if rival.events_per_s is None:
        return Line(rival.name, "-", f"left out: {rival.note}")
    ahead = Target(f"worker ahead, {ours / rival.events_per_s:.2f} times", ours > rival.events_per_s)
    cpu = f"CPU for 10⁶ events {rival.cpu_s_per_million:.1f} s, the broker's {rival.broker_cpu_s_per_million:.1f} s"
    equal = {True: "yes", False: "NO", None: "not looked at"}[rival.facts_equal]
    of = f"{rival.work}; {cpu}; facts equal: {equal}; {rival.note}"
    return Line(rival.name, f"{rival.events_per_s:,.0f} events/s", of, ahead)

"""One worker end to end: a process of its own on a backlog, everything on."""

from pathlib import Path

from benchmarks.backlog import Backlog, behind, between, work_off
from benchmarks.report import Finding, Line, at_least
from benchmarks.run import Run, say
from benchmarks.shop import Shop
from benchmarks.site import Site, produce
from streams.config import DRIFT_ALERTS, ORDERS, TIER_CHANGES

WANTED_PER_S = 100_000


async def measure(run: Run) -> Finding:
    """The rate behind the history, CPU and bytes an event."""
    await _warm_the_servers(run)
    log = await run.log()
    looks = await work_off(run.site, log.events)
    worked, whole = between(behind(looks, run.plan.history)), between(looks)
    stored = {topic: stored_bytes(run.site, topic) for topic in (ORDERS, TIER_CHANGES, DRIFT_ALERTS)}
    a_million = (worked.worker_us, worked.redis_us, worked.broker_us)
    lines = [
        Line("rate", f"{worked.events_per_s:,.0f} events/s", _mix(worked), at_least(worked.events_per_s, WANTED_PER_S)),
        Line("CPU for 10⁶ events", " / ".join(f"{s:.1f}" for s in a_million) + " s", "worker / Redis / broker"),
        Line(
            "the history, too",
            f"{whole.events_per_s:,.0f} events/s",
            f"{whole.events:,}; {whole.changes:.1%} of them changed a tier: customers are new",
        ),
        Line("Redis network", f"{worked.redis_in:.0f} / {worked.redis_out:.0f} bytes", "an event, to Redis / back"),
        Line("resident memory", f"{worked.resident_bytes / 1e6:,.0f} MB", "of the worker, at most"),
    ]
    if stored[ORDERS]:
        told = (stored[TIER_CHANGES] + stored[DRIFT_ALERTS]) / log.events
        value = f"{stored[ORDERS] / log.events:.0f} / {told:.0f} bytes"
        lines.append(Line("Kafka's log", value, "an event, in / told; uncompressed, one copy"))
    figures = worked._asdict() | {
        "stored": {topic: size / log.events for topic, size in stored.items()},
        "whole": whole._asdict(),
        "whole_per_s": whole.events_per_s,
    }
    return Finding(lines, figures)


async def _warm_the_servers(run: Run) -> None:
    """Another worker on another log: a broker's first seconds cost several times what later ones do."""
    say("  a first worker, for servers that just started")
    site, events = await run.site.apart("warm-up"), run.plan.history
    await produce(site, Shop(run.plan.customers, run.plan.days_between).draw(events))
    await work_off(site, events)
    site.forget()


def stored_bytes(site: Site, topic: str) -> int:
    """What a topic takes on the broker's disk; 0 where the broker keeps it in memory."""
    data = Path(f"/proc/{site.broker_pid}/cwd/data")
    return sum(file.stat().st_size for file in data.glob(f"{site.topics.full(topic)}-*/*.log"))


def _mix(worked: Backlog) -> str:
    return (
        f"{worked.events:,}; {worked.changes:.1%} of them changed a tier, "
        f"{worked.silences:.1%} were followed by a change by silence"
    )

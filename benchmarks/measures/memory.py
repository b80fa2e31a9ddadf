"""Whether queues are bounded: the worker's memory while it works off a long backlog."""

from benchmarks.backlog import behind, between, work_off
from benchmarks.report import Finding, Line, Target
from benchmarks.run import Run, say
from benchmarks.shop import Shop
from benchmarks.site import produce

AT_ONCE = 500_000
CUSTOMERS = 500_000
SETTLED = 0.2  # of the backlog: by then every buffer was full once
WITHIN = 0.15


async def measure(run: Run) -> Finding:
    """Resident memory after a fifth of it, and the most after that."""
    site, shop = await run.site.apart("queued"), Shop(CUSTOMERS, run.plan.days_between)
    total = run.plan.queued
    say(f"  a backlog of {total:,} events onto the broker")
    for first in range(0, total, AT_ONCE):
        await produce(site, shop.draw(min(AT_ONCE, total - first)))
    looks = await work_off(site, total)
    worked = between(looks)
    site.forget()
    settled = behind(looks, SETTLED * total)
    grew = max(look.resident for look in settled) / settled[0].resident - 1
    at = {f"{share:.0%}": behind(looks, share * total)[0].resident for share in (0.0, SETTLED, 0.5, 1.0)}
    said = ", ".join(f"{resident / 1e6:,.0f} MB at {share}" for share, resident in at.items())
    return Finding(
        [
            Line("grew after a fifth", f"{grew:+.1%}", said, Target(f"≤ {WITHIN:.0%}", grew <= WITHIN)),
            Line("rate", f"{worked.events_per_s:,.0f} events/s", f"{worked.events:,} events"),
        ],
        {"grew": grew, "resident": at, "events": total, "events_per_s": worked.events_per_s},
    )

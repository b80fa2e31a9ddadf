"""Whether it matters how many customers there are: the same worker on states of very different size.

A ledger has ten rows on average while it is measured, whatever the size: where a customer gets more of the events, it begins
with fewer orders. Every customer buys at the same mean pace, so time goes slower the more there are. Few customers get fewer
events; resident memory, which grows until buffers are full, is compared among those that got as many.
"""

from collections.abc import Sequence

from benchmarks.backlog import Backlog, between, work_off
from benchmarks.filling import fill
from benchmarks.report import Finding, Line, Target
from benchmarks.run import Largest, Run, say
from benchmarks.shop import Shop
from benchmarks.site import produce

ROWS = 10  # of a ledger, on average
WITHIN = 0.15


async def measure(run: Run) -> Finding:
    """The largest state stays for `restart`; the others are forgotten."""
    found: dict[int, Backlog] = {}
    as_long: list[int] = []  # resident bytes
    for customers in run.plan.states:
        say(f"  {customers:,} customers")
        site, shop = await run.site.apart(f"of-{customers}"), Shop(customers, run.plan.days_between)
        events = min(run.plan.state_events, (ROWS - 2) * 2 * customers)
        await fill(site, shop, customers, ROWS - round(events / (2 * customers)))
        await produce(site, shop.draw(events))
        found[customers] = between(await work_off(site, events))
        if events == run.plan.state_events:
            as_long.append(found[customers].resident_bytes)
        if customers == max(run.plan.states):
            run.largest = Largest(site, shop, events)
        else:
            site.forget()
    lines = [
        Line(
            f"{customers:,} customers",
            f"{worked.events_per_s:,.0f} events/s",
            f"CPU for 10⁶ events {worked.worker_us:.1f} + {worked.redis_us:.1f} s, worker + Redis; "
            f"{worked.changes:.1%} changes; {worked.resident_bytes / 1e6:,.0f} MB resident",
        )
        for customers, worked in found.items()
    ]
    spread = {
        "rate": _least_to_most([one.events_per_s for one in found.values()]),
        "cpu": _least_to_most([one.worker_us + one.redis_us for one in found.values()]),
        "resident": _least_to_most(as_long),
    }
    for name, relative in spread.items():
        lines.append(
            Line(f"least to most: {name}", f"{relative:+.1%}", "", Target(f"≤ {WITHIN:.0%}", relative <= WITHIN))
        )
    return Finding(lines, {"by_customers": {c: worked._asdict() for c, worked in found.items()}, "spread": spread})


def _least_to_most(figures: Sequence[float]) -> float:
    """By how much the largest of all sizes is more than the smallest."""
    return max(figures) / min(figures) - 1

"""Whether queues are bounded: the worker's memory while it works off a long backlog."""

import asyncio
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.backlog import behind, between, work_off
from benchmarks.report import Finding, Line, Target
from benchmarks.run import Run, say
from benchmarks.shop import Shop, Told
from benchmarks.site import Site, produce

AT_ONCE = 500_000
CUSTOMERS = 500_000
HANDS = 2  # processes that write the backlog: one takes half a minute for 5,000,000 events
SETTLED = 0.2  # of the backlog: by then every buffer was full once
WITHIN = 0.15


async def measure(run: Run) -> Finding:
    """Resident memory after a fifth of it, and the most after that."""
    site, shop = await run.site.apart("queued"), Shop(CUSTOMERS, run.plan.days_between)
    total = run.plan.queued
    say(f"  a backlog of {total:,} events onto the broker")
    await _lay(site, shop, total)
    say("  and off it")
    looks = await work_off(site, total)
    worked = between(looks)
    site.forget()
    settled = behind(looks, SETTLED * total)
    grew = max(look.resident for look in settled) / settled[0].resident - 1
    at = {f"{share:.0%}": behind(looks, share * total)[0].resident for share in (0.0, SETTLED, 0.5, 1.0)}
    said = ", ".join(f"{resident / 1e6:,.0f} MB at {share}" for share, resident in at.items())
    return Finding(
        [
            Line(
                "resident memory",
                f"{worked.resident_bytes / 1e6:,.0f} MB",
                f"of the worker, at most, behind {total:,} events",
            ),
            Line("grew after a fifth", f"{grew:+.1%}", said, Target(f"≤ {WITHIN:.0%}", grew <= WITHIN)),
            Line("rate", f"{worked.events_per_s:,.0f} events/s", f"{worked.events:,} events"),
        ],
        {
            "grew": grew,
            "resident": at,
            "resident_bytes": worked.resident_bytes,
            "events": total,
            "events_per_s": worked.events_per_s,
        },
    )


async def _lay(site: Site, shop: Shop, total: int) -> None:
    """The backlog onto the broker. A customer's events are one hand's, so they keep their order; the next are drawn meanwhile."""
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(HANDS, get_context("spawn")) as hands:
        laid: asyncio.Future[list[None]] = asyncio.gather()
        for first in range(0, total, AT_ONCE):
            told = shop.draw(min(AT_ONCE, total - first))
            await laid
            shares = [Told(*(column[told.customer % HANDS == hand] for column in told)) for hand in range(HANDS)]
            laid = asyncio.gather(*(loop.run_in_executor(hands, _put, site, share) for share in shares))
        await laid


def _put(site: Site, told: Told) -> None:
    """In a process of its own."""
    asyncio.run(produce(site, told))

"""`python -m benchmarks.rivals`: the rivals alone, beside one worker on the same log."""

import argparse
import asyncio
import os

from rich.console import Console
from rich.table import Table

from benchmarks.backlog import behind, between, work_off
from benchmarks.rivals.rival import Rival
from benchmarks.rivals.run import run_rivals
from benchmarks.shop import Shop
from benchmarks.site import Site, open_site, produce
from ebbtide.warm import warm_kernel

CUSTOMERS, DAYS_BETWEEN = 60_000, 12.0  # as in `make bench`
HISTORY = 300_000


async def measure(site: Site, events: int) -> list[Rival]:
    """The worker, then the others."""
    shop = Shop(CUSTOMERS, DAYS_BETWEEN)
    await produce(site, shop.draw(HISTORY))
    await produce(site, shop.draw(events))
    found = between(behind(await work_off(site, HISTORY + events), HISTORY))
    ours = Rival(
        "Ebbtide, one worker",
        "everything",
        found.events_per_s,
        found.worker_us,
        found.broker_us,
        None,
        f"and {found.redis_us:.1f} s of Redis",
    )
    return [ours, *await run_rivals(site, HISTORY, HISTORY + events)]


def as_table(rivals: list[Rival]) -> Table:
    """One line each."""
    table = Table(title=f"After {HISTORY:,} events of history; load before: {os.getloadavg()[0]:.1f}")
    for heading in ("", "does", "events/s", "CPU s for 10⁶", "broker's", "facts equal", "note"):
        table.add_column(heading)
    for name, work, rate, cpu, broker_cpu, equal, note in rivals:
        figures = [
            f"{figure:{form}}" if figure is not None else ""
            for figure, form in ((rate, ",.0f"), (cpu, ".1f"), (broker_cpu, ".1f"))
        ]
        table.add_row(name, work, *figures, {True: "yes", False: "no", None: ""}[equal], note)
    return table


def main() -> None:
    """Run, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rivals", description=__doc__)
    parser.add_argument("--events", type=int, default=600_000, help="after the history")
    options = parser.parse_args()
    warm_kernel()
    with open_site() as site, asyncio.Runner() as runner:
        found = runner.run(measure(site, options.events))
    Console(width=160).print(as_table(found))


if __name__ == "__main__":
    main()

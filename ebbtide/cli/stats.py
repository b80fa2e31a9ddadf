"""`ebbtide stats`: counters that reconcile."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from ebbtide.cli.console import print_json, quiet_libraries, say, stdout
from ebbtide.settings import Settings, load_settings

if TYPE_CHECKING:
    from state.store import Head

Summary = dict[str, Any]
DEAD = "dead."
COUNTED = (
    "consumed",
    "applied",
    "duplicate",
    "conflict",
    "tier_changes",
    "silence_changes",
    "forwarded",
    "misrouted",
    "folded",
    "folded_orphans",
)


def stats(json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False) -> None:
    """What was consumed and what became of it, since the state began.

    consumed = applied + duplicate + dead, always.

    Example: ebbtide stats --json
    """
    quiet_libraries()
    summary = asyncio.run(_summary(load_settings()))
    if json:
        print_json(summary)
    else:
        stdout.print(summary_table(summary))


def summarize(heads: Iterable["Head"], customers: int) -> Summary:
    """The heads' counters summed up, in the words of the contract."""
    totals: dict[str, int] = {}
    for head in heads:
        for name, count in head.counters.items():
            totals[name] = totals.get(name, 0) + count
    dead = {name.removeprefix(DEAD): count for name, count in sorted(totals.items()) if name.startswith(DEAD)}
    counted = {name: totals.get(name, 0) for name in COUNTED}
    return counted | {"dead": dead, "customers": customers, "drift_alerts": totals.get("drift_alerts", 0)}


def reconciles(summary: Mapping[str, Any]) -> bool:
    """Nothing vanished."""
    told = summary["applied"] + summary["duplicate"] + sum(summary["dead"].values())
    return bool(summary["consumed"] == told)


async def _summary(settings: Settings) -> Summary:
    from ebbtide.wiring import connect_store, topics_of
    from streams.broker.lag import extents, lag
    from streams.errors import StreamsError

    store = await connect_store(settings)
    try:
        heads = await store.heads()
        summary = summarize(heads.values(), await store.customers())
    finally:
        await store.close()
    behind = None
    if settings.kafka is not None:
        try:
            behind = lag(await extents(settings.kafka, topics_of(settings)), heads)
        except StreamsError as error:
            say(f"lag unknown: {error}")
    # a state has no beginning in time: what ran for a while (demo, replay) tells how long and how fast
    return summary | {"lag": behind, "elapsed_s": None, "events_per_s": None}


def summary_table(summary: Summary) -> Table:
    """The same for a person."""
    table = Table(box=None, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in summary.items():
        if isinstance(value, dict):
            table.add_row(name.replace("_", " "), f"{sum(value.values()):,}")
            for reason, count in value.items():
                table.add_row(f"  {reason}", f"{count:,}")
        elif value is not None:
            table.add_row(name.replace("_", " "), f"{value:,}")
    return table

"""`ebbtide stats`: counters that reconcile."""

import asyncio
import time
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
ALERTS = "drift_alerts"
ALERT_KINDS = ("warned", "raised", "cleared")
WATCHED_S = 0.5  # between two looks
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
    ALERTS,
    "drift_withheld",
)


def stats(json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False) -> None:
    """What was consumed and what became of it, since the state began.

    consumed = applied + duplicate + dead, always. It looks twice: elapsed_s is the time between, events_per_s what was
    consumed in it, and every other number is the second look's.

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
    alerts = {f"drift_{kind}": totals.get(f"{ALERTS}.{kind}", 0) for kind in ALERT_KINDS}
    return counted | alerts | {"dead": dead, "customers": customers}


def reconciles(summary: Mapping[str, Any]) -> bool:
    """Nothing vanished."""
    told = summary["applied"] + summary["duplicate"] + sum(summary["dead"].values())
    return bool(summary["consumed"] == told)


async def _summary(settings: Settings) -> Summary:
    from ebbtide.wiring import connect_store

    store = await connect_store(settings)
    try:
        before, started = summarize((await store.heads()).values(), 0), time.perf_counter()
        await asyncio.sleep(WATCHED_S)
        heads, elapsed_s = await store.heads(), time.perf_counter() - started
        summary = summarize(heads.values(), await store.customers())
    finally:
        await store.close()
    consumed = max(0, summary["consumed"] - before["consumed"])  # Redis may have come back older meanwhile
    return summary | {
        "lag": await _lag(settings, heads),
        "elapsed_s": round(elapsed_s, 3),
        "events_per_s": round(consumed / elapsed_s, 1),
    }


async def _lag(settings: Settings, heads: "Mapping[int, Head]") -> int | None:
    from ebbtide.wiring import topics_of
    from streams.broker.lag import extents, lag
    from streams.errors import StreamsError

    if settings.kafka is None:
        return None
    try:
        return lag(await extents(settings.kafka, topics_of(settings)), heads)
    except StreamsError as error:
        say(f"lag unknown: {error}")
        return None


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

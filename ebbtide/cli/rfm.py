"""`ebbtide rfm`: recency, frequency and monetary in fifths, and the segments they make."""

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ebbtide.cli.console import end_without, print_json, stdout
from ebbtide.cli.files import From, Maps, open_sources, read_sorted, settings_for
from ebbtide.errors import EbbtideError
from ebbtide.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from ebbtide.rfm import Group, Told
    from scoring.terms import Model
    from state.store import Store
    from streams.config import Scoring
    from streams.history.reading import History

NEVER = "-"


def rfm(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE...]", help="A history; without one the live state.")
    ] = None,
    adapter: From = None,
    maps: Maps = None,
    window: Annotated[
        float | None,
        typer.Option(
            "--window", metavar="DAYS", min=0.001, max=36500, help="Orders of the last so many days; else all."
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="As of this time (RFC 3339); a history ends there.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, all cells in it.")] = False,
) -> None:
    """How recent, how often and how much customers buy, each in fifths from 1 to 5, and the segments: champions, at risk, ...

    Example: ebbtide rfm --window 365
    """
    from ebbtide.cli.time_option import time_us
    from ebbtide.segments_file import read_segments

    at_us = time_us(at)
    sources = open_sources(files, adapter, maps) if files else []
    settings = settings_for(sources) if files else load_settings()
    read_segments(settings.segments)  # what is wrong in it is told before minutes of work
    history = None
    if files:
        from ebbtide.warm import warm_kernel
        from ebbtide.wiring import decode_rules

        warm_kernel()
        history = read_sorted(sources, decode_rules(settings))
    damaged: list[str] = []
    answer = asyncio.run(_answer(settings, history, at_us, window, damaged))
    if json:
        print_json(answer)
    else:
        _show(answer)
    end_without(damaged)


async def _answer(
    settings: Settings, history: "History | None", at_us: int | None, window: float | None, damaged: list[str]
) -> dict[str, Any]:
    from ebbtide.rfm import population_of, tell
    from ebbtide.segments_file import read_segments
    from streams.events.text import time_text

    async with _state(settings, history, at_us) as (store, scoring, as_of_us, model):
        free = scoring.limits.count_free_orders
        population = await population_of(store, as_of_us, window, free, model, damaged)
    if not population.ids:
        raise EbbtideError(
            "There are no customers yet. Are there workers, and do events arrive? ebbtide stats"
            if history is None
            else "No event of the files is in time and fit to be taken: ebbtide replay says what was refused, and why."
        )
    told = tell(population, read_segments(settings.segments))
    frame = {"as_of": time_text(as_of_us), "window_days": window, "currency": scoring.currency}
    return frame | {"customers": sum(group.customers for group in told.by_cell)} | _lines(told, scoring.currency)


@asynccontextmanager
async def _state(
    settings: Settings, history: "History | None", at_us: int | None
) -> "AsyncIterator[tuple[Store, Scoring, int, Model]]":
    """A replayed history's state or the live one, the instant to look at, and the model in force then."""
    from ebbtide.cli.past import replayed
    from ebbtide.everyone import now_of
    from ebbtide.wiring import connect_store, scoring_of
    from streams.versions import newest, versions_of

    if history is not None:
        async with replayed(settings, history, at_us) as past:
            heads = (await past.store.heads()).values()
            version = versions_of(newest(heads), past.scoring.first).at(past.end_us)
            yield past.store, past.scoring, past.end_us, version.terms.model
        return
    scoring = scoring_of(settings)
    store = await connect_store(settings)
    try:
        now = await now_of(store, settings, scoring)
        yield store, scoring, now.at_us if at_us is None else at_us, now.version.terms.model
    finally:
        await store.close()


def _lines(told: "Told", currency: str) -> dict[str, Any]:
    from streams.events.currency import decimals_of
    from streams.events.text import money_text

    decimals = decimals_of(currency)

    def line(group: "Group") -> dict[str, Any]:
        return {
            "segment": group.name,
            "customers": group.customers,
            "value": money_text(round(group.value), decimals),
            "monetary": money_text(group.monetary, decimals),
            "mean_recency_days": round(group.recency_days, 1),
            "mean_orders": round(group.orders, 4),
        }

    return {
        "boundaries": {
            "recency_days": told.cells.recency_days.tolist(),
            "orders": told.cells.orders.tolist(),
            "monetary": [money_text(end, decimals) for end in told.cells.monetary.tolist()],
        },
        "segments": [line(group) for group in told.by_segment],
        "cells": [{"cell": "-".join(map(str, group.cell))} | line(group) for group in told.by_cell],
    }


def _show(answer: dict[str, Any]) -> None:
    from rich.table import Table

    span = "all orders" if answer["window_days"] is None else f"orders of {answer['window_days']:g} days"
    currency = answer["currency"]
    bounds = answer["boundaries"]
    grid = Table(
        box=None,
        title=f"{answer['customers']:,} customers, {span}, as of {answer['as_of']}: how many, and expected profit ({currency})",
        title_justify="left",
    )
    grid.add_column("days since, orders")
    for name in _spans(bounds["orders"]):
        grid.add_column(name, justify="right")
    recencies = list(reversed(_spans(bounds["recency_days"], best_first=True)))
    for recency in range(5, 0, -1):
        cells = [_sum(answer["cells"], recency, frequency) for frequency in range(1, 6)]
        grid.add_row(recencies[recency - 1], *(f"{n:,}\n{value:,.0f}" if n else NEVER for n, value in cells))
    stdout.print(grid, markup=False)
    stdout.print()
    segments = Table(box=None, title="segments", title_justify="left")
    heads = ("segment", "customers", "share", "expected profit", "brought", "days since", "orders")
    for name in heads:
        segments.add_column(name, justify="left" if name == "segment" else "right")
    for line in answer["segments"]:
        segments.add_row(
            line["segment"].replace("_", " "),
            f"{line['customers']:,}",
            f"{line['customers'] / max(1, answer['customers']):.1%}",
            f"{float(line['value']):,.0f}",
            f"{float(line['monetary']):,.0f}",
            *((f"{line['mean_recency_days']:,.0f}", f"{line['mean_orders']:.1f}") if line["customers"] else ("", "")),
        )
    stdout.print(segments, markup=False)


def _sum(cells: "Sequence[dict[str, Any]]", recency: int, frequency: int) -> tuple[int, float]:
    """Customers and value of a recency and a frequency, over all of monetary."""
    there = [cell for cell in cells if cell["cell"].startswith(f"{recency}-{frequency}-")]
    return sum(cell["customers"] for cell in there), sum(float(cell["value"]) for cell in there)


def _spans(ends: "Sequence[int]", *, best_first: bool = False) -> list[str]:
    """What each fifth holds, from 1 to 5: `3: 2 to 4`; a fifth that equal values left empty holds nothing."""
    names = [5 - i if best_first else 1 + i for i in range(5)]
    lows = [0 if best_first else 1, *(end + 1 for end in ends)]
    texts = []
    for name, low, end in zip(names, lows, [*ends, None], strict=True):
        if end is None:
            texts.append(f"{name}: {low}+")
        elif end < low:
            texts.append(f"{name}: {NEVER}")
        else:
            texts.append(f"{name}: {low}" if end == low else f"{name}: {low} to {end}")
    return texts

"""`ebbtide forecast FILE...`: the 2008 forecast, three periods ahead of every customer, beside what each period brought."""

import csv
import io
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ebbtide.cli.console import print_json, say, stdout
from ebbtide.cli.files import (
    Files,
    From,
    Maps,
    open_sources,
    read_everyone,
    settings_for,
    written,
)

if TYPE_CHECKING:
    from ebbtide.forecasting.making import Made
    from ebbtide.settings import Settings
    from scoring.layout import Ints
    from streams.config import Scoring

SHOWN = 10  # customers in the table
PERIODS = 4  # of the history in the table; --json and --csv have all


class Unit(StrEnum):
    """In the order of scoring.synlead.period_names.Period."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Ahead(StrEnum):
    """In the order of scoring.synlead.ahead.Way."""

    ROLL = "roll"
    HOLD = "hold"
    FROZEN = "frozen"


def forecast(
    files: Files,
    adapter: From = None,
    maps: Maps = None,
    period: Annotated[Unit, typer.Option(help="What is foretold at a time.")] = Unit.MONTH,
    ahead: Annotated[
        Ahead,
        typer.Option(
            help="roll: a forecast is taken for what happened. hold: nothing happens. frozen: all as the first."
        ),
    ] = Ahead.ROLL,
    truncated: Annotated[
        bool, typer.Option("--truncated", help="Fit frequency zero-truncated, each customer's first period included.")
    ] = False,
    means: Annotated[
        bool, typer.Option("--means", help="Fit amounts to each customer's mean only, not to every period.")
    ] = False,
    top: Annotated[int | None, typer.Option(metavar="N", min=1, help="The N of the highest forecast only.")] = None,
    json: Annotated[
        bool, typer.Option("--json", help="JSON lines on stdout: the model, then a customer each.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--csv", metavar="OUT", help="Every period of every customer.")] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Publish the model as a version: it tiers from then on.")
    ] = False,
) -> None:
    """Forecast each customer's next three periods by the 2008 model (synlead), beside the value of the periods so far.

    It is a score, not an expected amount, and ranks backwards in places: it reports. Values and tiers come from `fit`.

    Example: ebbtide forecast orders.jsonl --period quarter --top 20
    """
    from ebbtide.forecasting.making import make
    from ebbtide.forecasting.telling import ranked
    from scoring.synlead.ahead import Way
    from scoring.synlead.period_names import Period

    sources = open_sources(files, adapter, maps)
    settings = settings_for(sources)
    if save:
        settings.need_kafka()
        settings.need_redis()
    everyone, scoring = read_everyone(settings, sources)
    made = make(
        everyone, Period(list(Unit).index(period)), Way(list(Ahead).index(ahead)), truncated=truncated, means_only=means
    )
    places = ranked(made, top)
    if out:
        _write(out, made, places, settings.currency)
    if json:
        _print_lines(made, places, settings.currency)
    else:
        _show(made, places[: top or SHOWN], settings.currency)
    if save:
        _save(settings, scoring, made)


def _write(out: Path, made: "Made", places: "Ints", currency: str) -> None:
    from ebbtide.forecasting.telling import HEADS, csv_rows

    with written(out) as file:
        text = io.TextIOWrapper(file, "utf-8", newline="")
        rows = csv.writer(text)
        rows.writerow(HEADS)
        rows.writerows(csv_rows(made, places, currency))
        text.detach()
    say(f"{len(places):,} customers written to {out}")


def _print_lines(made: "Made", places: "Ints", currency: str) -> None:
    from ebbtide.forecasting.telling import customer_lines, model_line

    print_json(model_line(made, currency))
    for line in customer_lines(made, places, currency):
        print_json(line)


def _show(made: "Made", places: "Ints", currency: str) -> None:
    from rich.table import Table

    from ebbtide.forecasting.telling import customer_lines, model_line
    from scoring.synlead.period_names import period_name

    told = model_line(made, currency)
    stdout.print(
        f"{told['customers']:,} customers as of {told['as_of']}, by {told['period']}, {told['ahead']}; {currency}",
        markup=False,
    )
    parameters = Table("parameter", "value", "standard error", box=None)
    for name, number in told["parameters"].items():
        error = told["standard_errors"][name]
        parameters.add_row(
            f"{name}, minor units" if name == "k" else name, f"{number:,.4f}", "-" if error is None else f"{error:,.4f}"
        )
    stdout.print(parameters)
    for note in told["notes"]:
        stdout.print(f"note: {note}", markup=False)
    stdout.print()
    past = [period_name(made.last - i, made.period) for i in reversed(range(PERIODS - 1))]
    past.append(period_name(made.last + 1, made.period))  # the running one
    table = Table(box=None, title="what each period left, then the forecast of three", title_justify="left")
    table.add_column("customer")
    for name in (*past[:-1], f"{past[-1]}, so far", "empty", "from", "first", "second", "third", "sum"):
        table.add_column(name, justify="right")
    for line in customer_lines(made, places, currency):
        values = {period["period"]: period["value"] for period in line["history"]}
        steps = line["ahead"]
        table.add_row(
            line["customer_id"],
            *(values.get(name, "-") for name in past),
            str(line["empty_periods"]),
            steps[0]["period"],
            *(step["value"] for step in steps),
            line["forecast"],
        )
    stdout.print(table, markup=False)


def _save(settings: "Settings", scoring: "Scoring", made: "Made") -> None:
    import asyncio

    from ebbtide.fitting.saving import AHEAD_US, in_force, move, publish, version_of
    from streams.events.text import time_text

    now = asyncio.run(in_force(settings))
    until_us = made.everyone.until_us
    moved = move(made.everyone, until_us, now.version, made.model, scoring)
    say(f"{moved.changed:,} of {moved.customers:,} customers would change tier")
    from_us = now.at_us + AHEAD_US
    version = version_of("synlead", made.model, moved.rules, now.at_us, from_us, scoring)
    copies = asyncio.run(publish(settings, version, moved, until_us))
    say(f"saved as {version.id}: told to {copies} partitions, in force from {time_text(from_us)}")

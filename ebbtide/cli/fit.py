"""`ebbtide fit`: a value model fitted to a history or to the live state, held against what came, and made a version."""

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ebbtide.cli.console import print_json, say, stderr, stdout
from ebbtide.cli.files import From, Maps, open_sources, read_everyone, settings_for
from ebbtide.errors import EbbtideError, WrongUsage
from ebbtide.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ebbtide.fitting.holdout import Say
    from ebbtide.fitting.reading import Everyone
    from ebbtide.fitting.saving import InForce
    from ebbtide.fitting.telling import Found
    from ebbtide.report.page import Table
    from scoring.layout import Family
    from streams.config import Scoring
    from streams.history.sources.source import Source


class Name(StrEnum):
    """Families with a process; in the order of scoring.layout.Family."""

    MBG = "mbg-gg"
    BG = "bg-gg"
    PARETO = "pareto-gg"


def fit(
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE...]", help="A history; or --live.")] = None,
    live: Annotated[bool, typer.Option("--live", help="The ledgers in Redis, while the workers go on.")] = False,
    adapter: From = None,
    maps: Maps = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="TIME", help="Nothing later counts (RFC 3339); else up to the end.")
    ] = None,
    holdout: Annotated[
        float | None,
        typer.Option(metavar="DAYS", min=0, help="The last so many days are held back; 0: none; else a quarter."),
    ] = None,
    model: Annotated[Name, typer.Option(help="How purchases come and end.")] = Name.MBG,
    horizon: Annotated[float, typer.Option(metavar="DAYS", min=1, max=36_500, help="How far value looks ahead.")] = 365,
    discount: Annotated[float, typer.Option(metavar="R", min=0, max=10, help="Continuous rate a year.")] = 0,
    save: Annotated[bool, typer.Option("--save", help="Publish the model as a version that workers take.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Save although it foretold the holdout worse, chance aside.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="The same as a page with plots.")] = None,
) -> None:
    """Fit a value model, and say how well it foretold the days held back, beside rules of thumb and the other models.

    Example: ebbtide fit orders.csv --map amount=total --holdout 90 --html fit.html
    """
    from ebbtide.cli.time_option import time_us
    from ebbtide.fitting import page
    from ebbtide.fitting.telling import told
    from scoring.layout import Family

    if live == bool(files):
        raise WrongUsage("Name files, or --live for the ledgers in Redis: one of the two.")
    until_us = time_us(as_of, "--as-of")
    sources = open_sources(files or (), adapter, maps)
    settings = settings_for(sources) if files else load_settings()
    if save:
        settings.need_kafka()
        settings.need_redis()
    family = Family(list(Name).index(model))
    with stderr.status("starting") as status:
        if live:
            everyone, scoring = asyncio.run(_read_live(settings, until_us, status.update))
        else:
            status.stop()
            everyone, scoring = _read_files(settings, sources, until_us)
            status.start()
        found, now = _found(settings, everyone, scoring, family, (horizon, discount), holdout, save, status.update)
    if html:
        page.write(html, found)
    if json:
        print_json(told(found))
    else:
        _show(found)
    if save and now:
        _save(settings, scoring, found, now, force)


def _read_files(settings: Settings, sources: "Sequence[Source]", until_us: int | None) -> "tuple[Everyone, Scoring]":
    everyone, scoring = read_everyone(settings, sources)
    return everyone._replace(until_us=until_us or everyone.until_us), scoring


async def _read_live(settings: Settings, until_us: int | None, tell: "Say") -> "tuple[Everyone, Scoring]":
    from ebbtide.everyone import now_of
    from ebbtide.fitting.reading import read_live
    from ebbtide.wiring import connect_store, scoring_of

    scoring = scoring_of(settings)
    store = await connect_store(settings)
    try:
        now = await now_of(store, settings, scoring)
        free = scoring.limits.count_free_orders
        return await read_live(store, until_us or now.at_us, free, lambda n: tell(f"{n:,} customers read")), scoring
    finally:
        await store.close()


def _found(
    settings: Settings,
    everyone: "Everyone",
    scoring: "Scoring",
    family: "Family",
    ahead: tuple[float, float],
    holdout_days: float | None,
    save: bool,
    tell: "Say",
) -> "tuple[Found, InForce | None]":
    """1. fit to everything  2. fit to what went before the holdout and judge  3. what saving it would do."""
    from ebbtide.fitting.holdout import hold_out
    from ebbtide.fitting.saving import against, in_force, move
    from ebbtide.fitting.telling import Found
    from scoring.fitting.looking_back import fit_corrected
    from scoring.layout import DAY_US
    from streams.events.terms_records import FAMILIES

    end_us = everyone.until_us
    now = asyncio.run(in_force(settings)) if save else None
    free = everyone.count_free_orders
    whole = fit_corrected(everyone.ledgers, end_us, family, *ahead, free, tell)
    held_us = (end_us - everyone.first_us) // 4 if holdout_days is None else int(holdout_days * DAY_US)
    if held_us >= end_us - everyone.first_us:
        raise EbbtideError("The holdout is as long as the history: nothing would be left to fit to. See --holdout.")
    old = now.version.terms.model if now else None
    held = hold_out(everyone, end_us - held_us, end_us, family, old, tell) if held_us else None
    found = Found(end_us, settings.currency, whole, held)
    if now:
        found = found._replace(
            comparison=against(held, FAMILIES[family], now.version.terms.model) if held else None,
            move=move(everyone, end_us, now.version, whole.model, scoring),
        )
    return found, now


def _show(found: "Found") -> None:
    from ebbtide.fitting import tables
    from streams.events.terms_records import FAMILIES
    from streams.events.text import time_text

    name = FAMILIES[found.whole.model.family]
    _print(f"{name}, {found.whole.customers:,} customers as of {time_text(found.as_of_us)}", tables.fitted(found.whole))
    for note in found.whole.notes:
        stdout.print(f"note: {note}", markup=False)
    held = found.holdout
    if held:
        title = f"held back: {held.days:.0f} days from {time_text(held.cut_us)}, {len(held.histories.x):,} customers"
        _print(title, tables.measures(held))
        within = f"buys again within {held.asked_days:.0f} days"
        for what, chances in (
            (within, held.again),
            (f"{within}, without the correction", held.again_plain),
            (f"P(alive), beside who bought in the {held.days:.0f} days", held.alive),
        ):
            _print(f"{what}: Brier {chances.brier:.4f}, ECE {chances.ece:.4f}", tables.calibration(chances))
    if found.move:
        title = f"{found.move.changed:,} of {found.move.customers:,} customers would change tier"
        _print(title, tables.moved(found.move))
    if found.comparison:
        c = found.comparison
        stdout.print(f"score on the holdout, lower is better: in force {c.old:.5f}, this one {c.new:.5f}", markup=False)
        if c.new > c.old and not c.is_worse:
            stdout.print("the difference is no more than chance: this one counts as no worse", markup=False)


def _print(title: str, table: "Table") -> None:
    from rich.table import Table as Shown

    stdout.print(title, markup=False)
    shown = Shown(box=None)
    for number, head in enumerate(table.heads):
        shown.add_column(head, justify="right" if number >= table.numbers_from else "left")
    for row in table.rows:
        shown.add_row(*row)
    stdout.print(shown, markup=False)
    stdout.print()


def _save(settings: Settings, scoring: "Scoring", found: "Found", now: "InForce", force: bool) -> None:
    from ebbtide.fitting.saving import AHEAD_US, publish, version_of
    from streams.clock import wall_us
    from streams.events.terms_records import FAMILIES
    from streams.events.text import time_text

    if not force and found.comparison is None:
        raise EbbtideError(
            "Not saved: without a holdout nothing says whether it is better than the one in force. --force"
        )
    if not force and found.comparison and found.comparison.is_worse:
        raise EbbtideError(
            f"Not saved: it foretold the holdout worse ({found.comparison.new:.5f}) than the model in force "
            f"({found.comparison.old:.5f}), by more than chance. To take it all the same: --force"
        )
    if found.move is None:
        return
    # asked again: the fit took its time, and what is in force before it is published cannot be taken exactly
    made_us = wall_us() if settings.clock == "wall" else now.at_us
    name, from_us = FAMILIES[found.whole.model.family], made_us + AHEAD_US
    version = version_of(name, found.whole.model, found.move.rules, made_us, from_us, scoring)
    copies = asyncio.run(publish(settings, version, found.move, found.as_of_us))
    say(f"saved as {version.id}: told to {copies} partitions, in force from {time_text(from_us)}")

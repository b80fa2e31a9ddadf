"""`ebbtide customer ID`: what one customer is worth, and what happens next."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ebbtide.cli.console import end_without, print_json, stdout
from ebbtide.errors import EbbtideError, WrongUsage
from ebbtide.settings import Settings, load_settings

if TYPE_CHECKING:
    from ebbtide.everyone import Now
    from scoring.layout import Record, Records
    from state.store import Store
    from streams.config import Scoring
    from streams.versions import Versions

Line = dict[str, Any]


def customer(
    customer_id: Annotated[str, typer.Argument(metavar="ID", help="The customer's id, as in the events.")],
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="Worth at this time (RFC 3339) if nothing more happens.")
    ] = None,
    rfm: Annotated[bool, typer.Option("--rfm", help="RFM cell and segment too; reads every customer for it.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Tier, value, drift, why, what next, and the curve of the value so far.

    Example: ebbtide customer 00042 --at 2026-12-31T00:00:00Z
    """
    from ebbtide.cli.customer_view import customer_view

    damaged: list[str] | None = [] if rfm else None
    line = asyncio.run(_line(load_settings(), customer_id, at, damaged))
    if json:
        print_json(line)
    else:
        stdout.print(customer_view(line), markup=False)
    end_without(damaged or [])


async def _line(settings: Settings, customer_id: str, at: str | None, damaged: list[str] | None) -> Line:
    """`damaged`: where everybody is to be read for RFM, who was passed over."""
    from ebbtide.cli.time_option import time_us
    from ebbtide.everyone import now_of
    from ebbtide.wiring import connect_store, scoring_of, tiers_of
    from streams.events.text import time_text
    from streams.versions import newest, versions_of

    asked_us = time_us(at)
    scoring, labels = scoring_of(settings), tiers_of(settings).labels
    store = await connect_store(settings)
    try:
        blob = await store.state(customer_id.encode())
        if blob is None:
            raise EbbtideError(
                f"Customer {customer_id} is not known in namespace {settings.namespace}. "
                "Look at the spelling, or whether its events arrived: ebbtide stats"
            )
        clock_us = int(_opened(store, customer_id, blob)["clock_us"])
        if asked_us is not None and asked_us < clock_us:
            raise WrongUsage(
                f"Customer {customer_id} can be told from {time_text(clock_us)} on: up to then its events and "
                "silences are in the ledger, and nothing is known backwards."
            )
        now = await now_of(store, settings, scoring)
        if asked_us is None:  # of a stream's own time, the customer's
            asked_us = now.at_us if settings.clock == "wall" else clock_us
        versions = versions_of(newest((await store.heads()).values()), scoring.first)
        line = line_of(customer_id.encode(), blob, max(asked_us, clock_us), versions, scoring, labels)
        return line | ({} if damaged is None else await _rfm_line(store, settings, scoring, now, blob, damaged))
    finally:
        await store.close()


def _opened(store: "Store", customer_id: str, blob: bytes) -> "Record":
    from scoring.errors import LedgerCorruptError
    from scoring.hashing import bucket_of
    from scoring.ledgers import open_one
    from streams.quarantine import damaged_ledger

    try:
        return open_one(blob)[0]
    except LedgerCorruptError:
        who = customer_id.encode()
        bucket = bucket_of(who)
        raise EbbtideError(damaged_ledger(store.place(bucket), who, bucket)) from None


def line_of(
    customer_id: bytes, blob: bytes, as_of_us: int, versions: "Versions", scoring: "Scoring", labels: Mapping[str, str]
) -> Line:
    """All of one customer as it will be at `as_of_us` if nothing more happens."""
    from scoring.curve import value_curve
    from scoring.outlook import outlook
    from streams.events.lines import curve_line, keeping_line, risk_line, score_line, standing_line

    header, rows = _silent_until(blob, as_of_us, versions, scoring)
    version, currency = versions.at(as_of_us), scoring.currency
    told = outlook(header, rows, as_of_us, version.terms)
    line = score_line(customer_id, header, rows, version, as_of_us, currency)
    curve = value_curve(header, rows, as_of_us, version.terms.model, scoring.limits)
    return (
        line
        | {"label": labels.get(line["tier"])}
        | standing_line(header, rows, version, as_of_us, currency)
        | {"risk": risk_line(told, currency), "boundaries": version.boundaries}
        | keeping_line(told, currency)
        | {"curve": curve_line(curve, currency) if curve else None}
    )


def _silent_until(blob: bytes, at_us: int, versions: "Versions", scoring: "Scoring") -> "tuple[Record, Records]":
    """The ledger after its deadlines up to then have fired."""
    import numpy as np

    from scoring.layout import EVENT, Kind
    from scoring.ledgers import open_ledgers, run

    ledgers = open_ledgers([blob], np.zeros(1, np.int64))
    tick = np.zeros(1, EVENT)
    tick["kind"], tick["at_us"], tick["now_us"] = Kind.TICK, at_us, at_us
    run(ledgers, tick, versions.old.terms, versions.new.terms, scoring.limits)
    return ledgers.headers[0], ledgers.rows


async def _rfm_line(
    store: "Store", settings: Settings, scoring: "Scoring", now: "Now", blob: bytes, damaged: list[str]
) -> Line:
    """The fifths that the customer is in among all, for life, and the segment they make."""
    from ebbtide.rfm import cell_of, population_of
    from ebbtide.segments_file import read_segments
    from scoring.ledgers import open_one
    from scoring.rfm.cells import cells_of, tally

    free = scoring.limits.count_free_orders
    population = await population_of(store, now.at_us, None, free, now.version.terms.model, damaged)
    cell = cell_of(*open_one(blob), now.at_us, None, free, cells_of(tally(population.rfm)))
    return {"rfm": {"cell": "-".join(map(str, cell)), "segment": read_segments(settings.segments).of(cell)}}

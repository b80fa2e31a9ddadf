"""`ebbtide correct`: a person's word on forecast periods, for one customer or a batch."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ebbtide.cli.console import quiet_libraries, say
from ebbtide.errors import WrongUsage
from ebbtide.settings import Settings, load_settings

if TYPE_CHECKING:
    from streams.history.sources.source import Record


def correct(
    customer: Annotated[str | None, typer.Argument(metavar="[CUSTOMER]", help="Whose forecast; or --file.")] = None,
    period: Annotated[str | None, typer.Option(metavar="PERIOD", help="2027-01, 2027-Q1 or 2027.")] = None,
    margin: Annotated[str | None, typer.Option(metavar="SHARE", help="What is left after product cost: 0.3.")] = None,
    expense: Annotated[str | None, typer.Option(metavar="AMOUNT", help="Marketing expense of the period.")] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="CSV", help="A batch: columns customer_id, period, margin, expense."),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="When it was said (RFC 3339); now without it.")
    ] = None,
) -> None:
    """Correct margin or expense of a period in the 2008 forecast (synlead). Of each period the newest word holds.

    Example: ebbtide correct ada --period 2027-01 --margin 0.3
    """
    from ebbtide.cli.time_option import time_us
    from ebbtide.correcting import Correction, event_of, read_corrections
    from ebbtide.wiring import decode_rules
    from streams.clock import wall_us
    from streams.events.text import time_text

    quiet_libraries()
    if (customer is None) == (file is None):
        raise WrongUsage("Name a customer, or a batch with --file: one of the two.")
    if customer is not None and (period is None or (margin is None and expense is None)):
        raise WrongUsage("A correction needs --period, and --margin or --expense or both.")
    if file is not None and (period, margin, expense) != (None, None, None):
        raise WrongUsage("With --file, periods, margins and expenses stand in the file.")
    told_us = time_us(at)
    settings = load_settings()
    settings.need_kafka()
    rules = decode_rules(settings)
    when = time_text(wall_us() if told_us is None else told_us)
    told = (
        read_corrections(file)
        if file
        else [("the correction", Correction(customer or "", period or "", margin, expense))]
    )
    records = [event_of(where, correction, when, rules) for where, correction in told]
    if not records:
        raise WrongUsage(f"There are no corrections in {file}.")
    sent = asyncio.run(_sent(settings, records))
    say(f"{sent:,} correction{'s' if sent != 1 else ''} sent")


async def _sent(settings: Settings, records: "Sequence[Record]") -> int:
    from ebbtide.wiring import topics_of
    from streams.history.send import at_once, open_sender

    async with open_sender(settings.need_kafka(), topics_of(settings)) as sender:
        return await sender.run(at_once(records))

"""`ebbtide export`: every customer as a line."""

import asyncio
import sys
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from ebbtide.cli.console import end_without, say
from ebbtide.cli.files import written
from ebbtide.settings import Settings, load_settings


class What(StrEnum):
    """What a line holds."""

    LEDGER = "ledger"
    SCORES = "scores"


def export(
    what: Annotated[What, typer.Argument(help="ledger: the facts. scores: the facts and what they are worth.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.jsonl", help="The file to write, - for stdout.")],
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="Scores as of this time (RFC 3339); now without it.")
    ] = None,
) -> None:
    """Write one line of JSON a customer, in no order.

    Example: ebbtide export scores scores.jsonl
    """
    settings = load_settings()
    damaged: list[str] = []
    with nullcontext(sys.stdout.buffer) if str(out) == "-" else written(out) as file:
        count = asyncio.run(_write(settings, what, at, file, damaged))
    say(f"{count:,} customers written to {out}")
    end_without(damaged)


async def _write(settings: Settings, what: What, at: str | None, file: BinaryIO, damaged: list[str]) -> int:
    import msgspec

    from ebbtide.cli.time_option import time_us
    from ebbtide.everyone import everybodys_ledgers
    from ebbtide.wiring import connect_store, scoring_of, tiers_of
    from streams.clock import wall_us
    from streams.events.lines import ledger_line, score_line
    from streams.versions import newest, versions_of

    asked_us = time_us(at)
    scoring, labels = scoring_of(settings), tiers_of(settings).labels
    encode = msgspec.json.Encoder().encode
    store = await connect_store(settings)
    count = 0
    try:
        heads = await store.heads()
        # of a stream's own time: one instant for all, the latest that any bucket has reached
        now_us = (
            wall_us() // 1_000_000 * 1_000_000
            if settings.clock == "wall"
            else max((head.clock_us for head in heads.values()), default=0)
        )
        as_of_us = now_us if asked_us is None else asked_us
        version = versions_of(newest(heads.values()), scoring.first).at(as_of_us)
        async for some in everybodys_ledgers(store, damaged):
            headers, rows, starts = some.ledgers
            for i, customer_id in enumerate(some.ids):
                if what is What.LEDGER:
                    line = ledger_line(customer_id, headers[i], scoring.currency)
                else:
                    mine = rows[starts[i] : starts[i + 1]]
                    line = score_line(customer_id, headers[i], mine, version, as_of_us, scoring.currency)
                    line["label"] = labels.get(line["tier"])
                file.write(encode(line) + b"\n")
            count += len(some.ids)
    finally:
        await store.close()
    return count

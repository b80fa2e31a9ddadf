"""`ebbtide customer ID`: what one customer is worth, and what happens next."""

import asyncio
from typing import Annotated, Any

import typer
from rich.table import Table

from ebbtide.cli.console import print_json, stdout
from ebbtide.errors import EbbtideError, WrongUsage
from ebbtide.settings import Settings, load_settings


def customer(
    customer_id: Annotated[str, typer.Argument(metavar="ID", help="The customer's id, as in the events.")],
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="Worth at this time (RFC 3339) if nothing more happens.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Tier, value, chance to come back, and when silence next counts.

    Example: ebbtide customer 00042 --at 2026-12-31T00:00:00Z
    """
    settings = load_settings()
    line = asyncio.run(_line(settings, customer_id, at))
    if json:
        print_json(line)
    else:
        _show(line)


async def _line(settings: Settings, customer_id: str, at: str | None) -> dict[str, Any]:
    from ebbtide.cli.time_option import time_us
    from ebbtide.wiring import connect_store, scoring_of
    from scoring.ledgers import open_one
    from streams.clock import wall_us
    from streams.events.lines import score_line, standing_line
    from streams.events.text import time_text

    asked_us = time_us(at)
    scoring = scoring_of(settings)
    store = await connect_store(settings)
    try:
        blob = await store.state(customer_id.encode())
    finally:
        await store.close()
    if blob is None:
        raise EbbtideError(
            f"Customer {customer_id} is not known in namespace {settings.namespace}. "
            "Look at the spelling, or whether its events arrived: ebbtide stats"
        )
    header, rows = open_one(blob)
    if asked_us is not None and asked_us < header["clock_us"]:
        raise WrongUsage(
            f"Customer {customer_id} can be told from {time_text(int(header['clock_us']))} on: up to then its events and "
            "silences are in the ledger, and nothing is known backwards."
        )
    now_us = wall_us() // 1_000_000 * 1_000_000 if settings.clock == "wall" else int(header["clock_us"])
    as_of_us = now_us if asked_us is None else asked_us
    line = score_line(customer_id.encode(), header, rows, scoring.first, as_of_us, settings.currency)
    return line | standing_line(header, rows, scoring.first, as_of_us, settings.currency)


def _show(line: dict[str, Any]) -> None:
    table = Table(box=None, show_header=False, title=line["customer_id"], title_justify="left", title_style="bold")
    currency = line["currency"]
    for name, value in (
        ("tier", f"{line['tier'] or 'none yet'}{' since ' + line['since'] if line['since'] else ''}"),
        ("value", f"{line['value']} {currency} gross profit expected in the next year, as of {line['as_of']}"),
        ("why", _why(line)),
        ("alive", f"{line['p_alive']:.1%} that the customer still buys, {line['expected_orders']:.2f} orders expected"),
        ("so far", f"{line['monetary']} {currency} in {line['orders']} orders on {line['purchase_days']} days"),
        ("profit", f"{line['gross_profit']} {currency} (cost {line['cost']}, marketing {line['marketing_cost']})"),
        ("next", f"silence lowers the tier at {line['next_check_at']}" if line["next_check_at"] else "nothing is due"),
    ):
        table.add_row(name, value)
    stdout.print(table, markup=False)


def _why(line: dict[str, Any]) -> str:
    if not line["orders"]:
        return "no order counts"
    return (
        f"{line['profit_per_order']} {line['currency']} profit an order, {line['frequency']} repeat purchase days, "
        f"silent for {line['silent_days']:.1f} days of {line['age_days']:.1f}"
    )

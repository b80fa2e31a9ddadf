"""`ebbtide top`: the most valuable customers."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.table import Table

from ebbtide.cli.console import end_without, print_json, stdout
from ebbtide.settings import Settings, load_settings

Line = dict[str, Any]
Many = Annotated[int, typer.Option("-n", metavar="N", min=1, max=100_000, help="How many customers.")]


def top(
    n: Many = 20,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """The most valuable customers, by the gross profit expected of each.

    Example: ebbtide top -n 50
    """
    damaged: list[str] = []
    lines = asyncio.run(_lines(load_settings(), n, damaged))
    if json:
        print_json({"customers": lines})
    else:
        stdout.print(_table(lines), markup=False)
    end_without(damaged)


async def _lines(settings: Settings, n: int, damaged: list[str]) -> list[Line]:
    import numpy as np

    from ebbtide.everyone import Foremost, everyone, now_of
    from ebbtide.wiring import connect_store, scoring_of, tiers_of
    from scoring.ledgers import open_one
    from streams.events.lines import score_line

    scoring, labels = scoring_of(settings), tiers_of(settings).labels
    foremost = Foremost[tuple[bytes, bytes]](n)
    store = await connect_store(settings)
    try:
        now = await now_of(store, settings, scoring)
        async for part in everyone(store, now.version.terms.model, now.at_us, damaged):
            for i in np.argsort(-part.values, kind="stable")[:n].tolist():
                if part.values[i] > 0.0:
                    foremost.offer(-float(part.values[i]), (part.ids[i], part.blobs[i]))
    finally:
        await store.close()
    lines = []
    for customer_id, blob in foremost.items():
        line = score_line(customer_id, *open_one(blob), now.version, now.at_us, scoring.currency)
        lines.append(line | {"label": labels.get(line["tier"])})
    return lines


def _table(lines: Sequence[Line]) -> Table:
    table = Table(box=None)
    for name in ("customer", "tier"):
        table.add_column(name)
    currency = lines[0]["currency"] if lines else ""
    for name in (
        f"value {currency}",
        "alive",
        "orders expected",
        "orders so far",
        f"profit so far {currency}",
        "last order",
    ):
        table.add_column(name.strip(), justify="right")
    for line in lines:
        table.add_row(
            line["customer_id"],
            line["label"],
            line["value"],
            f"{line['p_alive']:.1%}",
            f"{line['expected_orders']:.2f}",
            f"{line['orders']:,}",
            line["gross_profit"],
            line["last_at"][:10],
        )
    return table

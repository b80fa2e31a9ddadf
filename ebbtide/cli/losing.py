"""`ebbtide losing`: who brings a loss, who nearly does, and why."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from rich.table import Table

from ebbtide.cli.console import end_without, print_json, stdout
from ebbtide.cli.top import Line, Many
from ebbtide.settings import Settings, load_settings

if TYPE_CHECKING:
    from ebbtide.everyone import Part


class Found(NamedTuple):
    """A customer to be listed."""

    customer_id: bytes
    blob: bytes
    sums: tuple[int, ...]  # scoring.reasons.Sums
    losing: bool


class Shop(NamedTuple):
    """Everybody's sums, minor units: what the shop's goods cost on average."""

    kept: int = 0
    cost: int = 0

    @property
    def cost_rate(self) -> float:
        """Product cost of 1 of sales."""
        return min(1.0, self.cost / self.kept) if self.kept else 0.0


def losing(
    n: Many = 20,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Customers who are expected to bring a loss, then those who have brought less than 10% of what they ordered; worst first.

    Each with its reason: what took most of the profit, compared with the shop's average.

    Example: ebbtide losing -n 50
    """
    damaged: list[str] = []
    lines = asyncio.run(_lines(load_settings(), n, damaged))
    if json:
        print_json({"customers": lines})
    elif lines:
        stdout.print(_table(lines), markup=False)
    else:
        stdout.print("Nobody brings a loss, or nearly.")
    end_without(damaged)


async def _lines(settings: Settings, n: int, damaged: list[str]) -> list[Line]:
    from ebbtide.everyone import Foremost, everyone, now_of
    from ebbtide.wiring import connect_store, scoring_of, tiers_of
    from scoring.ledgers import open_one
    from streams.events.lines import score_line

    scoring, labels = scoring_of(settings), tiers_of(settings).labels
    losers, near, shop = Foremost[Found](n), Foremost[Found](n), Shop()
    store = await connect_store(settings)
    try:
        now = await now_of(store, settings, scoring)
        async for part in everyone(store, now.version.terms.model, now.at_us, damaged):
            shop = _sift(part, losers, near, shop)
    finally:
        await store.close()
    lines = []
    for found in [*losers.items(), *near.items()][:n]:
        line = score_line(found.customer_id, *open_one(found.blob), now.version, now.at_us, scoring.currency)
        lines.append(line | {"label": labels.get(line["tier"])} | _why(found, shop, scoring.currency))
    return lines


def _sift(part: "Part", losers: Any, near: Any, shop: Shop) -> Shop:
    """Offer who belongs to either list; the shop's sums with this part's."""
    import numpy as np

    from scoring.reasons import above_near, sums_of

    sums = sums_of(part.ledgers)
    above = above_near(sums)
    is_losing = part.values < 0.0
    for mask, keys, list_ in ((is_losing, part.values, losers), (~is_losing & (above < 0.0), above, near)):
        for i in np.flatnonzero(mask).tolist():
            found = Found(part.ids[i], part.blobs[i], tuple(sums[i].tolist()), bool(is_losing[i]))
            list_.offer(float(keys[i]), found)
    return Shop(shop.kept + int((sums[:, 0] - sums[:, 1]).sum()), shop.cost + int(sums[:, 2].sum()))


def _why(found: Found, shop: Shop, currency: str) -> Line:
    from scoring.reasons import Sums, reasons
    from streams.events.currency import decimals_of
    from streams.events.text import money_text

    decimals = decimals_of(currency)
    sums = Sums(*found.sums)
    took = {
        str(reason): money_text(round(amount), decimals) for reason, amount in reasons(sums, shop.cost_rate).items()
    }
    return {
        "losing": found.losing,
        "ordered": money_text(sums.ordered, decimals),
        "returned": money_text(sums.returned, decimals),
        "discounts": money_text(sums.discounts, decimals),
        "arrears": money_text(sums.arrears, decimals),
        "reason": next(iter(took), "cost"),
        "reasons": took,
    }


def _table(lines: Sequence[Line]) -> Table:
    table = Table(box=None)
    for name in ("customer", "tier", ""):
        table.add_column(name)
    currency = lines[0]["currency"] if lines else ""
    for name in (
        f"value {currency}",
        f"profit so far {currency}",
        "ordered",
        "returned",
        "discounts",
        "cost",
        "marketing",
        "arrears",
    ):
        table.add_column(name.strip(), justify="right")
    table.add_column("reason")
    for line in lines:
        table.add_row(
            line["customer_id"],
            line["label"] or "none yet",
            "loss" if line["losing"] else "near",
            line["value"],
            line["gross_profit"],
            line["ordered"],
            line["returned"],
            line["discounts"],
            line["cost"],
            line["marketing_cost"],
            line["arrears"],
            ", ".join(f"{reason} {amount}" for reason, amount in line["reasons"].items()) or line["reason"],
        )
    return table

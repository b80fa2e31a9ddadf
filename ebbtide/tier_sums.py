"""What each tier holds: customers, expected profit, profit so far; and how few bring how much."""

from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from ebbtide.errors import WrongUsage
from ebbtide.everyone import Part
from ebbtide.tiers_file import TIERS
from scoring.boundaries.histogram import EMPTY, Histogram
from scoring.boundaries.lorenz import lorenz
from scoring.layout import Floats, Ints, Tier
from scoring.terms import Rules
from streams.events.currency import decimals_of
from streams.events.text import money_text

LINES = 10_000  # of a file at a time


class Sums(NamedTuple):
    """By Tier, shape (5,); money in minor units."""

    customers: Ints
    value: Floats
    profit: Floats
    values: Histogram  # of who has a tier

    def add(self, tier: Ints, value: Floats, profit: Floats) -> "Sums":
        """With these customers, shape (n,) each."""
        counts, by_value, by_profit = (
            np.bincount(tier, weights, minlength=len(Tier)) for weights in (None, value, profit)
        )
        return Sums(
            self.customers + counts,
            self.value + by_value,
            self.profit + by_profit,
            self.values.add(value[tier != Tier.NONE]),
        )


NOTHING = Sums(np.zeros(len(Tier), np.int64), np.zeros(len(Tier)), np.zeros(len(Tier)), EMPTY)


class ScoreLine(msgspec.Struct, gc=False):
    """What is read of a line that `replay --scores` or `export scores` wrote."""

    tier: str | None
    value: str
    gross_profit: str
    currency: str
    as_of: str


async def sums_of_parts(parts: AsyncIterator[Part]) -> Sums:
    """Of the customers in Redis."""
    sums = NOTHING
    async for part in parts:
        h = part.ledgers.headers
        profit = np.maximum(0, h["held"] - h["credits"]) - h["cost"] - h["marketing"]
        sums = sums.add(h["tier"], part.values, profit.astype(np.float64))
    return sums


def sums_of_file(path: Path) -> tuple[Sums, str, str]:
    """Of a file of score lines; its currency, and the latest instant of a line."""
    sums, currency, as_of = NOTHING, "", ""
    by_name: dict[str | None, int] = {None: Tier.NONE} | {name: Tier[name.upper()] for name in TIERS}
    for lines in _chunks(path):
        currency = currency or lines[0].currency
        if any(line.currency != currency or line.tier not in by_name for line in lines):
            raise WrongUsage(f"{path} is no file of one currency's scores. One is written by: ebbtide replay --scores")
        scale = 10 ** decimals_of(currency)
        as_of = max(as_of, *(line.as_of for line in lines))
        sums = sums.add(
            np.array([by_name[line.tier] for line in lines]),
            np.array([float(line.value) for line in lines]) * scale,
            np.array([float(line.gross_profit) for line in lines]) * scale,
        )
    return sums, currency, as_of


def _chunks(path: Path) -> Iterator[list[ScoreLine]]:
    decode = msgspec.json.Decoder(ScoreLine).decode
    try:
        with path.open("rb") as file:
            while lines := [decode(line) for line in islice(file, LINES)]:
                yield lines
    except OSError as error:
        raise WrongUsage(f"{path} cannot be read: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise WrongUsage(f"{path} holds no scores ({error}). A file of them: ebbtide replay --scores") from None


def report(sums: Sums, labels: Mapping[str, str], rules: Rules | None, currency: str) -> dict[str, Any]:
    """The sums as JSON: money as decimal strings in major units, shares of 1. Shares of money are of all that is positive,
    so that tiers with a profit sum to 1 before the losses. `rules`: the boundaries in force, where they are known."""
    decimals = decimals_of(currency)
    with_tier = max(1, int(sums.customers[Tier.LOSS :].sum()))
    tiers = []
    for name in reversed(TIERS):
        tier = Tier[name.upper()]
        line = {
            "tier": name,
            "label": labels[name],
            "customers": int(sums.customers[tier]),
            "customers_share": float(sums.customers[tier] / with_tier),
            "value": money_text(round(sums.value[tier]), decimals),
            "value_share": _share(sums.value, tier),
            "gross_profit": money_text(round(sums.profit[tier]), decimals),
            "gross_profit_share": _share(sums.profit, tier),
        }
        if rules is not None and tier > Tier.LOSS:
            line |= {
                "enter": money_text(round(rules.enter[tier]), decimals),
                "leave": money_text(round(rules.leave[tier]), decimals),
            }
        tiers.append(line)
    curve = lorenz(sums.values)
    return {
        "customers": int(sums.customers.sum()),
        "without_tier": int(sums.customers[Tier.NONE]),
        "currency": currency,
        "tiers": tiers,
        "lorenz": {"customers": curve.customers.tolist(), "value": curve.value.tolist()},
    }


def _share(sums: Floats, tier: Tier) -> float:
    positive = np.maximum(sums[Tier.LOSS :], 0.0).sum()
    return float(sums[tier] / positive) if positive > 0 else 0.0

"""Currencies: how many decimals ISO 4217 gives each, and rates into the reporting currency.

The rates are the user's, a CSV with the columns date, currency, rate: what one unit of the currency is worth in the
reporting currency from that day (UTC) on, until its next row. Before its first row a currency has no rate: never a guess.
"""

import csv
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import iso4217

from streams.errors import StreamsError
from streams.events.money import MAX_MINOR, half_even
from streams.events.refusals import Reason, RefusedError, shown

DAY_US = 86_400_000_000
_EPOCH_DAY = date(1970, 1, 1).toordinal()

# Precious metals, testing codes and units of account have no decimals in ISO 4217: nobody is paid in them.
DECIMALS: Mapping[str, int] = {c.code: c.exponent for c in iso4217.Currency if c.exponent is not None}

Ratio = tuple[int, int]


class RatesError(StreamsError):
    """The table of rates cannot be used."""


@dataclass(frozen=True)
class Series:
    """One currency's rates: from days[i] (since 1970) on, ratios[i] minor units of the reporting currency a minor unit."""

    days: list[int] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)


@dataclass(frozen=True)
class Rates:
    """The table, by currency; empty where the user supplied none."""

    series: Mapping[str, Series] = field(default_factory=dict)

    def ratio(self, code: str, at_us: int) -> Ratio:
        """The rate of a currency at an instant, as minor units of the reporting currency a minor unit of its own."""
        series = self.series.get(code)
        index = bisect_right(series.days, at_us // DAY_US) if series else 0
        if series is None or index == 0:
            raise RefusedError(Reason.CURRENCY, f"no rate for {code} at that date: see EBBTIDE_RATES")
        return series.ratios[index - 1]


def converted(minor: int, ratio: Ratio) -> int:
    """Minor units of the reporting currency, halves to even."""
    result = half_even(minor * ratio[0], ratio[1])
    if result > MAX_MINOR:
        raise RefusedError(Reason.MONEY, "above 10^12 minor units when converted to the reporting currency")
    return result


def decimals_of(code: str) -> int:
    """How many decimals the currency has."""
    decimals = DECIMALS.get(code)
    if decimals is None:
        raise RefusedError(Reason.CURRENCY, f"{shown(code)} is not a currency of ISO 4217")
    return decimals


def read_rates(path: Path, reporting: str) -> Rates:
    """The user's table; refused as a whole where a row is wrong."""
    rows: dict[tuple[str, int], Ratio] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if not {"date", "currency", "rate"} <= set(reader.fieldnames or ()):
                raise RatesError(f"{path} needs a first line with date,currency,rate")
            for row in reader:
                code, day, ratio = _row(row, reporting, f"{path}, line {reader.line_num}")
                if rows.setdefault((code, day), ratio) != ratio:
                    raise RatesError(f"{path}, line {reader.line_num}: {code} has another rate on that day already")
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise RatesError(f"the rates in {path} cannot be read ({problem}). Look at EBBTIDE_RATES") from problem
    series: dict[str, Series] = {}
    for (code, day), ratio in sorted(rows.items()):
        one = series.setdefault(code, Series())
        one.days.append(day)
        one.ratios.append(ratio)
    return Rates(series)


def _row(row: Mapping[str, str | None], reporting: str, where: str) -> tuple[str, int, Ratio]:
    code = (row["currency"] or "").strip()
    if code not in DECIMALS:
        raise RatesError(f"{where}: {shown(code)} is not a currency of ISO 4217")
    try:
        day = date.fromisoformat((row["date"] or "").strip()).toordinal() - _EPOCH_DAY
        rate = Decimal((row["rate"] or "").strip())
    except (ValueError, InvalidOperation) as problem:
        raise RatesError(f"{where}: a date as 2024-03-05 and a rate as 1.0825 are needed") from problem
    if not rate.is_finite() or rate <= 0 or abs(rate.adjusted()) > 12:
        raise RatesError(f"{where}: the rate {rate} is not a positive number between 10^-12 and 10^12")
    numerator, denominator = rate.as_integer_ratio()
    return code, day, (numerator * 10 ** DECIMALS[reporting], denominator * 10 ** DECIMALS[code])

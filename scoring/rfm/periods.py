"""The same by calendar: what each customer ordered in each month, quarter or year (UTC) with anything in it."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from scoring.compiled import compiled
from scoring.facts import order_of
from scoring.layout import DAY_US, Ints, Kind, Records
from scoring.ledgers import Ledgers
from scoring.rfm.sums import keep_until
from scoring.rows import group_end

_CREDIT = int(Kind.CREDIT)


class Period(IntEnum):
    """How long a period is, in months."""

    MONTH = 1
    QUARTER = 3
    YEAR = 12


class ByPeriod(NamedTuple):
    """One row a customer and period with an order or a credit, sorted by both; each of shape (m,)."""

    customer: Ints  # index into the ledgers
    period: Ints  # number of the period since 1970
    orders: Ints  # that count
    last_us: Ints  # the last of them; 0 without one
    monetary: Ints  # what they hold less the period's credits, never below 0, minor units


@compiled
def _entries(
    headers: Records, rows: Records, starts: Ints, kept: Records, until_us: int, count_free: bool, out: Ints
) -> int:
    """Orders and credits as lines of customer, microsecond, 1 for an order, amount. Returns how many there are."""
    m = 0
    for c in range(len(headers)):
        n = keep_until(rows[starts[c] : starts[c + 1]], headers[c].rows, until_us, kept)
        lo = 0
        while lo < n:
            hi = group_end(kept, n, lo)
            order = order_of(kept, lo, hi, count_free)
            if order[0]:
                out[m, 0], out[m, 1], out[m, 2], out[m, 3] = c, order[1], 1, order[2]
                m += 1
            elif kept[lo].kind == _CREDIT:
                out[m, 0], out[m, 1], out[m, 2], out[m, 3] = c, kept[lo].at_us, 0, -kept[lo].amount
                m += 1
            lo = hi
    return m


def period_of(at_us: Ints, period: Period) -> Ints:
    """The number, since 1970, of the period in which each instant lies."""
    months = (at_us // DAY_US).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(months // int(period), np.int64)


def period_text(number: int, period: Period) -> str:
    """2011-03, 2011-Q1 or 2011."""
    year, month = divmod(number * int(period), 12)
    if period is Period.YEAR:
        return f"{1970 + year}"
    return f"{1970 + year}-Q{month // 3 + 1}" if period is Period.QUARTER else f"{1970 + year}-{month + 1:02}"


def by_period(ledgers: Ledgers, as_of_us: int, period: Period, count_free: bool) -> ByPeriod:
    """What the ledgers' rows tell as of an instant. What was folded away is in no period."""
    most = int(np.diff(ledgers.starts).max(initial=0))
    kept = np.empty(most, ledgers.rows.dtype)
    lines = np.empty((len(ledgers.rows), 4), np.int64)
    m = _entries(ledgers.headers, ledgers.rows, ledgers.starts, kept, as_of_us, count_free, lines)
    customer, at_us, is_order, amount = lines[:m].T
    number = period_of(at_us, period)
    order = np.lexsort((at_us, number, customer))
    customer, number = customer[order], number[order]
    first = np.flatnonzero(np.diff(customer, prepend=-1) | np.diff(number, prepend=-(10**9)))
    if not len(first):
        nothing = np.empty(0, np.int64)
        return ByPeriod(nothing, nothing, nothing, nothing, nothing)
    return ByPeriod(
        customer[first],
        number[first],
        np.add.reduceat(is_order[order], first),
        np.maximum.reduceat(at_us[order] * is_order[order], first),
        np.maximum(np.add.reduceat(amount[order], first), 0),
    )

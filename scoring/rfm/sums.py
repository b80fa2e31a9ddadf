"""Recency, frequency and monetary of many ledgers as of an instant: for life and for rolling windows.

Frequency is the number of orders that count, monetary what those orders still hold less credits, never below 0: the ledger's
own meaning, so that a window over all of life gives the ledger's facts. Nothing told after the instant counts.
"""

from typing import NamedTuple

import numpy as np

from scoring.compiled import compiled
from scoring.facts import order_of
from scoring.layout import DAY_US, Floats, Ints, Kind, Record, Records
from scoring.ledgers import Ledgers
from scoring.rows import group_end

_CREDIT = int(Kind.CREDIT)
_ALWAYS_US = -(2**62)  # before anything
_Sum = tuple[int, int, int, int]  # orders, last order (microseconds), held, credits


class Rfm(NamedTuple):
    """One value a customer, each of shape (n,)."""

    recency_days: Floats  # days since the last order; inf where there is none
    orders: Ints  # frequency
    monetary: Ints  # minor units


@compiled
def keep_until(rows: Records, n: int, until_us: int, kept: Records) -> int:
    """Copy the rows told of up to an instant, in their order; returns how many there are."""
    m = 0
    for i in range(n):
        if rows[i].at_us <= until_us:
            kept[m] = rows[i]
            m += 1
    return m


@compiled
def sum_up(rows: Records, n: int, after_us: int, until_us: int, count_free: bool) -> _Sum:
    """Sums over the orders and credits in (after_us, until_us]."""
    orders, last_us, held, credit = 0, 0, 0, 0
    lo = 0
    while lo < n:
        hi = group_end(rows, n, lo)
        order = order_of(rows, lo, hi, count_free)
        if order[0] and after_us < order[1] <= until_us:
            orders += 1
            last_us = max(last_us, order[1]) if orders > 1 else order[1]
            held += order[2]
        elif rows[lo].kind == _CREDIT and after_us < rows[lo].at_us <= until_us:
            credit += int(rows[lo].amount)
        lo = hi
    return orders, last_us, held, credit


@compiled
def _sum_one(h: Record, rows: Records, kept: Records, after_us: int, until_us: int, count_free: bool) -> _Sum:
    m = keep_until(rows, h.rows, until_us, kept)
    orders, last_us, held, credit = sum_up(kept, m, after_us, until_us, count_free)
    if after_us == _ALWAYS_US and h.folded_rows > 0:  # what left the rows is still in the header's sums
        _, _, held_now, credit_now = sum_up(rows, h.rows, after_us, 2**62, count_free)
        held += h.held - held_now
        credit += h.credits - credit_now
        if h.folded_orders > 0:
            last_us = max(last_us, h.folded_last_us) if orders > 0 else h.folded_last_us
        orders += h.folded_orders
    return orders, last_us, held, credit


@compiled
def _sum_all(
    headers: Records, rows: Records, starts: Ints, kept: Records, after_us: int, until_us: int, free: bool, out: Ints
) -> None:
    for c in range(len(headers)):
        room = rows[starts[c] : starts[c + 1]]
        orders, last_us, held, credit = _sum_one(headers[c], room, kept, after_us, until_us, free)
        out[c, 0], out[c, 1], out[c, 2] = orders, last_us, max(0, held - credit)


def window(ledgers: Ledgers, as_of_us: int, days: float | None, count_free: bool) -> Rfm:
    """Over the orders of the `days` before an instant, that instant included; None: over all of life."""
    after_us = _ALWAYS_US if days is None else as_of_us - round(days * DAY_US)
    out = np.empty((len(ledgers.headers), 3), np.int64)
    most = int(np.diff(ledgers.starts).max(initial=0))
    kept = np.empty(most, ledgers.rows.dtype)
    _sum_all(ledgers.headers, ledgers.rows, ledgers.starts, kept, after_us, as_of_us, count_free, out)
    recency_days = np.where(out[:, 0] > 0, (as_of_us - out[:, 1]) / DAY_US, np.inf)
    return Rfm(recency_days, out[:, 0].copy(), out[:, 2].copy())

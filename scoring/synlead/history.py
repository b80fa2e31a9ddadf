"""What every customer brought period by period, drawn from the rows of ledgers: the history beside a forecast."""

from typing import NamedTuple

import numpy as np

from scoring.compiled import compiled
from scoring.facts import order_of
from scoring.layout import Floats, Ints, Kind, Record, Records
from scoring.ledgers import Ledgers
from scoring.rows import group_end
from scoring.synlead.periods import period_of

_PLACED = int(Kind.PLACED)
_CONTACT = int(Kind.CONTACT)


class History(NamedTuple):
    """One entry for each customer and period with an order that holds money or a contact that cost, by customer and time.

    Shape (n,); money in minor units. Exact back to the ledgers' memory.
    """

    customer: Ints  # index of the ledger
    period: Ints
    orders: Ints
    amount: Ints
    product_cost: Ints
    expense: Ints

    @property
    def value(self) -> Ints:
        """What was left of each period."""
        return self.amount - self.product_cost - self.expense


def history_of(ledgers: Ledgers, unit: int, until_us: int) -> History:
    """By this unit, up to this instant."""
    room = int(ledgers.headers["rows"].sum())
    entries = np.zeros((6, room), np.int64)
    n = _draw(ledgers.headers, ledgers.rows, ledgers.starts, unit, until_us, entries)
    entries = entries[:, :n]
    if n == 0:
        return History(*entries)
    order = np.lexsort((entries[1], entries[0]))
    entries = entries[:, order]
    begins = np.flatnonzero(np.any(np.diff(entries[:2], axis=1, prepend=-1) != 0, axis=0))
    return History(entries[0, begins], entries[1, begins], *np.add.reduceat(entries[2:], begins, axis=1))


@compiled
def _draw(headers: Records, rows: Records, starts: Ints, unit: int, until_us: int, entries: Ints) -> int:
    """One entry an order or contact; returns how many."""
    count = 0
    for c in range(len(headers)):
        count = _draw_one(c, headers[c], rows[starts[c] : starts[c + 1]], unit, until_us, entries, count)
    return count


@compiled
def _draw_one(c: int, h: Record, rows: Records, unit: int, until_us: int, entries: Ints, count: int) -> int:
    lo = 0
    while lo < h.rows:
        hi = group_end(rows, h.rows, lo)
        orders, at_us, held, cost, expense = 0, 0, 0, 0, 0
        if rows[lo].kind == _PLACED:
            order = order_of(rows, lo, hi, False)
            if order[0]:
                orders, at_us, held, cost = 1, order[1], order[2], order[3]
        elif rows[lo].kind == _CONTACT:
            at_us, expense = int(rows[lo].at_us), int(rows[lo].cost)
        if (orders > 0 or expense > 0) and at_us <= until_us:
            entries[0, count], entries[1, count], entries[2, count] = c, period_of(at_us, unit), orders
            entries[3, count], entries[4, count], entries[5, count] = held, cost, expense
            count += 1
        lo = hi
    return count


def margins_of(history: History, last: int, periods: int) -> Floats:
    """The enterprise's margin of the so many periods that end with `last`, oldest first; NaN where nothing was sold."""
    first = last - periods + 1
    among = (history.period >= first) & (history.period <= last)
    at = history.period[among] - first
    amount = np.bincount(at, history.amount[among], minlength=periods)
    cost = np.bincount(at, history.product_cost[among], minlength=periods)
    with np.errstate(invalid="ignore"):
        return np.where(amount > 0.0, 1.0 - cost / np.where(amount > 0.0, amount, 1.0), np.nan)

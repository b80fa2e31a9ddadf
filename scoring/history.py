"""What a fit is told: every customer's history as of an instant, drawn from ledgers or from a flat table of orders.

Exact back to the ledgers' memory. Of what was folded away the days are known, not their gaps: those are taken as equal.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scoring.compiled import compiled
from scoring.facts import order_of
from scoring.layout import DAY_US, ROW, Bytes, Floats, Ints, Kind, Record, Records
from scoring.ledgers import Ledgers
from scoring.rows import group_end

LEAST_GAP_DAYS = 0.5  # a shorter gap between two purchase days (over midnight) counts as this
_CREDIT = int(Kind.CREDIT)
_CONTACT = int(Kind.CONTACT)
_PLACED = int(Kind.PLACED)


class Histories(NamedTuple):
    """Customers who have an order that counts, shape (n,); order_of and order_profits have one entry an order."""

    x: Floats  # repeat purchase days (UTC)
    t_x: Floats  # days from the first order to the last
    t: Floats  # days from the first order to the instant
    log_gaps: Floats  # sum of ln(days) over the gaps between purchase days
    orders: Floats  # that count
    profit: Floats  # mean gross profit an order, minor units: marketing cost and credits included
    order_of: Ints  # index of the customer (into x) of each profit below
    order_profits: Floats  # held - cost of each order that counts, minor units
    customer: Ints  # index of each customer in the ledgers or the table


def histories_of(ledgers: Ledgers, at_us: int, count_free_orders: bool = True) -> Histories:
    """Histories as of `at_us`: rows of later occurrence do not count, be it an order, a cancellation or a refund."""
    n, room = len(ledgers.headers), int(ledgers.headers["rows"].sum())
    columns = np.empty((6, n))
    order_index, order_profits = np.empty(room, np.int64), np.empty(room)
    known = np.zeros(n, np.uint8)
    count = _draw_all(
        ledgers.headers,
        ledgers.rows,
        ledgers.starts,
        at_us,
        count_free_orders,
        columns,
        order_index,
        order_profits,
        known,
    )
    return _of_known(columns, order_index[:count], order_profits[:count], known)


def histories_of_table(
    customers: Ints, at_us: Ints, profits: Floats, until_us: int, whole_days: bool = False
) -> Histories:
    """Histories as of `until_us` from one row an order: customer index (0, 1, ...), time, gross profit in minor units.

    whole_days: times count from midnight (UTC) to midnight, as in data that tell days only and in published fits.
    """
    seen = at_us <= until_us
    customers, at_us, profits = customers[seen], at_us[seen], profits[seen]
    order = np.lexsort((at_us, customers))
    customers, at_us, profits = customers[order], at_us[order], profits[order]
    n = int(customers[-1]) + 1 if len(customers) else 0
    starts = np.searchsorted(customers, np.arange(n + 1))
    columns = np.empty((6, n))
    known = np.zeros(n, np.uint8)
    _draw_table(starts, at_us, profits, until_us, whole_days, columns, known)
    return _of_known(columns, customers.astype(np.int64), profits.astype(np.float64), known)


def joined(parts: Sequence[Histories]) -> Histories:
    """Several batches' histories as one; `customer` stays the index within each one's own batch."""
    befores = np.cumsum([0, *(len(part.x) for part in parts)])
    shifted = [part._replace(order_of=part.order_of + before) for part, before in zip(parts, befores[:-1], strict=True)]
    if not shifted:
        return _of_known(np.empty((6, 0)), np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint8))
    return Histories(*(np.concatenate(column) for column in zip(*shifted, strict=True)))


def _of_known(columns: Floats, order_index: Ints, order_profits: Floats, known: Bytes) -> Histories:
    """Leave out the customers without an order that counts."""
    places = np.cumsum(known, dtype=np.int64) - 1
    kept = known.astype(bool)
    x, t_x, t, log_gaps, orders, profit = (column[kept] for column in columns)
    return Histories(
        x, t_x, t, log_gaps, orders, profit, places[order_index], order_profits, np.flatnonzero(kept).astype(np.int64)
    )


@compiled
def rhythm(times: Ints, n: int, whole_days: bool) -> tuple[int, float]:
    """Purchase days, and the sum of the logarithms of their gaps in days, of n order times in ascending order.

    A gap runs from a day's first order to the next purchase day's first order.
    """
    if n == 0:
        return 0, 0.0
    days, gaps, last = 1, 0.0, times[0]
    for i in range(1, n):
        if times[i] // DAY_US != last // DAY_US:
            days += 1
            gap = float(times[i] // DAY_US - last // DAY_US) if whole_days else (times[i] - last) / DAY_US
            gaps += math.log(max(gap, LEAST_GAP_DAYS))
            last = times[i]
    return days, gaps


@compiled
def orders_until(
    rows: Records, n: int, at_us: int, count_free: bool, seen: Records, times: Ints, profits: Floats
) -> tuple[int, int, int, int, int]:
    """Fill in time and profit of the orders that count as of `at_us`; returns (orders, held, cost, credited, marketing).

    seen, times and profits are room for n entries; the orders come in the order of the rows.
    """
    kept, orders, held, cost, credited, marketing = 0, 0, 0, 0, 0, 0
    for i in range(n):
        if rows[i].at_us <= at_us:
            seen[kept] = rows[i]
            kept += 1
            if rows[i].kind == _CREDIT:
                credited += int(rows[i].amount)
            elif rows[i].kind == _CONTACT:
                marketing += int(rows[i].cost)
    lo = 0
    while lo < kept:
        hi = group_end(seen, kept, lo)
        if seen[lo].kind == _PLACED:
            order = order_of(seen, lo, hi, count_free)
            held += order[2]
            cost += order[3]
            if order[0]:
                times[orders] = order[1]
                profits[orders] = float(order[2] - order[3])
                orders += 1
        lo = hi
    return orders, held, cost, credited, marketing


@compiled
def _draw_all(
    headers: Records,
    rows: Records,
    starts: Ints,
    at_us: int,
    count_free: bool,
    columns: Floats,
    order_index: Ints,
    order_profits: Floats,
    known: Bytes,
) -> int:
    room = 0
    for c in range(len(headers)):
        room = max(room, headers[c].rows)
    seen = np.empty(room, ROW)
    times = np.empty(room, np.int64)
    count = 0
    for c in range(len(headers)):
        of_customer = rows[starts[c] : starts[c] + headers[c].rows]
        profits = order_profits[count:]
        orders = _draw(headers[c], of_customer, at_us, count_free, seen, times, profits, columns[:, c])
        if orders >= 0:
            known[c] = 1
            order_index[count : count + orders] = c
            count += orders
    return count


@compiled
def _draw(
    h: Record, rows: Records, at_us: int, count_free: bool, seen: Records, times: Ints, profits: Floats, column: Floats
) -> int:
    """One customer's column (x, t_x, t, log_gaps, orders, profit); returns the orders drawn from rows, -1 if none counts."""
    days, gaps, first, last = 0, 0.0, at_us, at_us
    orders, held, cost, credited, marketing = 0, 0, 0, 0, 0
    if h.folded_rows > 0:
        # what the header knows beyond its rows was folded away
        now = orders_until(rows, h.rows, np.iinfo(np.int64).max, count_free, seen, times, profits)
        held, cost = int(h.held) - now[1], int(h.cost) - now[2]
        credited, marketing = int(h.credits) - now[3], int(h.marketing) - now[4]
        if h.folded_orders > 0 and h.folded_last_us <= at_us:
            orders, first, last = int(h.folded_orders), h.folded_first_us, h.folded_last_us
            times[: now[0]].sort()
            days = int(h.purchase_days) - rhythm(times, now[0], False)[0]
            if days > 1:
                gaps = (days - 1) * math.log(max((last - first) / DAY_US / (days - 1), LEAST_GAP_DAYS))
    here = orders_until(rows, h.rows, at_us, count_free, seen, times, profits)
    if here[0] > 0:
        times[: here[0]].sort()
        its_days, its_gaps = rhythm(times, here[0], False)
        if orders > 0:
            gaps += math.log(max((times[0] - last) / DAY_US, LEAST_GAP_DAYS))
        days += its_days
        gaps += its_gaps
        first = min(first, times[0])
        last = times[here[0] - 1]
    orders += here[0]
    if orders == 0:
        return -1
    monetary = max(0, held + here[1] - credited - here[3])
    gross_profit = monetary - cost - here[2] - marketing - here[4]
    column[0], column[1], column[2] = days - 1.0, (last - first) / DAY_US, (at_us - first) / DAY_US
    column[3], column[4], column[5] = gaps, float(orders), gross_profit / orders
    return here[0]


@compiled
def _draw_table(
    starts: Ints, times: Ints, profits: Floats, until_us: int, whole_days: bool, columns: Floats, known: Bytes
) -> None:
    for c in range(len(known)):
        lo, hi = starts[c], starts[c + 1]
        if lo == hi:
            continue
        known[c] = 1
        days, gaps = rhythm(times[lo:hi], hi - lo, whole_days)
        first, last, until = times[lo], times[hi - 1], until_us
        if whole_days:
            first, last, until = first // DAY_US * DAY_US, last // DAY_US * DAY_US, until // DAY_US * DAY_US
        columns[0, c], columns[1, c], columns[2, c] = days - 1.0, (last - first) / DAY_US, (until - first) / DAY_US
        columns[3, c], columns[4, c], columns[5, c] = gaps, float(hi - lo), profits[lo:hi].mean()

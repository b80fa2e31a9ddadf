"""What a stretch of time brought from customers known before it: the truth that a forecast is held against."""

from typing import NamedTuple

import numpy as np

from scoring.compiled import compiled
from scoring.history import orders_until
from scoring.layout import DAY_US, NEVER_US, ROW, Floats, Ints, Records
from scoring.ledgers import Ledgers


class Outcomes(NamedTuple):
    """By customer, shape (n,); the stretch is from_us < at <= until_us, orders as they stand at its end."""

    days: Floats  # UTC purchase days; a day on which the customer had already bought before does not count
    orders: Floats
    profit: Floats  # gross profit, minor units: refunds of earlier orders and marketing cost of the stretch included
    next_us: Ints  # first order in the stretch; NEVER_US if there is none


def outcomes_of(
    ledgers: Ledgers, customers: Ints, from_us: int, until_us: int, count_free_orders: bool = True
) -> Outcomes:
    """Outcomes of the customers with these indices, as Histories.customer of the same ledgers has them."""
    columns, next_us = np.empty((3, len(customers))), np.empty(len(customers), np.int64)
    _tell_all(
        ledgers.headers,
        ledgers.rows,
        ledgers.starts,
        customers,
        from_us,
        until_us,
        count_free_orders,
        columns,
        next_us,
    )
    return Outcomes(columns[0], columns[1], columns[2], next_us)


def outcomes_of_table(
    customers: Ints, at_us: Ints, profits: Floats, known: Ints, from_us: int, until_us: int
) -> Outcomes:
    """Outcomes of the customers `known` from one row an order, as histories_of_table takes it."""
    n = int(max(customers.max(initial=-1), known.max(initial=-1))) + 1
    inside = (at_us > from_us) & (at_us <= until_us)
    who, when = customers[inside], at_us[inside]
    next_us = np.full(n, NEVER_US)
    np.minimum.at(next_us, who, when)
    day = when // DAY_US
    on_last_day = (at_us <= from_us) & (at_us // DAY_US == from_us // DAY_US)
    again = (day == from_us // DAY_US) & np.isin(who, customers[on_last_day])
    days = np.unique(np.stack([who[~again], day[~again]]), axis=1)[0]
    return Outcomes(
        np.bincount(days, minlength=n)[known].astype(np.float64),
        np.bincount(who, minlength=n)[known].astype(np.float64),
        np.bincount(who, weights=profits[inside], minlength=n)[known].astype(np.float64),
        next_us[known],
    )


@compiled
def _tell_all(
    headers: Records,
    rows: Records,
    starts: Ints,
    customers: Ints,
    from_us: int,
    until_us: int,
    count_free: bool,
    columns: Floats,
    next_us: Ints,
) -> None:
    room = 0
    for c in range(len(headers)):
        room = max(room, headers[c].rows)
    seen = np.empty(room, ROW)
    times, profits = np.empty(room, np.int64), np.empty(room)
    for i in range(len(customers)):
        c = customers[i]
        n = headers[c].rows
        of_customer = rows[starts[c] : starts[c] + n]
        before = orders_until(of_customer, n, from_us, count_free, seen, times, profits)
        profit = -(max(0, before[1] - before[3]) - before[2] - before[4])
        after = orders_until(of_customer, n, until_us, count_free, seen, times, profits)
        profit += max(0, after[1] - after[3]) - after[2] - after[4]
        columns[2, i] = profit
        columns[0, i], columns[1, i], next_us[i] = _count(times[: after[0]], from_us)


@compiled
def _count(times: Ints, from_us: int) -> tuple[float, float, int]:
    """Purchase days, orders and the first order after `from_us`; sorts `times`."""
    times.sort()
    days, orders, next_us, last_day = 0, 0, NEVER_US, -1
    for at_us in times:
        day = at_us // DAY_US
        if at_us > from_us:
            orders += 1
            days += int(day != last_day)
            next_us = min(next_us, at_us)
        last_day = day
    return float(days), float(orders), next_us

"""What the 2008 forecast is told: the last period with an order, the silence since, expenses and corrections.

Drawn from a ledger's rows in one pass, so it is a function of the set of rows. An order that holds no money (free, or
given back whole) is no purchase here: the amount model knows amounts above zero only. Where all orders lie before the
ledger's memory, one order of the customer's mean stands for the last period.
"""

import numpy as np

from scoring.compiled import compiled
from scoring.facts import order_of
from scoring.layout import NEVER_US, Kind, Record, Records
from scoring.rows import group_end
from scoring.synlead.corrections import clear_corrections, correct
from scoring.synlead.periods import period_of
from scoring.terms import Model

_PLACED = int(Kind.PLACED)
_CONTACT = int(Kind.CONTACT)


@compiled
def observe(h: Record, rows: Records, at_us: int, model: Model, inputs: Record) -> None:
    """Fill the part of INPUTS that is by periods, for a customer with orders."""
    unit = model.synlead.period
    _last_period(h, rows, unit, inputs)
    inputs.past_amount = float(h.held)
    inputs.expense_rate = h.marketing / h.held if h.held > 0 else 0.0
    if h.marketing > 0:
        inputs.least_expense = _least_expense(h, rows, unit)
    count_empty(inputs, at_us, unit)
    correct(h, rows, unit, inputs)


@compiled
def count_empty(inputs: Record, at_us: int, unit: int) -> None:
    """Whole periods since the last one with an order: 0 while that is the running or the last complete one."""
    inputs.empty = max(0.0, period_of(at_us, unit) - inputs.period - 1.0)


@compiled
def clear(inputs: Record) -> None:
    """No customer yet."""
    inputs.frequency, inputs.amount, inputs.margin, inputs.empty = 0.0, 0.0, 0.0, 0.0
    inputs.expense_rate, inputs.least_expense, inputs.period, inputs.past_amount = 0.0, 0.0, 0.0, 0.0
    clear_corrections(inputs)


@compiled
def _last_period(h: Record, rows: Records, unit: int, inputs: Record) -> None:
    """Number of orders, their mean amount and their margin in the last period with one."""
    last, orders, held, cost = -1, 0, 0, 0
    lo = 0
    while lo < h.rows:
        hi = group_end(rows, h.rows, lo)
        if rows[lo].kind == _PLACED:
            order = order_of(rows, lo, hi, False)
            period = period_of(order[1], unit)
            if order[0] and period >= last:
                if period > last:
                    last, orders, held, cost = period, 0, 0, 0
                orders += 1
                held += order[2]
                cost += order[3]
        lo = hi
    if orders == 0:
        last, orders, held, cost = period_of(h.last_us, unit), int(h.held > 0), int(h.held), int(h.cost)
        inputs.amount = held / h.orders
    else:
        inputs.amount = held / orders
    inputs.period, inputs.frequency = float(last), float(orders)
    inputs.margin = 1.0 - cost / held if held > 0 else 1.0


@compiled
def _least_expense(h: Record, rows: Records, unit: int) -> float:
    """The least sum of contact costs over the periods with any; what was folded away is not looked at."""
    first, last = NEVER_US, -1
    for i in range(h.rows):
        if rows[i].kind == _CONTACT and rows[i].cost > 0:
            period = period_of(rows[i].at_us, unit)
            first, last = min(first, period), max(last, period)
    if last < first:
        return 0.0
    spent = np.zeros(last - first + 1, np.int64)
    for i in range(h.rows):
        if rows[i].kind == _CONTACT:
            period = period_of(rows[i].at_us, unit)
            if first <= period <= last:
                spent[period - first] += rows[i].cost
    least = NEVER_US
    for i in range(len(spent)):
        if spent[i] > 0:
            least = min(least, int(spent[i]))
    return float(least)

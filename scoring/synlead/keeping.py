"""What one more order does to the 2008 forecast, and the least amount of one that keeps a level.

Value is no line in the amount here: it jumps where the mean amount of the period enters another bin, downwards too.
Within a bin more is never worse.
"""

import math

from scoring.compiled import compiled
from scoring.layout import Record
from scoring.synlead.kernel import value
from scoring.synlead.periods import period_of
from scoring.terms import Model

_BINS = 7
_CORRECTIONS = 3
_MOST_AMOUNT = 1e15


@compiled
def amount_that_keeps(model: Model, inputs: Record, scratch: Record, margin: float, level: float, by_us: int) -> float:
    """The least whole amount, minor units, of one more order at by_us with which the value then is at least `level`; 0 if
    an order of 1 will do, infinite if none found will."""
    if value_with(model, inputs, scratch, margin, 1.0, by_us) >= level:
        return 0.0
    orders, before = 0.0, 0.0
    if inputs.frequency > 0.0 and inputs.period == period_of(by_us, model.synlead.period):
        orders, before = inputs.frequency, inputs.frequency * inputs.amount
    for i in range(_BINS):
        low = max(1.0, math.ceil(model.synlead.edges[i] * (orders + 1.0) - before))
        top = math.ceil(model.synlead.edges[i + 1] * (orders + 1.0) - before) - 1.0 if i < _BINS - 1 else _MOST_AMOUNT
        if top < low or value_with(model, inputs, scratch, margin, top, by_us) < level:
            continue
        high, low = top, low - 1.0
        while high - low > 1.0:
            amount = low + (high - low) // 2.0
            if value_with(model, inputs, scratch, margin, amount, by_us) >= level:
                high = amount
            else:
                low = amount
        return high
    return math.inf


@compiled
def value_with(model: Model, inputs: Record, scratch: Record, margin: float, amount: float, by_us: int) -> float:
    """The value right after an order of this amount and margin at by_us. `scratch` becomes the look then."""
    period = float(period_of(by_us, model.synlead.period))
    scratch.orders, scratch.period, scratch.empty = inputs.orders + 1.0, period, 0.0
    scratch.past_amount = inputs.past_amount + amount
    scratch.expense_rate = inputs.expense_rate * inputs.past_amount / scratch.past_amount
    scratch.least_expense = inputs.least_expense
    same = inputs.frequency > 0.0 and inputs.period == period
    orders = inputs.frequency if same else 0.0
    scratch.frequency = orders + 1.0
    scratch.amount = (inputs.amount * orders + amount) / scratch.frequency
    kept = (inputs.margin * inputs.amount * orders if same else 0.0) + margin * amount
    scratch.margin = kept / (scratch.amount * scratch.frequency)
    later = period - inputs.period if inputs.frequency > 0.0 else 0.0
    for i in range(_CORRECTIONS):  # each counts periods from the last one with an order
        scratch.margin_at[i] = max(0.0, inputs.margin_at[i] - later)
        scratch.margin_is[i] = inputs.margin_is[i]
        scratch.expense_at[i] = max(0.0, inputs.expense_at[i] - later)
        scratch.expense_is[i] = inputs.expense_is[i]
    return value(model, scratch)

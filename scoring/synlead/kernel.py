"""The 2008 forecast as a family of the streaming kernel: what a look at a customer is worth under it.

The value is the sum of the three forecast periods, but never more than it was earlier in the same silence. The forecast
itself may rise there: an enterprise margin that grows lifts the margin with every empty period, the least expense is
spared once the amount falls below it, and a correction ends with its period. A silence that raises a customer would be
no news, and deadlines are solved for on a value that only falls. So the running minimum over the empty periods is taken.
"""

import math

from scoring.compiled import compiled
from scoring.layout import Record
from scoring.synlead.ahead import leave, one_more_empty, three
from scoring.synlead.corrections import CORRECTIONS
from scoring.synlead.cost import next_margin
from scoring.synlead.frequency import chance_of_silence
from scoring.terms import Model

MOST_EMPTY = 120.0  # periods; after them value stands still, so that the minimum stays cheap in any silence


@compiled
def value(model: Model, inputs: Record) -> float:
    """Gross profit of the three periods ahead, minor units; it only falls in silence. 0 without an order that holds."""
    if inputs.frequency <= 0.0:
        return 0.0
    return _walk(model, inputs, min(inputs.empty, MOST_EMPTY), -math.inf)[1]


@compiled
def empty_below(model: Model, inputs: Record, level: float) -> float:
    """The least number of empty periods after which value < level; infinite where none is."""
    if inputs.frequency <= 0.0:
        return 0.0 if level > 0.0 else math.inf
    if level <= 0.0 and _never_costs(model, inputs):
        return math.inf
    empty, least = _walk(model, inputs, MOST_EMPTY, level)
    return empty if least < level else math.inf


@compiled
def expected_orders(model: Model, inputs: Record) -> float:
    """Orders of the three periods, each as its amount counts them: f2 p_f; as value, the least of the silence so far."""
    if inputs.frequency <= 0.0:
        return 0.0
    told = three(model.synlead, inputs.frequency, inputs.amount, 0.0)
    least, empty, last = math.inf, 0.0, min(inputs.empty, MOST_EMPTY)
    while True:
        orders = 0.0
        for one in told:
            orders += one.frequency * one.frequency_probability
        least = min(least, orders)
        if empty >= last:
            return least
        told = one_more_empty(model.synlead, told, empty)
        empty += 1.0


@compiled
def tail(model: Model, inputs: Record) -> float:
    """The chance of so many empty periods after the last one with an order. Nobody drops out in this model, so it is all
    that tells a silence; P(alive) is 1 while an order counts."""
    return chance_of_silence(model.synlead.a, model.synlead.b, inputs.frequency, inputs.empty)


@compiled
def _walk(model: Model, inputs: Record, last: float, level: float) -> tuple[float, float]:
    """Empty periods and the least value so far, up to `last` of them or the first whose value is below `level`."""
    synlead = model.synlead
    told = three(synlead, inputs.frequency, inputs.amount, 0.0)
    least, empty = math.inf, 0.0
    while True:
        margin = next_margin(inputs.margin, synlead.slope, empty)
        left = 0.0
        for i, one in enumerate(told):
            left += leave(inputs, one, margin, empty + i + 1.0).value
        least = min(least, left)
        if least < level or empty >= last:
            return empty, least
        told = one_more_empty(synlead, told, empty)
        empty += 1.0


@compiled
def _never_costs(model: Model, inputs: Record) -> bool:
    """Whether no silence makes the forecast negative: nothing is spent, no margin is or turns negative, nobody
    said otherwise."""
    said = False
    for i in range(CORRECTIONS):
        said = said or inputs.margin_at[i] > 0.0 or inputs.expense_at[i] > 0.0
    return not said and inputs.expense_rate <= 0.0 and inputs.margin >= 0.0 and model.synlead.slope >= 0.0

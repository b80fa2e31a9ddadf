"""The 2008 forecast as a family of the streaming kernel: what a look at a customer is worth under it.

The value is the sum of the three forecast periods, but never more than it was earlier in the same silence. The forecast
itself may rise there: an enterprise margin that grows lifts the margin with every empty period, the least expense is
spared once the amount falls below it, and a correction ends with its period. A silence that raises a customer would be
no news, and deadlines are solved for on a value that only falls. So the running minimum over the empty periods is taken.
"""

import math

from scoring.compiled import compiled
from scoring.layout import Model, Record
from scoring.synlead.ahead import three_ahead
from scoring.synlead.frequency import chance_of_silence

MOST_EMPTY = 120.0  # periods; after them value stands still, so that the minimum stays cheap in any silence


@compiled
def value(model: Model, inputs: Record) -> float:
    """Gross profit of the three periods ahead, minor units; it only falls in silence. 0 without an order that holds."""
    if inputs.frequency <= 0.0:
        return 0.0
    least = math.inf
    for empty in range(int(min(inputs.empty, MOST_EMPTY)) + 1):
        least = min(least, _value_after(model, inputs, float(empty)))
    return least


@compiled
def empty_below(model: Model, inputs: Record, level: float) -> float:
    """The least number of empty periods after which value < level; infinite where none is."""
    if inputs.frequency <= 0.0:
        return 0.0 if level > 0.0 else math.inf
    for empty in range(int(MOST_EMPTY) + 1):
        if _value_after(model, inputs, float(empty)) < level:
            return float(empty)
    return math.inf


@compiled
def expected_orders(model: Model, inputs: Record) -> float:
    """Orders of the three periods, each as its amount counts them: f2 p_f; as value, the least of the silence so far."""
    if inputs.frequency <= 0.0:
        return 0.0
    least = math.inf
    for empty in range(int(min(inputs.empty, MOST_EMPTY)) + 1):
        one, two, three = three_ahead(model.synlead, inputs, float(empty), model.synlead.slope)
        orders = one.frequency * one.frequency_probability + two.frequency * two.frequency_probability
        least = min(least, orders + three.frequency * three.frequency_probability)
    return least


@compiled
def tail(model: Model, inputs: Record) -> float:
    """The chance of so many empty periods after the last one with an order. Nobody drops out in this model, so it is all
    that tells a silence; P(alive) is 1 while an order counts."""
    return chance_of_silence(model.synlead.a, model.synlead.b, inputs.frequency, inputs.empty)


@compiled
def _value_after(model: Model, inputs: Record, empty: float) -> float:
    one, two, three = three_ahead(model.synlead, inputs, empty, model.synlead.slope)
    return one.value + two.value + three.value

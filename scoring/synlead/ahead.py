"""Three periods ahead of one customer: amount, product cost, marketing expense and what is left. Value-model 2.7 to 2.10."""

from enum import IntEnum
from typing import NamedTuple

from scoring.compiled import compiled
from scoring.layout import Record, Synlead
from scoring.synlead.cost import expense, next_margin
from scoring.synlead.next_frequency import frequency_probability, next_frequency


class Way(IntEnum):
    """From one forecast period to the next (CHOICE of value-model 2.10: the document gives one step only)."""

    ROLL = 0  # the forecast is taken for what happened: no empty period, its frequency, its amount
    HOLD = 1  # nothing happened: the last period stays, one more empty one each time
    FROZEN = 2  # every period as the first


_ROLL = int(Way.ROLL)
_HOLD = int(Way.HOLD)
_BINS = 7
_CORRECTIONS = 3


class Step(NamedTuple):
    """The forecast of one period; money in the unit of the parameters."""

    frequency: float  # f2
    frequency_probability: float  # p_f
    mean_amount: float  # m2
    amount_probability: float  # p_m
    amount: float  # f2 m2 p_f p_m
    margin: float
    product_cost: float
    expense: float
    value: float  # amount - product cost - expense


@compiled
def bin_of_amount(synlead: Synlead, amount: float) -> int:
    """The bin [lo, hi) of a period's mean amount; what lies outside goes to the first or the last one."""
    i = 0
    while i < _BINS - 1 and amount >= synlead.edges[i + 1]:
        i += 1
    return i


@compiled
def corrected(at: Record, told: Record, offset: float, otherwise: float) -> float:
    """What a person said of the period so many after the last one with an order, or else the forecast's own number."""
    for i in range(_CORRECTIONS):
        if at[i] == offset:
            return float(told[i])
    return otherwise


@compiled
def step(
    synlead: Synlead, inputs: Record, empty: float, frequency: float, amount: float, margin: float, offset: float
) -> Step:
    """The forecast of the period `offset` after the last one with an order, from the state (empty, frequency, amount)."""
    i = bin_of_amount(synlead, amount)
    f2 = next_frequency(synlead.a, synlead.b, frequency, synlead.most)
    p_f = frequency_probability(synlead.a, synlead.b, f2, empty, synlead.most)
    m2, p_m = synlead.next_amount[i], synlead.stays[i]
    brings = f2 * m2 * p_f * p_m
    kept = corrected(inputs.margin_at, inputs.margin_is, offset, margin)
    cost = brings * (1.0 - kept)
    by_rule = expense(brings, inputs.expense_rate, inputs.least_expense)
    spent = corrected(inputs.expense_at, inputs.expense_is, offset, by_rule)
    return Step(f2, p_f, m2, p_m, brings, kept, cost, spent, brings - cost - spent)


@compiled
def three_ahead(synlead: Synlead, inputs: Record, empty: float, slope: float) -> tuple[Step, Step, Step]:
    """The three periods after `empty` periods without an order. The margin stays at the first one's, where not corrected.

    `slope` is the enterprise's margin trend over those empty periods.
    """
    frequency, amount = inputs.frequency, inputs.amount
    margin = next_margin(inputs.margin, slope, empty)
    first = step(synlead, inputs, empty, frequency, amount, margin, empty + 1.0)
    if synlead.way == _ROLL:
        second = step(synlead, inputs, 0.0, first.frequency, first.mean_amount, margin, empty + 2.0)
        third = step(synlead, inputs, 0.0, second.frequency, second.mean_amount, margin, empty + 3.0)
    elif synlead.way == _HOLD:
        second = step(synlead, inputs, empty + 1.0, frequency, amount, margin, empty + 2.0)
        third = step(synlead, inputs, empty + 2.0, frequency, amount, margin, empty + 3.0)
    else:
        second = step(synlead, inputs, empty, frequency, amount, margin, empty + 2.0)
        third = step(synlead, inputs, empty, frequency, amount, margin, empty + 3.0)
    return first, second, third

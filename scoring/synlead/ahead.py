"""Three periods ahead of one customer: amount, product cost, marketing expense and what is left. Value-model 2.7 to 2.10."""

from enum import IntEnum
from typing import NamedTuple

from scoring.compiled import compiled
from scoring.layout import Record
from scoring.synlead.cost import expense, next_margin
from scoring.synlead.next_frequency import frequency_probability, next_frequency
from scoring.terms import Synlead


class Way(IntEnum):
    """From one forecast period to the next (our choice: the document gives one step only)."""

    ROLL = 0  # the forecast is taken for what happened: no empty period, its frequency, its amount
    HOLD = 1  # nothing happened: the last period stays, one more empty one each time
    FROZEN = 2  # every period as the first


_ROLL = int(Way.ROLL)
_HOLD = int(Way.HOLD)
_BINS = 7
_CORRECTIONS = 3


class Brings(NamedTuple):
    """What one period is expected to bring: its amount is the product of the four."""

    frequency: float  # f2
    frequency_probability: float  # p_f
    mean_amount: float  # m2
    amount_probability: float  # p_m


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
def bring(synlead: Synlead, empty: float, frequency: float, amount: float) -> Brings:
    """The next period's purchases and amount, from the state (empty, frequency, amount)."""
    i = bin_of_amount(synlead, amount)
    f2 = next_frequency(synlead.a, synlead.b, frequency, synlead.most)
    p_f = frequency_probability(synlead.a, synlead.b, f2, empty, synlead.most)
    return Brings(f2, p_f, synlead.next_amount[i], synlead.stays[i])


@compiled
def later(synlead: Synlead, told: Brings, empty: float) -> Brings:
    """The same after so many empty periods: only the chance of the frequency moves."""
    p_f = frequency_probability(synlead.a, synlead.b, told.frequency, empty, synlead.most)
    return Brings(told.frequency, p_f, told.mean_amount, told.amount_probability)


@compiled
def three(synlead: Synlead, frequency: float, amount: float, empty: float) -> tuple[Brings, Brings, Brings]:
    """Three periods on the way that is chosen, after `empty` periods without an order."""
    first = bring(synlead, empty, frequency, amount)
    if synlead.way == _ROLL:
        second = bring(synlead, 0.0, first.frequency, first.mean_amount)
        return first, second, bring(synlead, 0.0, second.frequency, second.mean_amount)
    if synlead.way == _HOLD:
        return first, later(synlead, first, empty + 1.0), later(synlead, first, empty + 2.0)
    return first, first, first


@compiled
def one_more_empty(
    synlead: Synlead, told: tuple[Brings, Brings, Brings], empty: float
) -> tuple[Brings, Brings, Brings]:
    """The three after one more empty period than the `empty` ones they were told after."""
    first, second, third = told
    if synlead.way == _ROLL:
        return later(synlead, first, empty + 1.0), second, third
    if synlead.way == _HOLD:
        return second, third, later(synlead, third, empty + 3.0)
    moved = later(synlead, first, empty + 1.0)
    return moved, moved, moved


@compiled
def leave(inputs: Record, told: Brings, margin: float, offset: float) -> Step:
    """What the period `offset` after the last one with an order leaves; a person's word on it goes before the rules."""
    amount = told.frequency * told.mean_amount * told.frequency_probability * told.amount_probability
    kept = corrected(inputs.margin_at, inputs.margin_is, offset, margin)
    cost = amount * (1.0 - kept)
    by_rule = expense(amount, inputs.expense_rate, inputs.least_expense)
    spent = corrected(inputs.expense_at, inputs.expense_is, offset, by_rule)
    f2, p_f, m2, p_m = told
    return Step(f2, p_f, m2, p_m, amount, kept, cost, spent, amount - cost - spent)


@compiled
def three_ahead(synlead: Synlead, inputs: Record, empty: float, slope: float) -> tuple[Step, Step, Step]:
    """The forecast after `empty` periods without an order. The margin stays at the first one's, where not corrected.

    `slope` is the enterprise's margin trend over those empty periods.
    """
    first, second, third = three(synlead, inputs.frequency, inputs.amount, empty)
    margin = next_margin(inputs.margin, slope, empty)
    return (
        leave(inputs, first, margin, empty + 1.0),
        leave(inputs, second, margin, empty + 2.0),
        leave(inputs, third, margin, empty + 3.0),
    )

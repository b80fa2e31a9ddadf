"""Which input moved the value, and by how much."""

from scoring.compiled import compiled
from scoring.layout import Record
from scoring.look import copy_inputs
from scoring.terms import Model
from scoring.value import value_of


@compiled
def shares(model: Model, before: Record, after: Record, scratch: Record) -> tuple[float, float, float, float]:
    """The change of value between two INPUTS, split over frequency, recency, age and profit; they sum to it.

    The inputs move one after another: first age (t), then recency (t_x), then frequency (x), then what orders bring, which
    takes what is left. Age first, so that every step on the way is a customer who could be: no last purchase lies in the
    future, and no repeat purchase on the first day.
    """
    copy_inputs(scratch, before)
    was = value_of(model, scratch)
    scratch.t = after.t
    scratch.empty = max(before.empty, after.empty)
    aged = value_of(model, scratch)
    scratch.t_x = after.t_x
    scratch.empty = after.empty
    seen = value_of(model, scratch)
    scratch.x = after.x
    scratch.frequency = after.frequency
    more = value_of(model, scratch)
    now = value_of(model, after)
    age, recency, frequency = aged - was, seen - aged, more - seen
    return frequency, recency, age, (now - was) - (frequency + recency + age)

"""Which input moved the value, and by how much."""

from scoring.compiled import compiled
from scoring.layout import Model, Record
from scoring.value import value


@compiled
def shares(model: Model, before: Record, after: Record) -> tuple[float, float, float, float]:
    """The change of value between two INPUTS, split over frequency, recency, age and profit; they sum to it.

    The inputs move one after another: first age (t), then recency (t_x), then frequency (x), then the orders and their
    mean profit, which take what is left. Age first, so that every step on the way is a customer who could be: no last
    purchase lies in the future, and no repeat purchase on the first day.
    """
    was = value(model, before.x, before.t_x, before.t, before.orders, before.profit)
    aged = value(model, before.x, before.t_x, after.t, before.orders, before.profit)
    seen = value(model, before.x, after.t_x, after.t, before.orders, before.profit)
    more = value(model, after.x, after.t_x, after.t, before.orders, before.profit)
    now = value(model, after.x, after.t_x, after.t, after.orders, after.profit)
    age, recency, frequency = aged - was, seen - aged, more - seen
    return frequency, recency, age, (now - was) - (frequency + recency + age)

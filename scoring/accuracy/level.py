"""How much a correction lets come of all, and shifts that keep it.

A regression on one window says who is told too little and who too much. As a power of the orders it does not hold of other
days or of a population that has aged: of four times the days a scale of 0.5 would make twice the orders. What holds is the
level, how much came of all that was told.
"""

import math

from scoring.layout import Records
from scoring.models import verbs
from scoring.terms import NO_CORRECTION, Model


def level_of(model: Model, customers: Records) -> float:
    """Expected orders of all of them, corrected by plain. `customers` has dtype INPUTS; 0 where nothing is expected."""
    plain = float(verbs.expected_orders(model._replace(correction=NO_CORRECTION), customers).sum())
    return float(verbs.expected_orders(model, customers).sum()) / plain if plain > 0.0 else 0.0


def at_level(model: Model, customers: Records, level: float) -> Model:
    """The model with the shift of orders that makes this its level."""
    if model.correction == NO_CORRECTION:
        return model
    now = level_of(model, customers)
    if not (0.0 < now < math.inf and 0.0 < level < math.inf):
        return model
    shift = model.correction.orders_shift + math.log(level / now)
    return model._replace(correction=model.correction._replace(orders_shift=shift))


def ahead(model: Model, customers: Records, days: float) -> Model:
    """The model of other days ahead, not discounted, at the same level."""
    other = model._replace(horizon_days=days, discount=0.0)
    if model.correction == NO_CORRECTION or days == model.horizon_days:
        return other
    return at_level(other, customers, level_of(model, customers))

"""Forecasts corrected by what earlier ones were worth: of those told so much, how much came.

g(corrected) = shift + scale * g(told) + frequency * ln(purchase days); g is the logarithm of orders, and the log odds of a
chance. Customers with as many purchase days keep their order, and in silence it falls as the forecast does (scale > 0).
scoring/fitting/looking_back.py learns it.
"""

import math

from scoring.compiled import compiled
from scoring.terms import Model


@compiled
def corrected_orders(model: Model, orders: float, x: float) -> float:
    """Expected orders, corrected; x: repeat purchase days. Without a correction the very same number."""
    c = model.correction
    if c.orders_scale == 1.0 and c.orders_shift == 0.0 and c.orders_frequency == 0.0:
        return orders
    if orders <= 0.0:
        return 0.0
    return math.exp(c.orders_shift + c.orders_scale * math.log(orders) + c.orders_frequency * math.log1p(x))


@compiled
def log_orders_before(model: Model, log_orders: float, x: float) -> float:
    """The logarithm of the expected orders that are corrected to these."""
    c = model.correction
    return (log_orders - c.orders_shift - c.orders_frequency * math.log1p(x)) / c.orders_scale


@compiled
def corrected_chance(model: Model, chance: float, x: float) -> float:
    """A chance to buy, corrected; 0 stays 0 and 1 stays 1. Without a correction the very same number."""
    c = model.correction
    if c.chance_scale == 1.0 and c.chance_shift == 0.0 and c.chance_frequency == 0.0:
        return chance
    if chance <= 0.0 or chance >= 1.0:
        return chance
    log_odds = math.log(chance) - math.log1p(-chance)
    log_odds = c.chance_shift + c.chance_scale * log_odds + c.chance_frequency * math.log1p(x)
    return 1.0 / (1.0 + math.exp(-log_odds))

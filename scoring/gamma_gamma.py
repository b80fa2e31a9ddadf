"""Gamma-gamma: what an order brings, drawn towards the population where a customer has few.

Fader, Hardie and Lee (2005). Profits of one customer's orders ~ Gamma(p, nu), nu ~ Gamma(q, v).
"""

from scoring.compiled import compiled
from scoring.terms import Model


@compiled
def population_profit(model: Model) -> float:
    """Mean profit per order over the population; q > 1."""
    return model.p * model.v / (model.q - 1.0)


@compiled
def trust(model: Model, orders: float) -> float:
    """How much of a customer's own mean counts, in [0, 1): the more orders, the more."""
    return model.p * orders / (model.p * orders + model.q - 1.0)


@compiled
def expected_profit(model: Model, orders: float, mean_profit: float) -> float:
    """Expected profit of the next order. Linear in mean_profit: who costs money on every order is worth less than none."""
    own = trust(model, orders)
    return own * mean_profit + (1.0 - own) * population_profit(model)

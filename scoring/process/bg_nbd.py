"""BG/NBD: buyers who may leave after any repeat purchase.

Fader, Hardie and Lee (2005), Marketing Science 24. Purchases come at a rate ~ Gamma(r, alpha); after each repeat purchase
the customer leaves with a chance ~ Beta(a, b). x repeat purchases, the last t_x days after the first, watched for t days.
A one-time buyer is always alive.
"""

import math

from scoring.compiled import compiled
from scoring.process.leaving import orders_until_gone
from scoring.process.odds import chance_alive, log_silence
from scoring.terms import Model


@compiled
def log_likelihood(model: Model, x: float, t_x: float, t: float) -> float:
    """Of one customer (eq. 6)."""
    shape = model.r + x
    seen = math.lgamma(shape) - math.lgamma(model.r) + model.r * math.log(model.alpha)
    stayed = (
        math.lgamma(model.b + x)
        - math.lgamma(model.a + model.b + x)
        + math.lgamma(model.a + model.b)
        - math.lgamma(model.b)
    )
    alive = seen + stayed - shape * math.log(model.alpha + t)
    if x <= 0.0:
        return alive
    odds = log_odds_gone(model, x, t_x, t)
    return alive + (max(odds, 0.0) + math.log1p(math.exp(-abs(odds))))


@compiled
def log_tail(model: Model, x: float, t_x: float, t: float) -> float:
    """Of the chance that a customer with this history who still buys is silent for at least t - t_x days."""
    return log_silence(model.r + x, model.alpha, t_x, t)


@compiled
def odds_gone_at_once(model: Model, x: float) -> float:
    """P(gone) / P(alive) right after the last purchase."""
    return model.a / (model.b + x - 1.0) if x > 0.0 else 0.0


@compiled
def log_odds_gone(model: Model, x: float, t_x: float, t: float) -> float:
    """The logarithm of P(gone) / P(alive) after a repeat purchase, x > 0. It grows with t."""
    return math.log(odds_gone_at_once(model, x)) - log_tail(model, x, t_x, t)


@compiled
def p_alive(model: Model, x: float, t_x: float, t: float) -> float:
    """Probability that the customer still buys, in [0, 1]."""
    return chance_alive(log_odds_gone(model, x, t_x, t)) if x > 0.0 else 1.0


@compiled
def tail(model: Model, x: float, t_x: float, t: float) -> float:
    """Chance that a customer with this history who still buys is silent for at least t - t_x days."""
    return math.exp(log_tail(model, x, t_x, t))


@compiled
def expected_orders_if_alive(model: Model, x: float, t: float, horizon_days: float) -> float:
    """Expected purchases within the horizon of a customer who is alive at t (eq. 10)."""
    first = model.a + model.b - 1.0 - model.r
    return orders_until_gone(model.r + x, model.alpha + t, model.a, model.b + x, first, horizon_days)

"""MBG/NBD: buyers who may quietly leave after any purchase, the first included.

Batislam, Denizel and Filiztekin (2007). Purchases come at a rate ~ Gamma(r, alpha); after each the customer leaves with
a chance ~ Beta(a, b). x repeat purchases, the last t_x days after the first, watched for t days. Unlike BG/NBD, a
one-time buyer can already be gone.
"""

import math

from scoring.compiled import compiled
from scoring.hypergeometric import reduced_2f1
from scoring.layout import Model


@compiled
def log_odds_gone(model: Model, x: float, t_x: float, t: float) -> float:
    """The logarithm of P(gone) / P(alive). It grows with t: x * log(...) in place of a power that overflows."""
    return math.log(model.a / (model.b + x)) + (model.r + x) * math.log1p((t - t_x) / (model.alpha + t_x))


@compiled
def p_alive(model: Model, x: float, t_x: float, t: float) -> float:
    """Probability that the customer still buys, in [0, 1]."""
    odds = log_odds_gone(model, x, t_x, t)
    if odds > 0.0:
        gone = math.exp(-odds)
        return gone / (1.0 + gone)
    return 1.0 / (1.0 + math.exp(odds))


@compiled
def expected_orders_if_alive(model: Model, x: float, t: float) -> float:
    """Expected purchases within the model's horizon of a customer who is alive at t.

    (a+b+x)/(a-1) * (1 - ((alpha+t)/(alpha+t+h))^(r+x) * 2F1(r+x, b+x+1; a+b+x; h/(alpha+t+h))). Euler's transformation
    turns power times 2F1 into w^(a-1) * 2F1(a+b-r, a-1; a+b+x; z), w = 1-z, which no number of purchases overflows; and
    with (a-1) taken out it holds at a = 1.
    """
    total = model.alpha + t + model.horizon_days
    z = model.horizon_days / total
    log_w = math.log1p(-z)
    spread = model.a - 1.0
    rest = math.exp(spread * log_w) * reduced_2f1(model.a + model.b - model.r, spread, model.a + model.b + x, z)
    leading = -math.expm1(spread * log_w) / spread if spread != 0.0 else -log_w
    return (model.a + model.b + x) * (leading - rest)

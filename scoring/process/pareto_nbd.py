"""Pareto/NBD: buyers who leave at an instant of their own, between purchases too.

Schmittlein, Morrison and Colombo (1987), in the form of Fader and Hardie (2005), "A note on deriving the Pareto/NBD model".
Purchases come at a rate ~ Gamma(r, alpha), lifetimes end at a rate ~ Gamma(s, beta); the model's a is s, its b is beta.
x repeat purchases, the last t_x days after the first, watched for t days.
"""

import math

from scoring.compiled import compiled
from scoring.hypergeometric import one_2f1
from scoring.process.odds import chance_alive, log_silence
from scoring.terms import Model


@compiled
def log_likelihood(model: Model, x: float, t_x: float, t: float) -> float:
    """Of one customer."""
    shape = model.r + x
    seen = math.lgamma(shape) - math.lgamma(model.r) + model.r * math.log(model.alpha)
    alive = seen - shape * math.log(model.alpha + t) - model.a * math.log1p(t / model.b)
    odds = log_odds_gone(model, x, t_x, t)
    return alive + (max(odds, 0.0) + math.log1p(math.exp(-abs(odds))))


@compiled
def log_odds_gone(model: Model, x: float, t_x: float, t: float) -> float:
    """The logarithm of P(gone) / P(alive), -inf at t = t_x. It grows with t.

    The odds are the chance of death in (t_x, t) without a purchase before it, over the chance of life without one:
    s times the integral over u from t_x to t of ((alpha+t)/(alpha+u))^(r+x) ((beta+t)/(beta+u))^s / (beta+u).
    """
    shape, s = model.r + x, model.a
    silence = t - t_x
    if silence <= 0.0:
        return -math.inf
    log_ratio = shape * math.log1p(silence / (model.alpha + t_x)) + s * math.log1p(silence / (model.b + t_x))
    part = _until(model, shape, t_x) - math.exp(-log_ratio) * _until(model, shape, t)
    # a short silence leaves only rounding of the difference, and that is no reason to be gone
    if part <= 0.0:
        return -math.inf
    return log_ratio + math.log(part)


@compiled
def _until(model: Model, shape: float, t: float) -> float:
    """The integral from t on, over its integrand at t: s/(r+s+x) times 2F1 after Euler's transformation, so that its terms
    are positive and no power overflows. In (0, 1]."""
    s = model.a
    total = shape + s
    if model.alpha >= model.b:
        return s / total * one_2f1(shape, total + 1.0, (model.alpha - model.b) / (model.alpha + t))
    z = (model.b - model.alpha) / (model.b + t)
    return s / total * (model.alpha + t) / (model.b + t) * one_2f1(s + 1.0, total + 1.0, z)


@compiled
def p_alive(model: Model, x: float, t_x: float, t: float) -> float:
    """Probability that the customer still buys, in [0, 1]."""
    return chance_alive(log_odds_gone(model, x, t_x, t))


@compiled
def log_tail(model: Model, x: float, t_x: float, t: float) -> float:
    """Of the chance that a customer with this history who still buys is silent for at least t - t_x days."""
    return log_silence(model.r + x, model.alpha, t_x, t)


@compiled
def tail(model: Model, x: float, t_x: float, t: float) -> float:
    """Chance that a customer with this history who still buys is silent for at least t - t_x days."""
    return math.exp(log_tail(model, x, t_x, t))


@compiled
def expected_orders_if_alive(model: Model, x: float, t: float, horizon_days: float) -> float:
    """Expected purchases within the horizon of a customer who is alive at t.

    (r+x)/(alpha+t) (beta+t)/(s-1) (1 - ((beta+t)/(beta+t+h))^(s-1)). It may grow in silence, for who has lived long lives
    on; times P(alive) it only falls.
    """
    spread = model.a - 1.0
    log_w = -math.log1p(horizon_days / (model.b + t))
    lived = -math.expm1(spread * log_w) / spread if spread != 0.0 else -log_w
    return (model.r + x) / (model.alpha + t) * (model.b + t) * lived

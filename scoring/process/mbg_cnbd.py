"""MBG/CNBD-k: buyers with a rhythm, who may quietly leave after any purchase, the first included.

Reutterer, Platzer and Schröder (2021); k = 1 is the MBG/NBD of Batislam, Denizel and Filiztekin (2007). Gaps between
purchases are Erlang-k with stage rate lambda ~ Gamma(r, alpha); after each purchase the customer leaves with a chance
~ Beta(a, b). x repeat purchases, the last t_x days after the first, watched for t days. Unlike BG/NBD, a one-time buyer
can already be gone.
"""

import math

from scoring.compiled import compiled
from scoring.process.leaving import orders_until_gone
from scoring.process.odds import chance_alive, log_silence
from scoring.terms import Model


@compiled
def log_likelihood(model: Model, x: float, t_x: float, t: float, log_gaps: float) -> float:
    """Of one customer; log_gaps is the sum of the logarithms of their x gaps in days (of no weight where k = 1)."""
    k, shape = model.k, model.r + model.k * x
    seen = math.lgamma(shape) - math.lgamma(model.r) + model.r * math.log(model.alpha)
    rhythm = (k - 1.0) * log_gaps - x * math.lgamma(k)
    stayed = (
        math.lgamma(model.b + x + 1.0)
        - math.lgamma(model.a + model.b + x + 1.0)
        + math.lgamma(model.a + model.b)
        - math.lgamma(model.b)
    )
    alive = stayed - shape * math.log(model.alpha + t) + log_stages(model, x, t_x, t)
    odds = log_odds_gone(model, x, t_x, t)
    return seen + rhythm + alive + (max(odds, 0.0) + math.log1p(math.exp(-abs(odds))))


@compiled
def log_stages(model: Model, x: float, t_x: float, t: float) -> float:
    """log S, S = sum over j < k of C(r + kx + j - 1, j) ((t - t_x)/(alpha + t))^j: fewer than k stages since t_x."""
    if model.k == 1.0:
        return 0.0
    shape, part = model.r + model.k * x, (t - t_x) / (model.alpha + t)
    term, total, j = 1.0, 1.0, 1.0
    while j < model.k:
        term *= (shape + j - 1.0) / j * part
        total += term
        j += 1.0
    return math.log(total)


@compiled
def log_tail(model: Model, x: float, t_x: float, t: float) -> float:
    """Of the chance that a customer with this history who still buys is silent for at least t - t_x days."""
    log_no_stage = log_silence(model.r + model.k * x, model.alpha, t_x, t)
    return log_no_stage if model.k == 1.0 else min(0.0, log_no_stage + log_stages(model, x, t_x, t))


@compiled
def odds_gone_at_once(model: Model, x: float) -> float:
    """P(gone) / P(alive) right after the last purchase."""
    return model.a / (model.b + x)


@compiled
def log_odds_gone(model: Model, x: float, t_x: float, t: float) -> float:
    """The logarithm of P(gone) / P(alive). It grows with t: a multiple of log(...) in place of a power that overflows."""
    return math.log(odds_gone_at_once(model, x)) - log_tail(model, x, t_x, t)


@compiled
def p_alive(model: Model, x: float, t_x: float, t: float) -> float:
    """Probability that the customer still buys, in [0, 1]."""
    return chance_alive(log_odds_gone(model, x, t_x, t))


@compiled
def tail(model: Model, x: float, t_x: float, t: float) -> float:
    """Chance that a customer with this history who still buys is silent for at least t - t_x days."""
    return math.exp(log_tail(model, x, t_x, t))


@compiled
def expected_orders_if_alive(model: Model, x: float, t_x: float, t: float, horizon_days: float) -> float:
    """Expected purchases within the horizon of a customer who is alive at t.

    Exact where k = 1. For k > 1 the stationary expectation: what the silence says of the customer's pace counts in full
    (the stage rate, given that j < k stages passed since t_x, is Gamma(r + kx + j, alpha + t)), but not that the next
    purchase is near when it is overdue: from t on purchases come at the rate lambda / k. So it falls in silence, as does
    P(alive) times it; docs/decisions/0013 has the reason and the error.
    """
    k = model.k
    shape, rate, part = model.r + k * x, k * (model.alpha + t), (t - t_x) / (model.alpha + t)
    first = model.a + model.b - model.r - (k - 1.0) * x
    stays = model.b + x + 1.0
    orders = orders_until_gone(shape, rate, model.a, stays, first, horizon_days)
    term, total, j = 1.0, 1.0, 1.0
    while j < k and part > 0.0:
        term *= (shape + j - 1.0) / j * part
        total += term
        orders += term * orders_until_gone(shape + j, rate, model.a, stays, first - j, horizon_days)
        j += 1.0
    return orders / total

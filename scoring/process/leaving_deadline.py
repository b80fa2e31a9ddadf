"""About when a silence crosses a level, in days since the first order: customers of MBG and BG, who leave after a purchase.

There P(gone) / P(alive) is a constant over the tail, and log(tail) against log(alpha + t) is concave: for k = 1 a line.
log(orders if alive) is nearly straight there too.
"""

import math

from scoring.compiled import compiled
from scoring.layout import Family
from scoring.levels import USUAL
from scoring.process import bg_nbd, mbg_cnbd
from scoring.terms import Model
from scoring.value import discounted_orders_if_alive

_BG = int(Family.BG)
_HALF_A_SECOND = 0.5 / 86_400.0


@compiled
def near_drift(model: Model, x: float, t_x: float, p_level: float, tail_level: float) -> float:
    """When levels.has_drifted begins: P(alive) < p_level where tail < odds gone at once * p_level / (1 - p_level)."""
    level = min(USUAL, _odds_gone_at_once(model, x) * p_level / (1.0 - p_level)) if p_level < 1.0 else USUAL
    level = max(level, tail_level)
    if level >= 1.0:
        return t_x
    if level <= 0.0:
        return math.inf
    return (model.alpha + t_x) * math.exp(_way_to_tail(model, x, -math.log(level))) - model.alpha


@compiled
def near_fall(model: Model, x: float, t_x: float, start: float, end: float, log_orders: float) -> float:
    """When log(expected discounted orders) falls below log_orders, from start on; about end where it does not before it.

    Newton on its two parts against log(alpha + t): the first to full accuracy at every step, because it is cheap, the
    second by its secant. A secant on the value does not converge for customers with thousands of orders.
    """
    t, u = start, math.log(model.alpha + start)
    farthest = math.log(model.alpha + end)
    here = u - math.log(model.alpha + t_x)
    log_alive_orders = math.log(discounted_orders_if_alive(model, x, t_x, t))
    slope = -0.75  # of log_alive_orders over u: between -1 (old customers) and 0; the secant corrects it
    last_step = 1.0
    for _ in range(20):
        step = _step(model, x, here, log_orders - log_alive_orders, slope)
        if u + step >= farthest:
            return end
        u += step
        here += step
        t = math.exp(u) - model.alpha
        # what the next step would be: the error of a secant is about the product of its last two steps
        if abs(step * last_step) * math.exp(u) < _HALF_A_SECOND:
            break
        before, log_alive_orders = log_alive_orders, math.log(discounted_orders_if_alive(model, x, t_x, t))
        if step != 0.0:
            slope = min((log_alive_orders - before) / step, -1e-3)
        last_step = step
    return t


@compiled
def _step(model: Model, x: float, here: float, target: float, slope: float) -> float:
    """How far to go on from `here` in log((alpha + t)/(alpha + t_x)) until log P(alive) + slope * (the way) = target.

    The left side is concave and falls, so that Newton overshoots at most once.
    """
    log_at_once = math.log(_odds_gone_at_once(model, x))
    step = 0.0
    for _ in range(40):
        log_tail, fall = _tail_after(model, x, here + step)
        odds = log_at_once - log_tail
        # log P(alive) = -log(1 + e^odds), and P(gone)
        if odds > 0.0:
            small = math.exp(-odds)
            log_alive, gone = -odds - math.log1p(small), 1.0 / (1.0 + small)
        else:
            small = math.exp(odds)
            log_alive, gone = -math.log1p(small), small / (1.0 + small)
        correction = (log_alive + slope * step - target) / (fall * gone - slope)
        step += correction
        if abs(correction) < 1e-13:
            break
    return step


@compiled
def _way_to_tail(model: Model, x: float, depth: float) -> float:
    """The way in log((alpha + t)/(alpha + t_x)) at which log(tail) = -depth < 0. Newton, as in _step."""
    way = depth / (model.r + model.k * x)
    if model.k == 1.0:
        return way
    for _ in range(60):
        log_tail, fall = _tail_after(model, x, way)
        correction = (log_tail + depth) / fall
        way += correction
        if abs(correction) < 1e-14 * way:
            break
    return way


@compiled
def _tail_after(model: Model, x: float, way: float) -> tuple[float, float]:
    """log(tail) and how steeply it falls, a way in log((alpha + t)/(alpha + t_x)) after the last purchase; k as the model.

    -d log(tail) = (r + kx + k - 1) * (the last term of S) / S, because the derivatives of its terms cancel but for one.
    """
    k, shape = model.k, model.r + model.k * x
    if k == 1.0:
        return -shape * way, shape
    part = -math.expm1(-way)
    term, total, j = 1.0, 1.0, 1.0
    while j < k:
        term *= (shape + j - 1.0) / j * part
        total += term
        j += 1.0
    return math.log(total) - shape * way, (shape + k - 1.0) * term / total


@compiled
def _odds_gone_at_once(model: Model, x: float) -> float:
    return bg_nbd.odds_gone_at_once(model, x) if model.family == _BG else mbg_cnbd.odds_gone_at_once(model, x)

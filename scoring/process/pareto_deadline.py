"""About when a silence crosses a level, in days since the first order: customers of Pareto/NBD.

Neither P(alive) nor value has a form that could be solved, so the crossing is bracketed in log(alpha + t) and closed in
on by Chandrupatla's method (1997): inverse quadratic interpolation where it is safe, bisection where it is not.
"""

import math

from scoring.compiled import compiled
from scoring.levels import USUAL
from scoring.process import pareto_nbd
from scoring.terms import Model
from scoring.value import discounted_orders_if_alive

_CLOSE = 1e-3 / 86_400.0  # days
_MOST_STEPS = 200


@compiled
def near_drift(model: Model, x: float, t_x: float, end: float, p_level: float, tail_level: float) -> float:
    """When levels.has_drifted begins: P(alive) < p_level and tail < USUAL, or tail < tail_level. About end if not before."""
    shape = model.r + x
    usual = _silent_until(model, shape, t_x, USUAL)
    unusual = min(end, _silent_until(model, shape, t_x, tail_level))
    if unusual <= usual or _excess(model, x, t_x, usual, p_level, False) < 0.0:
        return min(usual, unusual)
    if p_level <= 0.0 or _excess(model, x, t_x, unusual, p_level, False) >= 0.0:
        return unusual
    return _crossing(model, x, t_x, usual, unusual, math.log(p_level), False)


@compiled
def near_fall(model: Model, x: float, t_x: float, start: float, end: float, log_orders: float) -> float:
    """When log(expected discounted orders) falls below log_orders, from start on; about end where it does not before it."""
    high = end
    if _excess(model, x, t_x, high, log_orders, True) >= 0.0:
        return end
    return _crossing(model, x, t_x, start, high, log_orders, True)


@compiled
def _silent_until(model: Model, shape: float, t_x: float, level: float) -> float:
    """When the tail is `level`."""
    if level >= 1.0:
        return t_x
    return (model.alpha + t_x) * math.exp(-math.log(level) / shape) - model.alpha if level > 0.0 else math.inf


@compiled
def _excess(model: Model, x: float, t_x: float, t: float, log_level: float, of_orders: bool) -> float:
    """log P(alive), or log(expected discounted orders), above a level."""
    odds = pareto_nbd.log_odds_gone(model, x, t_x, t)
    log_alive = -(max(odds, 0.0) + math.log1p(math.exp(-abs(odds))))
    return log_alive - log_level + (math.log(discounted_orders_if_alive(model, x, t_x, t)) if of_orders else 0.0)


@compiled
def _crossing(model: Model, x: float, t_x: float, start: float, end: float, log_level: float, of_orders: bool) -> float:
    """Where _excess falls below 0 between start, where it does not, and end, where it has. The newest point is u."""
    u, other = math.log(model.alpha + start), math.log(model.alpha + end)
    at_u = _excess(model, x, t_x, start, log_level, of_orders)
    at_other = _excess(model, x, t_x, end, log_level, of_orders)
    part = 0.5  # of the way from u to the other end of the bracket
    for _ in range(_MOST_STEPS):
        probe = u + part * (other - u)
        at_probe = _excess(model, x, t_x, math.exp(probe) - model.alpha, log_level, of_orders)
        if (at_probe >= 0.0) == (at_u >= 0.0):
            last, at_last = u, at_u
        else:
            last, at_last = other, at_other
            other, at_other = u, at_u
        u, at_u = probe, at_probe
        close = _CLOSE * math.exp(-u) / abs(other - last)
        if close > 0.5 or abs(other - u) * math.exp(u) < _CLOSE or at_u == 0.0:
            break
        spread, ratio = (u - other) / (last - other), (at_u - at_other) / (at_last - at_other)
        part = 0.5
        if 1.0 - math.sqrt(1.0 - spread) < ratio < math.sqrt(spread):
            part = at_u / (at_other - at_u) * at_last / (at_other - at_last)
            part += (last - u) / (other - u) * at_u / (at_last - at_u) * at_other / (at_last - at_other)
        part = min(max(part, close), 1.0 - close)
    return math.exp(u) - model.alpha

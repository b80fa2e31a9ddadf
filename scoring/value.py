"""What a customer is worth: expected gross profit over the model's horizon, minor units. Every family through one door.

`inputs` is one INPUTS record, a look at the customer at inputs.t.
"""

import math

from scoring.compiled import compiled
from scoring.correcting import corrected_orders
from scoring.gamma_gamma import expected_profit
from scoring.layout import Family, Record
from scoring.process import bg_nbd, mbg_cnbd, pareto_nbd
from scoring.synlead import kernel as synlead
from scoring.terms import Model

_MBG = int(Family.MBG)
_BG = int(Family.BG)
_SYNLEAD = int(Family.SYNLEAD)
_YEAR_DAYS = 365.0
_MOST_SLICES = 12
_SLICE_DAYS = 92.0  # a quarter: at 15% a year, discounting at the middle is less than 0.1% off


@compiled
def p_alive_of(model: Model, inputs: Record) -> float:
    """Probability that the customer still buys; 0 where no order counts. Nobody drops out under Synlead."""
    if inputs.orders <= 0.0:
        return 0.0
    return 1.0 if model.family == _SYNLEAD else p_alive(model, inputs.x, inputs.t_x, inputs.t)


@compiled
def p_alive(model: Model, x: float, t_x: float, t: float) -> float:
    """Probability that a customer with x repeat purchase days, the last at t_x, still buys at t."""
    if model.family == _MBG:
        return mbg_cnbd.p_alive(model, x, t_x, t)
    if model.family == _BG:
        return bg_nbd.p_alive(model, x, t_x, t)
    return pareto_nbd.p_alive(model, x, t_x, t)


@compiled
def tail_of(model: Model, inputs: Record) -> float:
    """Chance that a customer with this history who still buys is silent for at least as long; 1 where no order counts."""
    if inputs.orders <= 0.0:
        return 1.0
    return synlead.tail(model, inputs) if model.family == _SYNLEAD else tail(model, inputs.x, inputs.t_x, inputs.t)


@compiled
def tail(model: Model, x: float, t_x: float, t: float) -> float:
    """Chance that who still buys after x repeat purchase days, the last at t_x, is silent until t."""
    if model.family == _MBG:
        return mbg_cnbd.tail(model, x, t_x, t)
    if model.family == _BG:
        return bg_nbd.tail(model, x, t_x, t)
    return pareto_nbd.tail(model, x, t_x, t)


@compiled
def orders_if_alive(model: Model, x: float, t_x: float, t: float, days: float) -> float:
    """Expected purchases within so many days of a customer who still buys at t."""
    if model.family == _MBG:
        return mbg_cnbd.expected_orders_if_alive(model, x, t_x, t, days)
    if model.family == _BG:
        return bg_nbd.expected_orders_if_alive(model, x, t, days)
    return pareto_nbd.expected_orders_if_alive(model, x, t, days)


@compiled
def discounted_orders_if_alive(model: Model, x: float, t_x: float, t: float) -> float:
    """Expected purchases within the horizon of a customer who still buys at t, as many as they are worth today.

    The horizon is cut into at most 12 equal slices; the purchases of each are discounted as if they came at its middle.
    """
    if model.discount <= 0.0:
        return orders_if_alive(model, x, t_x, t, model.horizon_days)
    slices = min(_MOST_SLICES, max(1, math.ceil(model.horizon_days / _SLICE_DAYS)))
    days = model.horizon_days / slices
    total, before = 0.0, 0.0
    for i in range(slices):
        orders = orders_if_alive(model, x, t_x, t, days * (i + 1.0))
        total += (orders - before) * math.exp(-model.discount * days * (i + 0.5) / _YEAR_DAYS)
        before = orders
    return total


@compiled
def expected_orders_of(model: Model, inputs: Record) -> float:
    """Expected purchases within the horizon. It only falls while the customer is silent (t grows)."""
    if inputs.orders <= 0.0:
        return 0.0
    if model.family == _SYNLEAD:
        return synlead.expected_orders(model, inputs)
    x, t_x, t = inputs.x, inputs.t_x, inputs.t
    orders = p_alive(model, x, t_x, t) * orders_if_alive(model, x, t_x, t, model.horizon_days)
    return corrected_orders(model, orders, x)


@compiled
def discounted_orders(model: Model, x: float, t_x: float, t: float) -> float:
    """Expected purchases within the horizon, as many as they are worth today, corrected. Not for Synlead."""
    return corrected_orders(model, p_alive(model, x, t_x, t) * discounted_orders_if_alive(model, x, t_x, t), x)


@compiled
def value_of(model: Model, inputs: Record) -> float:
    """Expected discounted orders times expected profit of one; under Synlead what three periods leave. 0 where no order
    counts."""
    if inputs.orders <= 0.0:
        return 0.0
    if model.family == _SYNLEAD:
        return synlead.value(model, inputs)
    orders = discounted_orders(model, inputs.x, inputs.t_x, inputs.t)
    return orders * expected_profit(model, inputs.orders, inputs.profit)

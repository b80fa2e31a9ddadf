"""When silence takes a customer below a level of value, or drifts them to a level, to the second.

Each family says about when (its near_fall and near_drift, in days); value, P(alive) and tail themselves then decide
between neighbouring seconds.
"""

import math

from scoring.compiled import compiled
from scoring.correcting import log_orders_before
from scoring.gamma_gamma import expected_profit
from scoring.layout import DAY_US, NEVER_US, Family, Record
from scoring.levels import has_drifted
from scoring.process import leaving_deadline, pareto_deadline
from scoring.synlead import deadline as synlead
from scoring.terms import Model
from scoring.value import discounted_orders, p_alive, tail

_PARETO = int(Family.PARETO)
_SYNLEAD = int(Family.SYNLEAD)
_SECOND_US = 1_000_000
_FARTHEST_S = 36_525 * 86_400  # a hundred years


@compiled
def falls_below_at(model: Model, inputs: Record, first_us: int, level: float, from_us: int) -> int:
    """The first whole second >= from_us, in microseconds, at which value < level; NEVER_US if none within 100 years.

    At the second before, value >= level. But for Synlead, whose forecast may bring a loss, a level of 0 or below is never
    reached: silence takes value towards 0. `inputs` is any look at the silence.
    """
    start = -(-from_us // _SECOND_US)
    if inputs.orders <= 0.0:
        return start * _SECOND_US if level > 0.0 else NEVER_US
    if model.family == _SYNLEAD:
        return synlead.falls_below_at(model, inputs, level, start * _SECOND_US)
    if level <= 0.0:
        return NEVER_US
    x, t_x = inputs.x, inputs.t_x
    profit = expected_profit(model, inputs.orders, inputs.profit)
    if value_at(model, x, t_x, first_us, profit, start) < level:
        return start * _SECOND_US
    end = start + _FARTHEST_S
    t, t_end = _days(first_us, start), _days(first_us, end)
    log_orders = log_orders_before(model, math.log(level / profit), x)
    if model.family == _PARETO:
        near = pareto_deadline.near_fall(model, x, t_x, t, t_end, log_orders)
    else:
        near = leaving_deadline.near_fall(model, x, t_x, t, t_end, log_orders)
    below = _first_below(model, x, t_x, first_us, profit, level, start, _second(first_us, near, start, end), end)
    return below * _SECOND_US if below <= end else NEVER_US


@compiled
def falls_below_before(model: Model, inputs: Record, first_us: int, level: float, from_us: int, before_us: int) -> int:
    """As falls_below_at; NEVER_US where the value still reaches `level` at before_us, a whole second: which one look tells."""
    if before_us != NEVER_US and inputs.orders > 0.0 and model.family != _SYNLEAD:
        profit = expected_profit(model, inputs.orders, inputs.profit)
        if value_at(model, inputs.x, inputs.t_x, first_us, profit, before_us // _SECOND_US) >= level:
            return NEVER_US
    return falls_below_at(model, inputs, first_us, level, from_us)


@compiled
def drifts_at(
    model: Model,
    inputs: Record,
    scratch: Record,
    first_us: int,
    p_level: float,
    tail_level: float,
    from_us: int,
) -> int:
    """The first whole second >= from_us, in microseconds, at which levels.has_drifted; NEVER_US if none within 100 years.

    `inputs` is any look at the silence, `scratch` an INPUTS to compute with.
    """
    start = -(-from_us // _SECOND_US)
    if inputs.orders <= 0.0:
        return start * _SECOND_US if has_drifted(0.0, 1.0, p_level, tail_level) else NEVER_US
    if model.family == _SYNLEAD:
        return synlead.drifts_at(model, inputs, scratch, p_level, tail_level, start * _SECOND_US)
    x, t_x = inputs.x, inputs.t_x
    end = start + _FARTHEST_S
    t_end = _days(first_us, end)
    if model.family == _PARETO:
        near = pareto_deadline.near_drift(model, x, t_x, t_end, p_level, tail_level)
    else:
        near = leaving_deadline.near_drift(model, x, t_x, p_level, tail_level)
    guess = _second(first_us, near, start, end)
    drifted = _first_drifted(model, x, t_x, first_us, p_level, tail_level, start, guess, end)
    return drifted * _SECOND_US if drifted <= end else NEVER_US


@compiled
def _days(first_us: int, second: int) -> float:
    return (second * _SECOND_US - first_us) / DAY_US


@compiled
def _second(first_us: int, t: float, start: int, end: int) -> int:
    """The first whole second at t days or later, between start and end."""
    if t >= _days(first_us, end):
        return end
    return int(min(max(math.ceil(t * (DAY_US / _SECOND_US) + first_us / _SECOND_US), start), end))


@compiled
def value_at(model: Model, x: float, t_x: float, first_us: int, profit: float, second: int) -> float:
    """As scoring.value.value_of, to the last bit."""
    t = _days(first_us, second)
    return discounted_orders(model, x, t_x, t) * profit


@compiled
def _first_below(
    model: Model,
    x: float,
    t_x: float,
    first_us: int,
    profit: float,
    level: float,
    start: int,
    guess: int,
    end: int,
) -> int:
    """The first second after start with value < level; end + 1 if there is none up to end. At start, value >= level."""
    low, high = start, end + 1  # value >= level at low; value < level at high, or high is past the end
    probe, stride = max(guess, start + 1), 1
    while high - low > 1:
        if value_at(model, x, t_x, first_us, profit, probe) < level:
            high = probe
            probe = high - stride
        else:
            low = probe
            probe = low + stride
        stride *= 2
        if probe <= low or probe >= high:
            probe = low + (high - low) // 2
    return high


@compiled
def _first_drifted(
    model: Model,
    x: float,
    t_x: float,
    first_us: int,
    p_level: float,
    tail_level: float,
    start: int,
    guess: int,
    end: int,
) -> int:
    """The first second from start on at which has_drifted holds; end + 1 if there is none up to end. As _first_below."""
    low, high = start - 1, end + 1
    probe, stride = guess, 1
    while high - low > 1:
        t = _days(first_us, probe)
        if has_drifted(p_alive(model, x, t_x, t), tail(model, x, t_x, t), p_level, tail_level):
            high = probe
            probe = high - stride
        else:
            low = probe
            probe = low + stride
        stride *= 2
        if probe <= low or probe >= high:
            probe = low + (high - low) // 2
    return high

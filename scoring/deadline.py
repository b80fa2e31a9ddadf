"""When silence takes a customer's value below a level, to the second.

Newton on log(value) against log(alpha + t), where both parts of it are nearly straight, lands within a second or so;
the value itself then decides between neighbouring seconds. A secant on the value does not converge for customers with
thousands of orders.
"""

import math

from scoring.compiled import compiled
from scoring.gamma_gamma import expected_profit
from scoring.layout import DAY_US, NEVER_US, Model, Record
from scoring.levels import has_drifted
from scoring.look import age, copy_inputs
from scoring.process.mbg_cnbd import log_odds_gone, p_alive
from scoring.value import discounted_orders_if_alive, p_alive_of, tail_of

_SECOND_US = 1_000_000
_DAY_S = DAY_US / _SECOND_US
_FARTHEST_S = 36_525 * 86_400  # a hundred years
_MOST_AMOUNT = 1e15  # minor units; a double still counts them one by one


@compiled
def falls_below_at(
    model: Model, inputs: Record, scratch: Record, first_us: int, last_us: int, level: float, from_us: int
) -> int:
    """The first whole second >= from_us, in microseconds, at which value < level; NEVER_US if none within 100 years.

    At the second before, value >= level. A level of 0 or below is never reached: silence takes value towards 0.
    `inputs` is any look at the silence, `scratch` an INPUTS to compute with.
    """
    if level <= 0.0:
        return NEVER_US
    start = -(-from_us // _SECOND_US)
    orders = inputs.orders
    if orders <= 0.0:
        return start * _SECOND_US
    x, t_x = inputs.x, inputs.t_x
    profit = expected_profit(model, orders, inputs.profit)
    orders_at_start = expected_orders(model, x, t_x, _days(first_us, start))
    if orders_at_start * profit < level:
        return start * _SECOND_US
    end = start + _FARTHEST_S
    guess = _near(model, x, t_x, first_us, math.log(level / profit), start, end, orders_at_start)
    below = _first_below(model, x, t_x, first_us, profit, level, start, guess, end)
    return below * _SECOND_US if below <= end else NEVER_US


@compiled
def drifts_at(
    model: Model,
    inputs: Record,
    scratch: Record,
    first_us: int,
    last_us: int,
    p_level: float,
    tail_level: float,
    from_us: int,
) -> int:
    """The first whole second >= from_us, in microseconds, at which levels.has_drifted; NEVER_US if none within 100 years."""
    low = -(-from_us // _SECOND_US) - 1
    copy_inputs(scratch, inputs)
    stride = 1
    high = low + stride
    end = low + _FARTHEST_S
    while True:
        age(scratch, first_us, last_us, high * _SECOND_US, model)
        if has_drifted(p_alive_of(model, scratch), tail_of(model, scratch), p_level, tail_level):
            break
        low = high
        if high >= end:
            return NEVER_US
        stride *= 4
        high = min(high + stride, end)
    while high - low > 1:
        probe = low + (high - low) // 2
        age(scratch, first_us, last_us, probe * _SECOND_US, model)
        if has_drifted(p_alive_of(model, scratch), tail_of(model, scratch), p_level, tail_level):
            high = probe
        else:
            low = probe
    return high * _SECOND_US


@compiled
def expected_orders(model: Model, x: float, t_x: float, t: float) -> float:
    return p_alive(model, x, t_x, t) * discounted_orders_if_alive(model, x, t)


@compiled
def _days(first_us: int, second: int) -> float:
    return (second * _SECOND_US - first_us) / DAY_US


@compiled
def _value_at(model: Model, x: float, t_x: float, first_us: int, profit: float, second: int) -> float:
    """As scoring.value.value, to the last bit."""
    return expected_orders(model, x, t_x, _days(first_us, second)) * profit


@compiled
def _near(
    model: Model,
    x: float,
    t_x: float,
    first_us: int,
    log_orders: float,
    start: int,
    end: int,
    orders_at_start: float,
) -> int:
    """A second near the one at which log(expected orders) falls below log_orders, between start and end."""
    t = _days(first_us, start)
    u = math.log(model.alpha + t)
    farthest = math.log(model.alpha + _days(first_us, end))
    log_alive_orders = math.log(orders_at_start / p_alive(model, x, t_x, t))
    slope = -0.75  # of log_alive_orders over u: between -1 (old customers) and 0; the secant corrects it
    last_step = 1.0
    for _ in range(20):
        step = _step(model, x, t_x, t, log_orders - log_alive_orders, slope)
        if u + step >= farthest:
            return end
        u += step
        t = math.exp(u) - model.alpha
        # what the next step would be, in seconds: the error of a secant is about the product of its last two steps
        if abs(step * last_step) * math.exp(u) * _DAY_S < 0.5:
            break
        before, log_alive_orders = (
            log_alive_orders,
            math.log(discounted_orders_if_alive(model, x, math.exp(u) - model.alpha)),
        )
        if step != 0.0:
            slope = min((log_alive_orders - before) / step, -1e-3)
        last_step = step
    seconds = t * _DAY_S + first_us / _SECOND_US
    return min(max(math.ceil(seconds), start + 1), end)


@compiled
def _step(model: Model, x: float, t_x: float, t: float, target: float, slope: float) -> float:
    """How far to go in log(alpha + t) until log P(alive) + slope * (the way) = target.

    The left side is concave and falls, so that Newton overshoots at most once.
    """
    power = model.r + x
    odds_here = log_odds_gone(model, x, t_x, t)
    step = 0.0
    for _ in range(40):
        odds = odds_here + power * step
        # log P(alive) = -log(1 + e^odds), and P(gone)
        if odds > 0.0:
            small = math.exp(-odds)
            log_alive, gone = -odds - math.log1p(small), 1.0 / (1.0 + small)
        else:
            small = math.exp(odds)
            log_alive, gone = -math.log1p(small), small / (1.0 + small)
        correction = (log_alive + slope * step - target) / (power * gone - slope)
        step += correction
        if abs(correction) < 1e-13:
            break
    return step


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
    probe, stride = guess, 1
    while high - low > 1:
        if _value_at(model, x, t_x, first_us, profit, probe) < level:
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
def amount_that_keeps(
    model: Model,
    inputs: Record,
    scratch: Record,
    first_us: int,
    last_us: int,
    gross_profit: float,
    margin: float,
    level: float,
    by_us: int,
) -> float:
    """The least whole amount, minor units, of one more order at by_us with which the value then is at least `level`.

    `margin` is the share of the order's amount that is gross profit. 0 if any order will do; infinite if none will.
    `inputs` is any look at the silence until then, `scratch` an INPUTS to compute with.
    """
    x, orders = inputs.x, inputs.orders
    from_us = first_us if orders > 0.0 else by_us
    t = (by_us - from_us) / DAY_US
    another_day = orders > 0.0 and by_us // DAY_US != last_us // DAY_US
    due_orders = expected_orders(model, x + 1.0 if another_day else x, t, t)
    n = orders + 1.0
    if due_orders * expected_profit(model, n, gross_profit / n) >= level:
        return 0.0
    if margin <= 0.0:
        return math.inf
    # expected_profit is a line in the mean profit, and that is one in the amount
    base = expected_profit(model, n, 0.0)
    slope = expected_profit(model, n, 1.0) - base
    exact = ((level / due_orders - base) / slope * n - gross_profit) / margin
    if not exact < _MOST_AMOUNT:
        return math.inf
    amount, hair = float(math.ceil(exact)), 1.0
    while due_orders * expected_profit(model, n, (gross_profit + margin * amount) / n) < level:
        amount += hair  # what rounding took
        hair *= 2.0
    return amount

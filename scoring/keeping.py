"""What keeps a tier: the least amount of one more order with which the value is not below a level."""

import math

from scoring.compiled import compiled
from scoring.gamma_gamma import expected_profit
from scoring.layout import DAY_US, Family, Record
from scoring.synlead import keeping as synlead
from scoring.terms import Model
from scoring.value import discounted_orders

_SYNLEAD = int(Family.SYNLEAD)
_MOST_AMOUNT = 1e15  # minor units; a double still counts them one by one


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
    if model.family == _SYNLEAD:
        return synlead.amount_that_keeps(model, inputs, scratch, margin, level, by_us)
    x, orders = inputs.x, inputs.orders
    from_us = first_us if orders > 0.0 else by_us
    t = (by_us - from_us) / DAY_US
    another_day = orders > 0.0 and by_us // DAY_US != last_us // DAY_US
    x_then = x + 1.0 if another_day else x
    due_orders = discounted_orders(model, x_then, t, t)
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

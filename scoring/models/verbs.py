"""The verbs of a value model over many customers: loops over the scalar functions that the kernel runs.

`customers` has dtype INPUTS, shape (n,): each customer as seen at an instant (x, t_x, t in days; orders; mean gross profit an
order, minor units).
"""

import numpy as np

from scoring import deadline, value
from scoring.compiled import compiled
from scoring.layout import INPUTS, Floats, Ints, Records
from scoring.terms import Model


def looks(x: Floats, t_x: Floats, t: Floats, orders: Floats, profit: Floats) -> Records:
    """INPUTS from columns, each of shape (n,): how a table of customers comes to the verbs below."""
    customers = np.zeros(len(x), INPUTS)
    for name, column in (("x", x), ("t_x", t_x), ("t", t), ("orders", orders), ("profit", profit)):
        customers[name] = column
    return customers


@compiled
def p_alive(model: Model, customers: Records) -> Floats:
    """Probability that each still buys, shape (n,), in [0, 1]."""
    found = np.empty(len(customers))
    for i in range(len(customers)):
        found[i] = value.p_alive_of(model, customers[i])
    return found


@compiled
def tail(model: Model, customers: Records) -> Floats:
    """Chance that each, still buying, is silent for so long, shape (n,), in [0, 1]."""
    found = np.empty(len(customers))
    for i in range(len(customers)):
        found[i] = value.tail_of(model, customers[i])
    return found


@compiled
def expected_orders(model: Model, customers: Records) -> Floats:
    """Expected purchases of each within the horizon, shape (n,), not discounted."""
    found = np.empty(len(customers))
    for i in range(len(customers)):
        found[i] = value.expected_orders_of(model, customers[i])
    return found


@compiled
def expected_profit(model: Model, customers: Records) -> Floats:
    """Expected gross profit of each within the horizon, discounted, minor units, shape (n,): what the kernel calls value."""
    found = np.empty(len(customers))
    for i in range(len(customers)):
        found[i] = value.value_of(model, customers[i])
    return found


@compiled
def falls_below_at(model: Model, customers: Records, first_us: Ints, level: float, from_us: int) -> Ints:
    """The first whole second >= from_us, microseconds, at which silence has each below `level`; NEVER_US where it never does.

    `first_us` is each one's first order that counts, shape (n,).
    """
    found = np.empty(len(customers), np.int64)
    for i in range(len(customers)):
        found[i] = deadline.falls_below_at(model, customers[i], first_us[i], level, from_us)
    return found

"""Buyers drawn from the models themselves, so that their truth is known."""

import numpy as np

from scoring.history import LEAST_GAP_DAYS, Histories
from scoring.layout import Family, Floats
from scoring.terms import Model


def drawn_histories(model: Model, customers: int, seed: int, longest_days: float = 730.0) -> Histories:
    """Customers who came at any time within the longest watch; each purchase is an order, its profit gamma-gamma.

    Continuous time: nobody buys twice a day unless chance has it so, and then it counts.
    """
    chance = np.random.default_rng(seed)
    t = chance.uniform(longest_days / 4.0, longest_days, customers)
    rate = chance.gamma(model.r, 1.0 / model.alpha, customers)
    ends = np.full(customers, np.inf)
    leaving = np.zeros(customers)
    if model.family == Family.PARETO:
        ends = chance.exponential(1.0 / chance.gamma(model.a, 1.0 / model.b, customers))
    else:
        leaving = chance.beta(model.a, model.b, customers)
    x, t_x, log_gaps = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    active = np.ones(customers, np.bool_)
    if model.family == Family.MBG:
        active = chance.random(customers) >= leaving
    who = np.flatnonzero(active)
    while len(who):
        gap = chance.gamma(model.k, 1.0 / rate[who])
        at = t_x[who] + gap
        buys = at <= np.minimum(t[who], ends[who])
        who, gap, at = who[buys], gap[buys], at[buys]
        x[who] += 1.0
        t_x[who] = at
        log_gaps[who] += np.log(np.maximum(gap, LEAST_GAP_DAYS))
        if model.family != Family.PARETO:
            who = who[chance.random(len(who)) >= leaving[who]]
    orders = x + 1.0
    index = np.repeat(np.arange(customers), orders.astype(np.int64))
    profits = drawn_profits(model, index, customers, chance)
    mean = np.bincount(index, profits, customers) / orders
    return Histories(x, t_x, t, log_gaps, orders, mean, index, profits, np.arange(customers))


def drawn_profits(
    model: Model, order_of: np.ndarray[tuple[int], np.dtype[np.int64]], customers: int, chance: np.random.Generator
) -> Floats:
    """A gamma-gamma profit for each order."""
    pace = chance.gamma(model.q, 1.0 / model.v, customers)
    return chance.gamma(model.p, 1.0 / pace[order_of])

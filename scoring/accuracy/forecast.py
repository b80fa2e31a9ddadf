"""What a model says of the days to come, for every customer of some histories: what outcomes are held against."""

from typing import NamedTuple

import numpy as np

from scoring.accuracy.level import ahead
from scoring.everybody import chances_to_buy
from scoring.history import Histories
from scoring.layout import Family, Floats, Records
from scoring.models import verbs
from scoring.terms import Model


class Forecast(NamedTuple):
    """As of the histories' instant, shape (n,) each."""

    p_alive: Floats
    orders: Floats  # expected purchase days
    profit: Floats  # expected gross profit, not discounted, minor units
    chance: Floats  # of at least one purchase; NaN under Synlead, which tells none


def seen(histories: Histories) -> Records:
    """The customers as a model without periods looks at them, dtype INPUTS, shape (n,)."""
    return verbs.looks(histories.x, histories.t_x, histories.t, histories.orders, histories.profit)


def forecast(model: Model, histories: Histories, days: float, customers: Records | None = None) -> Forecast:
    """Of the next `days`. `customers` are the looks of a model that sees periods too (Synlead)."""
    if customers is None:
        customers = seen(histories)
    other = ahead(model, customers, days)
    silent = model.family == Family.SYNLEAD
    chance = np.full(len(customers), np.nan) if silent else chances_to_buy(model, histories, days)
    return Forecast(
        verbs.p_alive(model, customers),
        verbs.expected_orders(other, customers),
        verbs.expected_profit(other, customers),
        chance,
    )

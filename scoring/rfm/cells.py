"""Quintile cells: each customer's recency, frequency and monetary from 1 to 5, 5 the best, against everybody else's.

The boundaries come from tallies of bounded size that add up over buckets, so that one pass over the states gives them. Equal
values share a cell, whatever part of the population they are.
"""

from typing import NamedTuple

import numpy as np

from scoring.layout import Ints
from scoring.rfm.sums import Rfm

FIFTHS = np.arange(1, 5)
MOST_DAYS = 36_500
MOST_ORDERS = 10_000  # whoever has more is among the most frequent in any case
_STEP = 1.005  # money is told apart to half a percent
_MOST_MINOR = 10**15
# upper ends of the bins of money, minor units: 0, 1, 2, ... and from 200 on half a percent apart
MONEY_ENDS = np.unique(np.floor(_STEP ** np.arange(0, int(np.log(_MOST_MINOR) / np.log(_STEP)) + 2)).astype(np.int64))
MONEY_ENDS = np.concatenate([[0], MONEY_ENDS])


class Tally(NamedTuple):
    """How many customers there are of each whole day of recency, number of orders, and bin of money."""

    days: Ints
    orders: Ints
    money: Ints


class Cells(NamedTuple):
    """Where a fifth ends and the next begins, each of shape (4,), ascending: a value up to the first lies in the least fifth."""

    recency_days: Ints
    orders: Ints
    monetary: Ints  # minor units


def tally(rfm: Rfm) -> Tally:
    """Of the customers with an order."""
    there = rfm.orders > 0
    return Tally(
        np.bincount(_days(rfm)[there], minlength=MOST_DAYS + 1),
        np.bincount(np.minimum(rfm.orders[there], MOST_ORDERS), minlength=MOST_ORDERS + 1),
        np.bincount(np.searchsorted(MONEY_ENDS, rfm.monetary[there]), minlength=len(MONEY_ENDS)),
    )


def add(one: Tally, other: Tally) -> Tally:
    """The tally of both populations together."""
    return Tally(one.days + other.days, one.orders + other.orders, one.money + other.money)


def cells_of(told: Tally) -> Cells:
    """Boundaries: the least value that at least one, two, three, four fifths of the customers do not exceed."""
    return Cells(_fifths(told.days), _fifths(told.orders), MONEY_ENDS[_fifths(told.money)])


def scores(rfm: Rfm, cells: Cells) -> Ints:
    """Recency, frequency, monetary of each customer from 1 to 5, shape (n, 3); zeros for who has no order."""
    late = np.searchsorted(cells.recency_days, _days(rfm))  # boundaries below the value
    often = np.searchsorted(cells.orders, rfm.orders)
    much = np.searchsorted(cells.monetary, rfm.monetary)
    told: Ints = np.stack([5 - late, 1 + often, 1 + much], axis=1)
    told[rfm.orders == 0] = 0
    return told


def _days(rfm: Rfm) -> Ints:
    days = np.where(rfm.orders > 0, rfm.recency_days, 0.0).astype(np.int64)
    return np.minimum(np.maximum(days, 0), MOST_DAYS)


def _fifths(counts: Ints) -> Ints:
    so_far = np.cumsum(counts)
    return np.asarray(np.searchsorted(5 * so_far, FIFTHS * so_far[-1]), np.int64)

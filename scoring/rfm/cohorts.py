"""Cohort retention: of those who first ordered in a period, how many ordered in each period after it."""

from typing import NamedTuple

import numpy as np

from scoring.layout import Floats, Ints
from scoring.rfm.periods import ByPeriod, Period


class Cohorts(NamedTuple):
    """One cohort a row, from the first period to the last."""

    period: Period
    start: int  # number of the first cohort's period since 1970
    sizes: Ints  # customers, shape (c,)
    shares: Floats  # of cohort i who ordered j periods later, shape (c, c); nan: not yet, or nobody in it


def cohorts(months: ByPeriod, most: int) -> Cohorts:
    """Cohorts by the shortest period that gives at most so many. `months` is by_period(..., Period.MONTH, ...)."""
    ordered = months.orders > 0
    customer, month = months.customer[ordered], months.period[ordered]
    if not len(month):
        return Cohorts(Period.MONTH, 0, np.empty(0, np.int64), np.empty((0, 0)))
    period = next((p for p in Period if int(month.max()) // p - int(month.min()) // p < most), Period.YEAR)
    customer, came = np.unique(np.stack([customer, month // int(period)]), axis=1)
    start = int(came.min())
    size = int(came.max()) - start + 1
    _, first_row, entry = np.unique(customer, return_index=True, return_inverse=True)
    first = came[first_row] - start  # sorted by customer and period: the first row of each is their first period
    sizes = np.bincount(first, minlength=size)
    later = came - start - first[entry]
    counts = np.bincount(first[entry] * size + later, minlength=size * size).reshape(size, size)
    shares = np.full((size, size), np.nan)
    there = (sizes[:, None] > 0) & (np.arange(size)[:, None] + np.arange(size)[None, :] < size)
    shares[there] = (counts / np.maximum(sizes, 1)[:, None])[there]
    return Cohorts(period, start, sizes, shares)

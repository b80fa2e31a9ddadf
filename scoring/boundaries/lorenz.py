"""How few bring how much: the Lorenz curve, from the most valuable customer down."""

from typing import NamedTuple

import numpy as np

from scoring.boundaries.histogram import Histogram
from scoring.layout import Floats

POINTS = 101


class Lorenz(NamedTuple):
    """The curve at POINTS even shares of the customers, both in shares of 1.

    What is shared is all positive value, so that it rises to 1 and, where customers bring a loss, falls again at the end.
    """

    customers: Floats
    value: Floats


def lorenz(histogram: Histogram) -> Lorenz:
    """The curve of these values; all 0 where nobody is worth anything."""
    customers = np.linspace(0.0, 1.0, POINTS)
    whole = histogram.sums[histogram.bins > 0].sum()
    if whole <= 0.0:
        return Lorenz(customers, np.zeros(POINTS))
    reached = np.concatenate([[0], np.cumsum(histogram.counts[::-1])]) / histogram.customers
    brought = np.concatenate([[0.0], np.cumsum(histogram.sums[::-1])]) / whole
    return Lorenz(customers, np.interp(customers, reached, brought))

"""From the distribution of values to tier boundaries."""

from math import inf

import numpy as np

from scoring.boundaries.histogram import LEAST, Histogram
from scoring.boundaries.policy import Policy, Rule
from scoring.layout import Tier
from scoring.terms import Rules

_ROUNDING = 1e-8  # of a sum over bins: a share is reached where only this much is missing


def boundaries(histogram: Histogram, policy: Policy) -> Rules:
    """The boundaries that this distribution gives; the start ones where nobody is worth anything."""
    if policy.rule is Rule.THRESHOLDS or not (histogram.bins > 0).any():
        return policy.start
    least = least_that_bring if policy.rule is Rule.SHARE else percentile
    high, middle = least(histogram, policy.high), least(histogram, policy.middle)
    low_enter, low_leave = policy.start.enter[Tier.LOW], policy.start.leave[Tier.LOW]
    up, down = 1.0 + policy.hysteresis / 2.0, 1.0 - policy.hysteresis / 2.0
    return Rules(
        (-inf, -inf, low_enter, max(middle * up, low_enter), max(high * up, low_enter)),
        (-inf, -inf, low_leave, max(middle * down, low_leave), max(high * down, low_leave)),
        policy.start.min_stay_us,
    )


def least_that_bring(histogram: Histogram, share: float) -> float:
    """The value from which on customers bring this share of all positive values: the least of the smallest such set.

    Up to one bin (0.025%) below it, so that customers of equal value stay together. Minor units; 0 where nobody is worth anything.
    """
    worth = histogram.bins > 0
    if not worth.any():
        return 0.0
    edges = histogram.edges[worth][::-1]
    brought = np.cumsum(histogram.sums[worth][::-1])
    return float(edges[np.searchsorted(brought, share * brought[-1] * (1.0 - _ROUNDING))])


def percentile(histogram: Histogram, percent: float) -> float:
    """The value that so many percent of the customers do not reach; never nothing or a loss. Minor units."""
    below = np.cumsum(histogram.counts)
    at = min(int(np.searchsorted(below, percent / 100.0 * below[-1], side="right")), len(below) - 1)
    return max(float(histogram.edges[at]), LEAST)

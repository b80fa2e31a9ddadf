"""Purchases of a period: Poisson, at a rate that is gamma-distributed over customers (negative binomial).

Source document, "frequency model". a is the gamma's rate, b its shape, as the document writes them.
"""

import math

import numpy as np

from scoring.compiled import compiled
from scoring.layout import Floats


@compiled
def log_chance(x: float, a: float, b: float, periods: float) -> float:
    """log P(x purchases in so many periods). For one period P(x) = G(b+x) / (G(b) x!) (a/(a+1))^b (1/(a+1))^x."""
    ways = math.lgamma(b + x) - math.lgamma(b) - math.lgamma(x + 1.0)
    return ways - b * math.log1p(periods / a) - x * math.log1p(a / periods)


@compiled
def log_chances(x: Floats, a: float, b: float, periods: Floats) -> Floats:
    """The same for many customers, shape (n,)."""
    logs = np.empty(len(x))
    for i in range(len(x)):
        logs[i] = log_chance(x[i], a, b, periods[i])
    return logs


@compiled
def chance(x: float, a: float, b: float) -> float:
    """P(x purchases in one period)."""
    return math.exp(log_chance(x, a, b, 1.0))


@compiled
def growth(x: float, a: float, b: float) -> float:
    """P(x + 1) / P(x)."""
    return (b + x) / ((x + 1.0) * (a + 1.0))


@compiled
def chance_of_silence(a: float, b: float, frequency: float, empty: float) -> float:
    """The chance that a customer with `frequency` purchases in a period then has so many empty ones: the posterior is
    Gamma(b + frequency, a + 1), so ((a+1) / (a+1+empty))^(b+frequency)."""
    return math.exp(-(b + frequency) * math.log1p(empty / (a + 1.0)))

"""Maximum likelihood of the frequency model from counts over known numbers of periods. Value-model 6.1.

The document fits a gamma to mean frequencies; that takes Poisson noise for a difference between customers (a 14 to 25%
too low). The counts themselves are fitted here. Take `truncated` where only customers with a purchase were drawn.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma

from scoring.errors import DegenerateError
from scoring.layout import Floats
from scoring.synlead.frequency import log_chances

_BOX = 12.0  # log a and log b stay within +- this
_STARTS = (1.0, 0.3, 3.0)
_NEAR_THE_BOX = 0.7  # so near to it a or b has run away: no heterogeneity that could be told
_WEAK = 20.0  # beyond, a tells little: Poisson data give such ones by chance


class Frequency(NamedTuple):
    """a (gamma rate) and b (gamma shape) of the purchases of a period, with standard errors (NaN where there are none)."""

    a: float
    b: float
    a_error: float
    b_error: float
    log_likelihood: float
    customers: int
    poisson_like: bool  # no more variance than chance brings: a and b ran away, only b / a is known
    at_bound: bool  # the same, or b went to 0: hardly anybody buys again
    weak: bool  # a > 20: little evidence that customers differ


class _Counts(NamedTuple):
    """Customers with the same count over the same number of periods, together."""

    x: Floats
    periods: Floats
    weight: Floats


def fit_frequency(counts: Floats, periods: Floats, *, truncated: bool = False) -> Frequency:
    """Fit to whole counts, shape (n,), each over so many periods (> 0). Raises DegenerateError where they cannot tell."""
    if truncated:
        periods, counts = periods[counts > 0.0], counts[counts > 0.0]
    if not np.any(counts > 0.0):
        raise DegenerateError("no purchases: the frequency model has nothing to be fitted to")
    if truncated and np.all(counts == 1.0):
        raise DegenerateError("all counts are 1: the zero-truncated frequency model is not identified")
    pairs, weight = np.unique(np.stack([counts, periods]), axis=1, return_counts=True)
    data = _Counts(pairs[0], pairs[1], weight.astype(float))
    starts = [np.log(_by_moments(data)) + math.log(times) for times in _STARTS]
    bounds = [(-_BOX, _BOX)] * 2
    fits = [
        minimize(_loss, np.clip(start, -_BOX, _BOX), (data, truncated), "L-BFGS-B", jac=True, bounds=bounds, tol=1e-13)
        for start in starts
    ]
    best = min(fits, key=lambda fit: float(fit.fun))
    a, b = np.exp(best.x).tolist()
    a_error, b_error = _errors(best.x, data, truncated)
    far = _BOX - _NEAR_THE_BOX
    poisson_like, at_bound = bool(best.x.max() > far), bool(np.abs(best.x).max() > far)
    customers = int(data.weight.sum())
    return Frequency(a, b, a_error, b_error, -float(best.fun) * customers, customers, poisson_like, at_bound, a > _WEAK)


def log_likelihood(a: float, b: float, counts: Floats, periods: Floats, *, truncated: bool = False) -> float:
    """Of these counts (of which none is 0 where truncated)."""
    data = _Counts(counts, periods, np.ones(len(counts)))
    return -_loss(np.log([a, b]), data, truncated)[0] * len(counts)


def _by_moments(data: _Counts) -> Floats:
    """(a, b) whose mean and variance of the rate are the sample's."""
    x, n, w = data
    mean = (w * x).sum() / (w * n).sum()
    variance = (w * ((x - mean * n) ** 2 - mean * n)).sum() / (w * n * n).sum()
    variance = max(variance, 0.001 * mean * mean)
    return np.array([mean / variance, mean * mean / variance])


def _loss(logs: Floats, data: _Counts, truncated: bool) -> tuple[float, Floats]:
    """Minus the mean log-likelihood, and its gradient, at (log a, log b)."""
    a, b = np.exp(logs)
    x, n, w = data
    silent = -np.log1p(n / a)  # log(a / (a + n))
    of_one = log_chances(x, a, b, n)
    by_a = b * n / (a * (a + n)) - x / (a + n)
    by_b = digamma(b + x) - digamma(b) + silent
    if truncated:
        log_none = b * silent
        seen = -np.expm1(log_none)
        odds = np.exp(log_none) / seen
        of_one -= np.log(seen)
        by_a += odds * b * n / (a * (a + n))
        by_b += odds * silent
    total = w.sum()
    gradient = np.array([a * (w * by_a).sum(), b * (w * by_b).sum()])
    return -float((w * of_one).sum() / total), -gradient / total


def _errors(logs: Floats, data: _Counts, truncated: bool) -> tuple[float, float]:
    """Standard errors of a and b, from the observed information: central differences of the exact gradient."""
    step = 1e-4
    information = np.empty((2, 2))
    for i in range(2):
        move = np.zeros(2)
        move[i] = step
        ahead, behind = _loss(logs + move, data, truncated)[1], _loss(logs - move, data, truncated)[1]
        information[i] = (ahead - behind) / (2.0 * step)
    information = (information + information.T) / 2.0 * data.weight.sum()
    if np.linalg.det(information) <= 0.0 or information[0, 0] <= 0.0:
        return math.nan, math.nan
    spread = np.sqrt(np.diag(np.linalg.inv(information))) * np.exp(logs)
    return float(spread[0]), float(spread[1])

"""Maximum likelihood of the amount model from the amounts of each customer's active periods. Value-model 6.2.

The full likelihood sees every period; that of the means (Fader and Hardie) loses what differs within a customer and
leaves p very noisy: it is there for data of means only, and for comparison.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln, polygamma

from scoring.errors import DegenerateError
from scoring.layout import Floats, Ints
from scoring.synlead.amount import Amounts

_BOX = 14.0  # logs of p, q and of k over the geometric mean of all amounts stay within +- this
_NEAR_THE_BOX = 0.7
_RUN_AWAY = 1e4  # a q beyond: no difference between customers that could be told
_STARTS = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (-1.0, 0.5, 1.0))  # added to the logs of the start by moments
_ALIKE = 1e-9  # a spread of ln m below this is none


class Amount(NamedTuple):
    """p, q, k with standard errors (NaN where there are none); k in the unit of the amounts."""

    amounts: Amounts
    errors: Amounts
    log_likelihood: float
    customers: int
    at_bound: bool  # q and k ran away together: all customers alike, only k / q is known
    mean_finite: bool  # q > 1


class _Sums(NamedTuple):
    """Of each customer, amounts over the geometric mean of all."""

    periods: Floats  # h: active ones
    total: Floats  # S
    logs: Floats  # sum of ln m


def fit_amount(customer: Ints, amounts: Floats, *, means_only: bool = False, least_q: float = 0.0) -> Amount:
    """Fit to period amounts, shape (n,), each of the customer with that index. Raises DegenerateError where they cannot tell.

    Amounts not above zero are dropped. means_only: of each customer only the mean over the periods is looked at.
    least_q: the best fit with a q no lower; above 1 the mean stays finite.
    """
    holds = np.isfinite(amounts) & (amounts > 0.0)
    customer, amounts = np.unique(customer[holds], return_inverse=True)[1], amounts[holds]
    if len(amounts) == 0:
        raise DegenerateError("no amounts above zero: the amount model has nothing to be fitted to")
    scale = math.exp(float(np.log(amounts).mean()))
    logs = np.log(amounts / scale)
    sums = _Sums(
        np.bincount(customer).astype(float),
        np.bincount(customer, amounts / scale).astype(float),
        np.bincount(customer, logs).astype(float),
    )
    within = _within(customer, logs, sums)
    starts = np.log(_by_moments(logs, sums, within)) + np.array(_STARTS)
    low = np.array([-_BOX, math.log(least_q) if least_q > 0.0 else -_BOX, -_BOX])
    bounds = [(lowest, _BOX) for lowest in low]
    fits = [
        minimize(_loss, np.clip(start, low, _BOX), (sums, means_only), "L-BFGS-B", jac=True, bounds=bounds, tol=1e-13)
        for start in starts
    ]
    best = min(fits, key=lambda fit: float(fit.fun))
    p, q, k = np.exp(best.x).tolist()
    away = bool(np.any(np.abs(best.x) > _BOX - _NEAR_THE_BOX)) or q > _RUN_AWAY
    n = len(sums.periods)
    # per amount, not per scaled one: each density is divided by the scale
    likelihood = -float(best.fun) * n - (n if means_only else len(amounts)) * math.log(scale)
    errors = _errors(best.x, sums, means_only)
    scaled = Amounts(p, q, k * scale)
    return Amount(scaled, Amounts(errors[0], errors[1], errors[2] * scale), likelihood, n, away, q > 1.0)


def _within(customer: Ints, logs: Floats, sums: _Sums) -> float:
    """Pooled variance of ln m within customers, 0 where nobody has two amounts. Refuses what has no maximum."""
    if np.ptp(logs) < _ALIKE:
        raise DegenerateError(
            "all amounts are identical: how customers differ in them cannot be told (p and q diverge)"
        )
    spare = len(logs) - len(sums.periods)  # degrees of freedom
    if spare == 0:
        return 0.0
    squares = float(((logs - (sums.logs / sums.periods)[customer]) ** 2).sum())
    if squares / spare < _ALIKE**2:
        raise DegenerateError("no variance inside customers: p diverges, the next amount is the last one for certain")
    return squares / spare


def _by_moments(logs: Floats, sums: _Sums, within: float) -> Floats:
    """(p, q, k) by the moments of ln m: psi'(p) is its variance within a customer, psi'(q) that between them."""
    means = sums.logs / sums.periods
    between = float(means.var())
    if within == 0.0:  # one period each: nobody can tell the two apart
        within = between = float(logs.var()) / 2.0
    else:
        between = max(between - within * float((1.0 / sums.periods).mean()), 0.001 * within)
    p, q = _inverse_trigamma(within), _inverse_trigamma(between)
    k = math.exp(float(means.mean() - digamma(p) + digamma(q)))
    return np.array([p, q, k])


def _inverse_trigamma(variance: float) -> float:
    """The p with psi'(p) = variance, by Newton on 1 / psi', which is nearly straight."""
    p = 0.5 + 1.0 / variance
    for _ in range(50):
        slope = float(polygamma(1, p))
        p += slope * (1.0 - slope / variance) / float(polygamma(2, p))
    return p


def _loss(logs: Floats, sums: _Sums, means_only: bool) -> tuple[float, Floats]:
    """Minus the mean log-likelihood of a customer, and its gradient, at (log p, log q, log k)."""
    p, q, k = np.exp(logs)
    h, total, log_sum = sums
    shape = p * h + q
    log_rate = np.log(k + total)
    of_one = gammaln(shape) - gammaln(q) + q * math.log(k) - shape * log_rate
    of_shape = digamma(shape)
    by_p = h * (of_shape - log_rate)
    by_q = of_shape - digamma(q) + math.log(k) - log_rate
    by_k = q / k - shape / (k + total)
    if means_only:
        of_one += np.log(h) - gammaln(p * h) + (p * h - 1.0) * np.log(total)
        by_p += h * (np.log(total) - digamma(p * h))
    else:
        of_one += (p - 1.0) * log_sum - h * gammaln(p)
        by_p += log_sum - h * digamma(p)
    gradient = np.array([p * by_p.mean(), q * by_q.mean(), k * by_k.mean()])
    return -float(of_one.mean()), -gradient


def _errors(logs: Floats, sums: _Sums, means_only: bool) -> list[float]:
    """Standard errors of p, q, k, from the observed information: central differences of the exact gradient."""
    step = 1e-4
    information = np.empty((3, 3))
    for i in range(3):
        move = np.zeros(3)
        move[i] = step
        ahead, behind = _loss(logs + move, sums, means_only)[1], _loss(logs - move, sums, means_only)[1]
        information[i] = (ahead - behind) / (2.0 * step)
    information = (information + information.T) / 2.0 * len(sums.periods)
    if np.any(np.linalg.eigvalsh(information) <= 0.0):
        return [math.nan] * 3
    spread: list[float] = (np.sqrt(np.diag(np.linalg.inv(information))) * np.exp(logs)).tolist()
    return spread

"""The highest point of a log-likelihood over positive parameters, searched in their logarithms inside a box.

The functions summed here cost little and their derivatives much to write: central differences are exact to nine digits in
the gradient and six in the second derivatives.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from scoring.layout import Floats

Function = Callable[[Floats], float]
_STEP = 1e-4  # of a gradient
_WIDE_STEP = 1e-3  # of second derivatives
_NEAR_THE_BOX = 0.5  # so near to its side a parameter has run away
_MOST_NEWTON_STEPS = 6
_REACHED = 1e-6  # of log-likelihood that the next step would gain


class Optimum(NamedTuple):
    """Logarithms of the parameters, shape (m,), and what is known of them."""

    logs: Floats
    log_likelihood: float
    errors: Floats  # standard errors of the logarithms; NaN of a parameter at the box, or where there is no maximum
    at_bound: bool


def climb(function: Function, starts: Sequence[Floats], low: Floats, high: Floats, size: float) -> Floats:
    """Where the best of several climbs ends; `size` is the number of customers, which sets the scale of the function."""

    def falls(logs: Floats) -> tuple[float, Floats]:
        return -function(logs) / size, -_gradient(function, logs) / size

    bounds = list(zip(low, high, strict=True))
    options = {"ftol": 1e-13, "gtol": 1e-7, "maxiter": 300}
    ends = [
        minimize(falls, np.clip(start, low, high), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        for start in starts
    ]
    best = min(ends, key=lambda end: float(end.fun))
    return np.asarray(best.x, np.float64)


def settle(function: Function, logs: Floats, low: Floats, high: Floats, size: float) -> Optimum:
    """Newton's method from a point near the top; where it is none, another climb. The last second derivatives give errors."""
    logs, climbed = logs.copy(), False
    gradient, curvature, top = _derivatives(function, logs)
    for _ in range(_MOST_NEWTON_STEPS):
        free = (logs > low + _NEAR_THE_BOX) & (logs < high - _NEAR_THE_BOX)
        step = _newton(gradient, curvature, free)
        if step is not None and float(gradient @ step) < _REACHED:
            break
        ahead = None if step is None else np.clip(logs + step, low, high)
        if ahead is None or function(ahead) < top:
            if climbed:
                break
            ahead, climbed = climb(function, [logs], low, high, size), True
        logs = ahead
        gradient, curvature, top = _derivatives(function, logs)
    free = (logs > low + _NEAR_THE_BOX) & (logs < high - _NEAR_THE_BOX)
    return Optimum(logs, top, _errors(curvature, free), not bool(free.all()))


def _gradient(function: Function, logs: Floats) -> Floats:
    moves = np.eye(len(logs)) * _STEP
    return np.array([(function(logs + move) - function(logs - move)) / (2.0 * _STEP) for move in moves])


def _derivatives(function: Function, logs: Floats) -> tuple[Floats, Floats, float]:
    """Gradient, second derivatives and value."""
    m, h = len(logs), _WIDE_STEP
    moves = np.eye(m) * h
    top = function(logs)
    up = np.array([function(logs + move) for move in moves])
    down = np.array([function(logs - move) for move in moves])
    curvature = np.diag((up - 2.0 * top + down) / h**2)
    for i in range(m):
        for j in range(i):
            both = moves[i] + moves[j]
            mixed = function(logs + both) + function(logs - both) - up[i] - up[j] - down[i] - down[j] + 2.0 * top
            curvature[i, j] = curvature[j, i] = mixed / (2.0 * h**2)
    return (up - down) / (2.0 * h), curvature, top


def _newton(
    gradient: Floats, curvature: Floats, free: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
) -> Floats | None:
    """The step of the free parameters, none of the others; None where the function does not curve down."""
    step = np.zeros(len(gradient))
    inner = -curvature[np.ix_(free, free)]
    if not np.isfinite(inner).all() or not free.any() or np.linalg.eigvalsh(inner)[0] <= 0.0:
        return None
    step[free] = np.linalg.solve(inner, gradient[free])
    return step


def _errors(curvature: Floats, free: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    errors = np.full(len(curvature), np.nan)
    inner = -curvature[np.ix_(free, free)]
    if free.any() and np.isfinite(inner).all() and np.linalg.eigvalsh(inner)[0] > 0.0:
        errors[free] = np.sqrt(np.diag(np.linalg.inv(inner)))
    return errors

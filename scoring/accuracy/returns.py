"""Forecasts corrected by what the days before brought: of those told so much, how much came.

Models let a silent customer leave for good, and keep a customer's pace for ever. In real shops some return, frequent buyers
most of all, so that a silent frequent buyer is told too little. The correction is learned by looking back: the model is fitted
to the date less a window, what it foretells for the window is held against what the window brought, and a regression on the
forecast and the purchase days so far says how to correct what is told today. It keeps every order of two customers with
equal purchase days, and falls in silence as the forecast does.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.layout import Floats

_SURE = 1e-4  # a chance nearer to 0 or 1 counts as this near
_LEAST = 1e-6  # fewer expected orders count as so many
_STEPS = 100
_RIDGE = 1.0  # pseudo-customers who say that nothing is to be corrected, so that few data correct little


class Correction(NamedTuple):
    """g(corrected) = shift + scale * g(told) + frequency * ln(purchase days); g: log odds of chances, logarithm of counts."""

    shift: float = 0.0
    scale: float = 1.0
    frequency: float = 0.0


NO_CORRECTION = Correction()


def learn_chances(chances: Floats, x: Floats, happened: npt.NDArray[np.bool_]) -> Correction:
    """By logistic regression (Cox 1958) of what happened on past chances, shape (n,); x: repeat purchase days."""
    columns, came = _columns(_log_odds(chances), x), happened.astype(np.float64)
    found = np.array(NO_CORRECTION)
    for _ in range(_STEPS):
        told = 1.0 / (1.0 + np.exp(-(columns @ found)))
        found, done = _newton(found, columns, came - told, told * (1.0 - told))
        if done:
            break
    return _named(found)


def correct_chances(correction: Correction, chances: Floats, x: Floats) -> Floats:
    """The chances after the correction, shape (n,), in (0, 1)."""
    told: Floats = 1.0 / (1.0 + np.exp(-(_columns(_log_odds(chances), x) @ np.array(correction))))
    return told


def learn_orders(expected: Floats, x: Floats, came: Floats) -> Correction:
    """By Poisson regression of the purchase days that came on past expectations, shape (n,)."""
    columns = _columns(_log(expected), x)
    found = np.array(NO_CORRECTION)
    for _ in range(_STEPS):
        told = np.exp(columns @ found)
        found, done = _newton(found, columns, came - told, told)
        if done:
            break
    return _named(found)


def correct_orders(correction: Correction, expected: Floats, x: Floats) -> Floats:
    """The expected purchase days after the correction, shape (n,)."""
    told: Floats = np.exp(_columns(_log(expected), x) @ np.array(correction))
    return told


def _newton(found: Floats, columns: Floats, left: Floats, weight: Floats) -> tuple[Floats, bool]:
    """One step of Newton's method on the ridged likelihood, and whether it was the last that mattered."""
    slope = columns.T @ left - _RIDGE * (found - np.array(NO_CORRECTION))
    bend = (columns * weight[:, None]).T @ columns + _RIDGE * np.eye(3)
    step: Floats = np.linalg.solve(bend, slope)
    return found + step, bool(np.abs(step).max() < 1e-9)


def _named(found: Floats) -> Correction:
    return Correction(*(float(number) for number in found))


def _columns(told: Floats, x: Floats) -> Floats:
    return np.stack([np.ones(len(x)), told, np.log1p(x)], axis=1)


def _log_odds(chances: Floats) -> Floats:
    sure = np.clip(chances, _SURE, 1.0 - _SURE)
    odds: Floats = np.log(sure / (1.0 - sure))
    return odds


def _log(expected: Floats) -> Floats:
    logs: Floats = np.log(np.maximum(expected, _LEAST))
    return logs

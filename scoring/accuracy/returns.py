"""What forecasts of the days before were worth: of those told so much, how much came.

Models let a silent customer leave for good, and keep a customer's pace for ever. In real shops some return, frequent buyers
most of all, so that a silent frequent buyer is told too little. A regression of what came on the forecast and the purchase
days so far says how to correct what is told today (scoring/correcting.py).
"""

import numpy as np
import numpy.typing as npt

from scoring.layout import Floats
from scoring.terms import NO_CORRECTION, Correction

_SURE = 1e-4  # a chance nearer to 0 or 1 counts as this near
_LEAST = 1e-6  # fewer expected orders count as so many
_STEPS = 100
_RIDGE = 1.0  # pseudo-customers who say that nothing is to be corrected, so that few data correct little
LEAST_SCALE, MOST_SCALE = 0.05, 5.0  # a forecast that does not fall in silence is none
MOST = 20.0  # of a shift, in logarithms: beyond, numbers overflow
Line = tuple[float, float, float]  # shift, scale, frequency
_NOTHING: Line = (0.0, 1.0, 0.0)


def learn(orders: Floats, chances: Floats, x: Floats, came: Floats, happened: npt.NDArray[np.bool_]) -> Correction:
    """From past forecasts of customers, shape (n,) each. x: repeat purchase days; came: purchase days; happened: any at all.

    NO_CORRECTION where the regressions end nowhere, or say that who was told more bought less.
    """
    of_orders, of_chances = learn_orders(orders, x, came), learn_chances(chances, x, happened)
    if of_orders is None or of_chances is None:
        return NO_CORRECTION
    return Correction(*of_orders, *of_chances)


def learn_chances(chances: Floats, x: Floats, happened: npt.NDArray[np.bool_]) -> Line | None:
    """By logistic regression (Cox 1958) of what happened on past chances, shape (n,); None where there is no correction."""
    columns, came = _columns(_log_odds(chances), x), happened.astype(np.float64)
    found = np.array(_NOTHING)
    for _ in range(_STEPS):
        told = 1.0 / (1.0 + np.exp(-(columns @ found)))
        found, done = _newton(found, columns, came - told, told * (1.0 - told))
        if done or not _in_bounds(found):
            break
    return _line(found, done)


def learn_orders(expected: Floats, x: Floats, came: Floats) -> Line | None:
    """By Poisson regression of the purchase days that came on past expectations, shape (n,); None as for chances."""
    columns = _columns(_log(expected), x)
    found = np.array(_NOTHING)
    for _ in range(_STEPS):
        told = np.exp(columns @ found)
        found, done = _newton(found, columns, came - told, told)
        if done or not _in_bounds(found):
            break
    return _line(found, done)


def _newton(found: Floats, columns: Floats, left: Floats, weight: Floats) -> tuple[Floats, bool]:
    """One step of Newton's method on the ridged likelihood, and whether it was the last that mattered."""
    slope = columns.T @ left - _RIDGE * (found - np.array(_NOTHING))
    bend = (columns * weight[:, None]).T @ columns + _RIDGE * np.eye(3)
    step: Floats = np.linalg.solve(bend, slope)
    return found + step, bool(np.abs(step).max() < 1e-9)


def _in_bounds(found: Floats) -> bool:
    """Far beyond any correction, exp overflows."""
    return bool(np.isfinite(found).all() and np.abs(found).max() <= MOST)


def _line(found: Floats, done: bool) -> Line | None:
    shift, scale, frequency = (float(number) for number in found)
    sound = done and _in_bounds(found) and LEAST_SCALE <= scale <= MOST_SCALE
    return (shift, scale, frequency) if sound else None


def _columns(told: Floats, x: Floats) -> Floats:
    return np.stack([np.ones(len(x)), told, np.log1p(x)], axis=1)


def _log_odds(chances: Floats) -> Floats:
    sure = np.clip(chances, _SURE, 1.0 - _SURE)
    odds: Floats = np.log(sure / (1.0 - sure))
    return odds


def _log(expected: Floats) -> Floats:
    logs: Floats = np.log(np.maximum(expected, _LEAST))
    return logs

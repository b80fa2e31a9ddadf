"""Chances to buy again, corrected by what the days before brought: how many of those told a chance came back.

Models let a silent customer leave for good. In real shops some of them return, frequent buyers most of all, so that the
chance of a silent frequent buyer comes out too low. The correction is learned by looking back: the model is fitted to the
date less a window, its chances for the window are held against who bought in it, and a logistic regression on the
logarithm of the odds (Cox 1958) and of the purchase days so far says how to correct the chances told today.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.layout import Floats

_SURE = 1e-4  # a chance nearer to 0 or 1 counts as this near
_STEPS = 50
_RIDGE = 1.0  # pseudo-customers who say that nothing is to be corrected, so that few data correct little


class Correction(NamedTuple):
    """log odds = shift + scale * the model's + frequency * ln(purchase days)."""

    shift: float = 0.0
    scale: float = 1.0
    frequency: float = 0.0


NO_CORRECTION = Correction()


def corrected(correction: Correction, chances: Floats, x: Floats) -> Floats:
    """The chances after the correction, shape (n,), in (0, 1); x: repeat purchase days."""
    odds = _columns(chances, x) @ np.array(correction)
    told: Floats = 1.0 / (1.0 + np.exp(-odds))
    return told


def learn(chances: Floats, x: Floats, happened: npt.NDArray[np.bool_]) -> Correction:
    """The likeliest correction (Newton's method, a light ridge towards none) of past chances, shape (n,), by what happened."""
    columns, came = _columns(chances, x), happened.astype(np.float64)
    found = start = np.array(NO_CORRECTION)
    for _ in range(_STEPS):
        told = 1.0 / (1.0 + np.exp(-(columns @ found)))
        slope = columns.T @ (came - told) - _RIDGE * (found - start)
        bend = (columns * (told * (1.0 - told))[:, None]).T @ columns + _RIDGE * np.eye(3)
        step = np.linalg.solve(bend, slope)
        found = found + step
        if np.abs(step).max() < 1e-9:
            break
    return Correction(*(float(number) for number in found))


def _columns(chances: Floats, x: Floats) -> Floats:
    sure = np.clip(chances, _SURE, 1.0 - _SURE)
    return np.stack([np.ones(len(x)), np.log(sure / (1.0 - sure)), np.log1p(x)], axis=1)

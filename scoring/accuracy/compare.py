"""Which of two models foretold a holdout better: what decides whether a refit is taken.

One score, of what tiers are made from: each customer's expected gross profit in the holdout. It is m - y ln m for a forecast m
and an outcome y, Poisson's: consistent for the mean (Gneiting 2011, "Making and evaluating point forecasts"), so that nobody
gains by telling something else than the expectation; linear in y, so that a few large buyers do not decide alone, as they
would by squares; and the same verdict in pence as in pounds. Purchases, dropout and profit an order all bear on it.

The model in force may have been fitted to a part of the holdout already, and two fits to nearly the same data differ by
chance. So a refit is worse only where its mean score is worse by more than two standard errors of the paired difference, and
by a thousandth of the mean profit: what it costs to tell everybody 4.5% too much.
"""

from typing import NamedTuple

import numpy as np

from scoring.accuracy.forecast import forecast
from scoring.history import Histories
from scoring.layout import Floats
from scoring.outcomes import Outcomes
from scoring.terms import Model

LEAST_PROFIT = 1e-3  # minor units: a forecast of nothing, or of a loss, counts as this
ERRORS = 2.0  # standard errors beyond which a difference is no chance
NOTHING = 0.001  # mean profits: a smaller difference, however sure, is none


class Comparison(NamedTuple):
    """Mean scores a customer, lower is better, in mean profits of the holdout."""

    old: float
    new: float
    standard_error: float  # of new - old, paired by customer

    @property
    def is_worse(self) -> bool:
        """Whether the new model foretold the holdout worse, chance aside."""
        return self.new - self.old > max(ERRORS * self.standard_error, NOTHING)


def scores(expected: Floats, profit: Floats) -> Floats:
    """The score of each forecast, shape (n,), both in the same unit."""
    told = np.maximum(expected, LEAST_PROFIT)
    return told - profit * np.log(told)


def compare(old: Floats, new: Floats, profit: Floats) -> Comparison:
    """Two forecasts of the profit that came, shape (n,) each, minor units."""
    unit = max(float(np.abs(profit).mean()), 1.0)
    before, after = scores(old, profit) / unit, scores(new, profit) / unit
    error = float(np.std(after - before) / np.sqrt(len(profit)))
    return Comparison(float(before.mean()), float(after.mean()), error)


def predicts_better(old_model: Model, new_model: Model, histories: Histories, outcomes: Outcomes, days: float) -> bool:
    """Whether the new model may take the old one's place: it foretold the holdout of so many days at least as well,
    chance aside. For the families with a process."""
    old, new = (forecast(model, histories, days).profit for model in (old_model, new_model))
    return not compare(old, new, outcomes.profit).is_worse

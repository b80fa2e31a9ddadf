"""Corrections learned from the past, against a distortion that was put there."""

import numpy as np
import pytest

from scoring.accuracy.returns import learn, learn_chances, learn_orders
from scoring.correcting import corrected_chance, corrected_orders
from scoring.defaults import DEFAULT_MODEL
from scoring.layout import Floats
from scoring.terms import NO_CORRECTION, Correction

DICE = np.random.default_rng(3)
N = 40_000
X = DICE.poisson(DICE.gamma(0.5, 4.0, N)).astype(np.float64)
LINE = (-0.4, 0.6, 0.5)
TRUE = DEFAULT_MODEL._replace(correction=Correction(*LINE, *LINE))
NOTHING = (0.0, 1.0, 0.0)


def chances(told: Floats) -> Floats:
    return np.array([corrected_chance(TRUE, chance, x) for chance, x in zip(told.tolist(), X.tolist(), strict=True)])


def orders(told: Floats) -> Floats:
    return np.array(
        [corrected_orders(TRUE, expected, x) for expected, x in zip(told.tolist(), X.tolist(), strict=True)]
    )


def test_what_was_distorted_is_found() -> None:
    told, expected = DICE.beta(1.0, 3.0, N), DICE.gamma(1.0, 1.0, N)
    happened = DICE.random(N) < chances(told)
    came = DICE.poisson(orders(expected)).astype(np.float64)
    assert learn_chances(told, X, happened) == pytest.approx(LINE, abs=0.06)
    assert learn_orders(expected, X, came) == pytest.approx(LINE, abs=0.03)
    assert learn(expected, told, X, came, happened) == pytest.approx(TRUE.correction, abs=0.06)


def test_where_what_was_told_came_nothing_is_corrected() -> None:
    told = DICE.beta(1.0, 3.0, N)
    assert learn_chances(told, X, DICE.random(N) < told) == pytest.approx(NOTHING, abs=0.06)
    few = learn_chances(np.array([0.2]), np.array([1.0]), np.array([True]))
    assert few is not None
    assert np.abs(np.array(few) - NOTHING).max() < 1.0


def test_a_past_that_contradicts_every_forecast_corrects_nothing() -> None:
    """Those told most bought least: such a correction would rise in silence."""
    told, expected = DICE.beta(1.0, 3.0, N), DICE.gamma(1.0, 1.0, N)
    happened, came = DICE.random(N) > told, DICE.poisson(1.0 / (1.0 + expected)).astype(np.float64)
    assert learn_chances(told, X, happened) is None
    assert learn_orders(expected, X, came) is None
    assert learn(expected, told, X, came, happened) == NO_CORRECTION


@pytest.mark.parametrize("came", [0.0, 1e12])
def test_what_no_regression_can_follow_stays_finite(came: float) -> None:
    found = learn(np.full(200, 0.5), np.full(200, 0.3), np.zeros(200), np.full(200, came), np.full(200, came > 0.0))
    assert np.isfinite(np.array(found)).all()
    assert min(found.orders_scale, found.chance_scale) > 0.0

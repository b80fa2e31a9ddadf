"""Corrections learned from the past, against a distortion that was put there."""

import numpy as np
import pytest

from scoring.accuracy.returns import (
    NO_CORRECTION,
    Correction,
    correct_chances,
    correct_orders,
    learn_chances,
    learn_orders,
)

DICE = np.random.default_rng(3)
N = 40_000
X = DICE.poisson(DICE.gamma(0.5, 4.0, N)).astype(np.float64)
TRUE = Correction(-0.4, 0.6, 0.5)


def test_what_was_distorted_is_found() -> None:
    told = DICE.beta(1.0, 3.0, N)
    happened = DICE.random(N) < correct_chances(TRUE, told, X)
    assert learn_chances(told, X, happened) == pytest.approx(TRUE, abs=0.06)
    expected = DICE.gamma(1.0, 1.0, N)
    came = DICE.poisson(correct_orders(TRUE, expected, X)).astype(np.float64)
    assert learn_orders(expected, X, came) == pytest.approx(TRUE, abs=0.03)


def test_where_what_was_told_came_nothing_is_corrected() -> None:
    told = DICE.beta(1.0, 3.0, N)
    assert learn_chances(told, X, DICE.random(N) < told) == pytest.approx(NO_CORRECTION, abs=0.06)
    few = learn_chances(np.array([0.2]), np.array([1.0]), np.array([True]))
    assert np.abs(np.array(few) - NO_CORRECTION).max() < 1.0


def test_a_correction_falls_in_silence_as_the_forecast_does_and_has_no_edge() -> None:
    told = np.array([1.0, 0.999, 0.5, 0.2, 1e-9, 0.0])
    for correct in (correct_chances, correct_orders):
        better = correct(TRUE, told, np.full(6, 3.0))
        assert np.isfinite(better).all()
        assert (np.diff(better) <= 0.0).all()

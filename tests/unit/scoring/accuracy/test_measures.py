"""Measures of a forecast, against what can be counted by hand or pair by pair."""

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.accuracy.calibration import brier, calibration, expected_calibration_error
from scoring.accuracy.ranking import auc, mean_absolute_error, root_mean_squared_error, spearman, top_share

small = st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.9]), st.booleans()), min_size=1, max_size=40)


@given(small)
def test_auc_is_the_share_of_pairs_in_order(rows: list[tuple[float, bool]]) -> None:
    yes = [score for score, happened in rows if happened]
    no = [score for score, happened in rows if not happened]
    found = auc(np.array([s for s, _ in rows]), np.array([h for _, h in rows]))
    if not yes or not no:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(np.mean([(a > b) + (a == b) / 2 for a in yes for b in no]))


@given(small, st.randoms(use_true_random=False))
def test_groups_hold_everybody_once_whatever_the_order_of_rows(rows: list[tuple[float, bool]], dice: Random) -> None:
    shuffled = sorted(rows, key=lambda _: dice.random())
    first, second = (calibration(np.array([s for s, _ in r]), np.array([h for _, h in r]), 4) for r in (rows, shuffled))
    assert [(g.customers, g.observed) for g in first] == [(g.customers, g.observed) for g in second]
    assert sum(g.customers for g in first) == len(rows)
    assert [g.predicted for g in first] == sorted(g.predicted for g in first)


def test_no_group_is_smaller_than_asked_for() -> None:
    chances = np.linspace(0.0, 1.0, 1_000)
    assert min(g.customers for g in calibration(chances, chances > 0.5, 10, least=200)) >= 200


def test_chances_that_come_true_have_no_calibration_error() -> None:
    chances = np.repeat([0.2, 0.6], 50)
    happened = np.concatenate([np.arange(50) < 10, np.arange(50) < 30])
    groups = calibration(chances, happened, 2)
    assert expected_calibration_error(groups) == pytest.approx(0.0)
    assert brier(chances, happened) == pytest.approx((0.16 + 0.24) / 2)


def test_the_top_fifth_brings_its_share_and_ties_share_the_last_places() -> None:
    outcomes = np.array([8.0, 1.0, 1.0, 0.0, 0.0])
    assert top_share(np.array([5.0, 4.0, 3.0, 2.0, 1.0]), outcomes) == pytest.approx(0.8)
    assert top_share(np.array([5.0, 5.0, 3.0, 2.0, 1.0]), outcomes) == pytest.approx(0.45)
    assert top_share(np.ones(5), outcomes) == pytest.approx(0.2)


def test_errors_and_rank_correlation_by_hand() -> None:
    predicted, outcomes = np.array([1.0, 2.0, 4.0]), np.array([1.0, 4.0, 3.0])
    assert mean_absolute_error(predicted, outcomes) == pytest.approx(1.0)
    assert root_mean_squared_error(predicted, outcomes) == pytest.approx(math.sqrt(5.0 / 3.0))
    assert spearman(predicted, outcomes) == pytest.approx(0.5)
    assert math.isnan(spearman(np.ones(3), outcomes))

"""Rules of thumb, by hand: three customers as a shop would place them."""

import numpy as np
import pytest

from scoring.accuracy.thumbs import THUMBS, frequency, quintiles, recency, rfm, spend, usual_gap
from scoring.history import Histories

NO_ONE = np.empty(0, np.int64)


def histories() -> Histories:
    """A one-time buyer of 10 days ago; one a month for two years, the last 20 days ago; a buyer of old, silent for 400 days."""
    return Histories(
        x=np.array([0.0, 24.0, 2.0]),
        t_x=np.array([0.0, 720.0, 100.0]),
        t=np.array([10.0, 740.0, 500.0]),
        log_gaps=np.zeros(3),
        orders=np.array([1.0, 30.0, 3.0]),
        profit=np.array([50_00.0, 20_00.0, 100_00.0]),
        order_of=NO_ONE,
        order_profits=np.empty(0),
        customer=np.arange(3),
    )


def test_each_rule_says_what_a_shop_would() -> None:
    told = histories()
    assert frequency(told).tolist() == [1.0, 30.0, 3.0]
    assert recency(told).tolist() == [-10.0, -20.0, -400.0]
    # of less than a year all of it; else a year's part of it
    assert spend(told) == pytest.approx([50_00.0, 30 * 20_00.0 / (740 / 365), 3 * 100_00.0 / (500 / 365)])
    # the one-time buyer is measured by the others' mean gap, 40 days: (30 + 50) / 2
    assert usual_gap(told) == pytest.approx([-10 / 40, -20 / 30, -400 / 50])


def test_fifths_hold_a_fifth_each_and_equal_scores_share_one() -> None:
    assert quintiles(np.arange(10.0)).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert quintiles(np.array([1.0, 1.0, 1.0, 1.0, 9.0])).tolist() == [3, 3, 3, 3, 5]
    assert rfm(histories()).tolist() == [5 + 2 + 2, 4 + 5 + 5, 2 + 4 + 4]


def test_every_rule_places_higher_who_bought_later_or_more() -> None:
    worse = histories()
    better = worse._replace(
        t_x=worse.t_x + np.array([0, 0, 390.0]),
        orders=worse.orders + np.array([0, 0, 40.0]),
        x=worse.x + np.array([0, 0, 30.0]),
    )
    for name, rule in THUMBS.items():
        assert rule(better)[2] >= rule(worse)[2], name

"""BG/NBD: the published numbers of CDNOW, and as lifetimes computes it."""

import warnings

import numpy as np
import pytest

from scoring.defaults import DEFAULT_MODEL
from scoring.layout import Family
from scoring.process.bg_nbd import expected_orders_if_alive, log_likelihood, p_alive, tail
from tests.support.models import cdnow_weeks, lifetimes_bg

# Fader, Hardie and Lee (2005), table 2; time in weeks
CDNOW = DEFAULT_MODEL._replace(family=int(Family.BG), r=0.2426, alpha=4.4136, a=0.7929, b=2.4259)


def test_the_log_likelihood_is_the_published_one() -> None:
    total = sum(log_likelihood(CDNOW, *customer) for customer in zip(*cdnow_weeks(), strict=True))
    assert total == pytest.approx(-9582.43, abs=0.01)


def test_the_expectation_is_the_published_one() -> None:
    # Fader and Hardie's spreadsheet note: E[Y(39) | x=2, t_x=30.43, T=38.86] = 1.226
    assert p_alive(CDNOW, 2.0, 30.43, 38.86) == pytest.approx(0.7266, abs=5e-5)
    orders = p_alive(CDNOW, 2.0, 30.43, 38.86) * expected_orders_if_alive(CDNOW, 2.0, 38.86, 39.0)
    assert orders == pytest.approx(1.226, abs=5e-4)


def test_lifetimes_gives_the_same_for_every_customer_of_cdnow() -> None:
    x, t_x, t = cdnow_weeks()
    oracle = lifetimes_bg(CDNOW)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alive = oracle.conditional_probability_alive(x, t_x, t)
        orders = oracle.conditional_expected_number_of_purchases_up_to_time(39.0, x, t_x, t)
    ours = np.array([p_alive(CDNOW, *customer) for customer in zip(x, t_x, t, strict=True)])
    expected = np.array([expected_orders_if_alive(CDNOW, n, age, 39.0) for n, age in zip(x, t, strict=True)])
    assert ours == pytest.approx(alive, rel=1e-12)
    assert ours * expected == pytest.approx(orders, rel=1e-11)


def test_a_one_time_buyer_is_alive_whatever_the_silence_but_tells_by_it() -> None:
    assert p_alive(CDNOW, 0.0, 0.0, 5_000.0) == 1.0
    assert tail(CDNOW, 0.0, 0.0, 5_000.0) == pytest.approx((4.4136 / 5_004.4136) ** 0.2426)


@pytest.mark.parametrize("b", [0.2, 0.2071, 0.21, 0.25])
def test_nothing_jumps_where_a_plus_b_is_one(b: float) -> None:
    # the textbook form divides by a + b - 1 for one-time buyers
    orders, beside = (expected_orders_if_alive(CDNOW._replace(b=c), 0.0, 20.0, 39.0) for c in (b, b + 1e-9))
    assert orders == pytest.approx(beside, rel=1e-8)

"""MBG/NBD: as lifetimes computes it, as simulated buyers behave, and safe where the textbook form is not."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings

from scoring.defaults import DEFAULT_MODEL
from scoring.layout import Floats, Model
from scoring.mbg_nbd import expected_orders_if_alive, p_alive
from scoring.value import expected_orders
from tests.support.models import Customer, customers, lifetimes_mbg, models

GRID = [(0, 0, 0), (0, 0, 30), (0, 0, 540), (1, 1, 1), (1, 20, 300), (4, 200, 210), (12, 300, 420), (40, 350, 365)]


@pytest.mark.parametrize("model", [DEFAULT_MODEL, DEFAULT_MODEL._replace(r=2.2, a=1.8, b=3.5, alpha=20.0)])
@pytest.mark.parametrize(("x", "t_x", "t"), GRID)
def test_lifetimes_gives_the_same_expectations(model: Model, x: int, t_x: int, t: int) -> None:
    oracle = lifetimes_mbg(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alive = float(np.squeeze(oracle.conditional_probability_alive(x, t_x, t)))
        orders = float(
            np.squeeze(oracle.conditional_expected_number_of_purchases_up_to_time(model.horizon_days, float(x), t_x, t))
        )
    assert p_alive(model, float(x), float(t_x), float(t)) == pytest.approx(alive, rel=1e-12)
    assert expected_orders(model, float(x), float(t_x), float(t)) == pytest.approx(orders, rel=1e-10)


def simulated(model: Model, t: float, n: int) -> tuple[Floats, Floats, Floats, Floats]:
    """n buyers from the model itself: purchases up to t, the last of them, still a buyer then (0 or 1), purchases after."""
    rng = np.random.default_rng(20070801)
    rate = rng.gamma(model.r, 1.0 / model.alpha, n)
    leaving = rng.beta(model.a, model.b, n)
    stays = rng.random(n) >= leaving
    now, x, t_x, after = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    alive = np.ones(n)
    while True:
        alive[~stays & (now <= t)] = 0.0
        now = np.where(stays, now + rng.exponential(1.0, n) / rate, math.inf)
        if not (now <= t + model.horizon_days).any():
            return x, t_x, alive, after
        seen = now <= t
        x += seen
        t_x = np.where(seen, now, t_x)
        after += (now > t) & (now <= t + model.horizon_days)
        stays = stays & (rng.random(n) >= leaving)


def test_simulated_buyers_live_and_buy_as_predicted() -> None:
    model = Model(r=0.9, alpha=12.0, a=0.8, b=2.5, p=6.0, q=4.0, v=1500.0, horizon_days=90.0)
    t = 100.0
    x, t_x, alive, after = simulated(model, t, 60_000)
    for count in (0.0, 1.0, 2.0, 5.0):
        those = x == count
        last = t_x[those]
        of_each = math.sqrt(those.sum())
        chance = np.array([p_alive(model, count, when, t) for when in last])
        orders = np.array([expected_orders(model, count, when, t) for when in last])
        # four standard errors
        assert chance.mean() == pytest.approx(alive[those].mean(), abs=4 * alive[those].std() / of_each)
        assert orders.mean() == pytest.approx(after[those].mean(), abs=4 * after[those].std() / of_each)


@settings(max_examples=300, deadline=None)
@given(model=models, customer=customers())
def test_every_customer_of_every_model_gets_a_finite_answer(model: Model, customer: Customer) -> None:
    alive = p_alive(model, customer.x, customer.t_x, customer.t)
    orders = expected_orders_if_alive(model, customer.x, customer.t)
    assert 0.0 <= alive <= 1.0
    assert 0.0 <= orders < math.inf
    # who never leaves buys at the rate (r+x)/(alpha+t)
    never_leaves = (model.r + customer.x) / (model.alpha + customer.t) * model.horizon_days
    assert orders <= never_leaves * (1.0 + 1e-9)


@pytest.mark.parametrize(("x", "t"), [(0.0, 0.0), (3.0, 40.0), (5_000.0, 700.0)])
def test_nothing_jumps_at_a_equal_one(x: float, t: float) -> None:
    at, beside = (expected_orders_if_alive(DEFAULT_MODEL._replace(a=a), x, t) for a in (1.0, 1.0 + 1e-9))
    assert at == pytest.approx(beside, rel=1e-8)


def test_a_one_time_buyer_can_be_gone_at_once() -> None:
    assert p_alive(DEFAULT_MODEL, 0.0, 0.0, 0.0) == pytest.approx(DEFAULT_MODEL.b / (DEFAULT_MODEL.a + DEFAULT_MODEL.b))


def test_thousands_of_purchases_and_ten_years_of_silence_are_certain_and_silent() -> None:
    assert p_alive(DEFAULT_MODEL, 50_000.0, 100.0, 3_750.0) == 0.0
    assert p_alive(DEFAULT_MODEL, 50_000.0, 3_750.0, 3_750.0) > 0.9999

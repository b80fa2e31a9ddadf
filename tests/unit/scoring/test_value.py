"""Value = expected orders x expected profit of one: finite, falling in silence, and 0 without an order."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.defaults import DEFAULT_MODEL
from scoring.gamma_gamma import expected_profit, population_profit, trust
from scoring.layout import Family
from scoring.process.mbg_cnbd import expected_orders_if_alive, p_alive
from scoring.terms import Model
from scoring.value import discounted_orders_if_alive, expected_orders_of, orders_if_alive, value_of
from tests.support.models import Customer, any_models, customers, look_at


def value(model: Model, *customer: float) -> float:
    return float(value_of(model, look_at(Customer(*customer))))


@settings(max_examples=300, deadline=None)
@given(model=any_models, customer=customers(), days=st.floats(0.0, 3_650.0))
def test_value_only_falls_in_silence(model: Model, customer: Customer, days: float) -> None:
    later = customer._replace(t=customer.t + days)
    now, then = value(model, *customer), value(model, *later)
    assert 0.0 <= then < math.inf
    assert then <= now * (1.0 + 1e-9)


@settings(max_examples=300, deadline=None)
@given(model=any_models, customer=customers(profits=st.floats(-1e7, -1.0)), days=st.floats(1.0, 3_650.0))
def test_a_loss_only_shrinks_in_silence(model: Model, customer: Customer, days: float) -> None:
    now = value(model, *customer)
    then = value(model, *customer._replace(t=customer.t + days))
    assert math.isfinite(now)
    if expected_profit(model, customer.orders, customer.profit) < 0.0:
        assert now * (1.0 + 1e-9) <= then <= 0.0


@settings(max_examples=300, deadline=None)
@given(customer=customers())
def test_one_second_more_of_silence_lowers_a_value_that_is_not_lost(customer: Customer) -> None:
    later = customer._replace(t=customer.t + 1.0 / 86_400.0)
    before = value(DEFAULT_MODEL, *customer)
    if before > 1e-300:
        assert value(DEFAULT_MODEL, *later) < before


def test_without_an_order_there_is_no_value() -> None:
    assert value(DEFAULT_MODEL, 0.0, 0.0, 0.0, 0.0, 0.0) == 0.0


def test_value_is_the_product_of_its_parts() -> None:
    parts = (
        p_alive(DEFAULT_MODEL, 3.0, 80.0, 120.0)
        * expected_orders_if_alive(DEFAULT_MODEL, 3.0, 80.0, 120.0, 365.0)
        * expected_profit(DEFAULT_MODEL, 5.0, 2_950.0)
    )
    assert value(DEFAULT_MODEL, 3.0, 80.0, 120.0, 5.0, 2_950.0) == parts


def test_profit_is_the_posterior_mean_of_gamma_gamma() -> None:
    # Fader, Hardie and Lee (2005), eq. 5: (q - 1) / (px + q - 1) * p v / (q - 1) + p x / (px + q - 1) * mean,
    # with their CDNOW parameters (p 6.25, q 3.74, v 15.44) and 7.25 dollars over 2 orders
    model = DEFAULT_MODEL._replace(p=6.25, q=3.74, v=15.44)
    assert population_profit(model) == pytest.approx(35.22, abs=0.005)
    assert expected_profit(model, 2.0, 7.25) == pytest.approx(6.25 * (15.44 + 2 * 7.25) / (6.25 * 2 + 3.74 - 1))


def test_few_orders_lean_on_the_population_and_many_stand_alone() -> None:
    assert expected_profit(DEFAULT_MODEL, 0.0, 0.0) == population_profit(DEFAULT_MODEL)
    assert trust(DEFAULT_MODEL, 1.0) < 0.5
    assert expected_profit(DEFAULT_MODEL, 10_000.0, 100.0) == pytest.approx(100.0, rel=0.01)


def test_who_costs_money_on_every_order_is_worth_less_than_nothing() -> None:
    assert value(DEFAULT_MODEL, 9.0, 100.0, 100.0, 10.0, -2_000.0) < 0.0


def test_synlead_values_by_its_own_forecast() -> None:
    model = DEFAULT_MODEL._replace(family=int(Family.SYNLEAD))
    assert value(model, 3.0, 80.0, 120.0, 5.0, 2_950.0) == 0.0  # no purchase in any period yet


@settings(max_examples=100, deadline=None)
@given(model=any_models, customer=customers(), rate=st.floats(0.01, 0.5))
def test_discounting_takes_no_more_than_the_whole_horizon_would(model: Model, customer: Customer, rate: float) -> None:
    whole = orders_if_alive(model, customer.x, customer.t_x, customer.t, model.horizon_days)
    discounted = discounted_orders_if_alive(model._replace(discount=rate), customer.x, customer.t_x, customer.t)
    assert whole * math.exp(-rate * model.horizon_days / 365.0) <= discounted * (1.0 + 1e-9)
    assert discounted <= whole * (1.0 + 1e-9)


def test_discounting_by_slices_is_near_discounting_every_day() -> None:
    model = DEFAULT_MODEL._replace(discount=0.15)
    by_day = [orders_if_alive(model, 3.0, 80.0, 120.0, float(day)) for day in range(366)]
    exact = sum((by_day[d + 1] - by_day[d]) * math.exp(-0.15 * (d + 0.5) / 365.0) for d in range(365))
    assert discounted_orders_if_alive(model, 3.0, 80.0, 120.0) == pytest.approx(exact, rel=1e-3)


def test_expected_orders_are_not_discounted() -> None:
    buyer = look_at(Customer(3.0, 80.0, 120.0, 5.0, 2_950.0))
    assert expected_orders_of(DEFAULT_MODEL._replace(discount=0.2), buyer) == expected_orders_of(DEFAULT_MODEL, buyer)

"""A corrected model: the same deadlines to the second, the same order of customers, and without a correction the same bits."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scoring.by_address import model_by_address
from scoring.chance import chance_to_buy
from scoring.correcting import corrected_chance, corrected_orders, log_orders_before
from scoring.defaults import DEFAULT_MODEL
from scoring.gamma_gamma import expected_profit
from scoring.keeping import amount_that_keeps
from scoring.layout import DAY_US, INPUTS, Family
from scoring.levels import value_at_risk
from scoring.terms import NO_CORRECTION, Correction, Model
from scoring.value import discounted_orders_if_alive, expected_orders_of, orders_if_alive, p_alive, value_of
from tests.support.models import Customer, any_models, customers, look_at

LEARNED = Correction(-0.4, 0.5, 0.6, -0.9, 0.55, 0.7)
CORRECTED = DEFAULT_MODEL._replace(correction=LEARNED)
FIRST_US = 1_600_000_000_000_000


@settings(max_examples=300, deadline=None)
@given(model=any_models, customer=customers())
def test_without_a_correction_every_number_is_the_plain_one_to_the_last_bit(model: Model, customer: Customer) -> None:
    plain = model._replace(correction=NO_CORRECTION)
    x, t_x, t, orders, profit = customer
    alive = p_alive(plain, x, t_x, t)
    value = alive * discounted_orders_if_alive(plain, x, t_x, t) * expected_profit(plain, orders, profit)
    assert value_of(plain, look_at(customer)) == value_of(model_by_address(plain), look_at(customer)) == value
    assert expected_orders_of(plain, look_at(customer)) == alive * orders_if_alive(plain, x, t_x, t, plain.horizon_days)
    assert value_at_risk(value, alive, 1.0) == (value / alive - value if alive > 0.0 and value > 0.0 else 0.0)


@settings(max_examples=300, deadline=None)
@given(model=any_models, customer=customers())
def test_the_correction_is_that_of_the_formula(model: Model, customer: Customer) -> None:
    c, x = model.correction, customer.x
    told = expected_orders_of(model._replace(correction=NO_CORRECTION), look_at(customer))
    better = expected_orders_of(model, look_at(customer))
    assume(told > 1e-200)
    assert better == pytest.approx(math.exp(c.orders_shift) * told**c.orders_scale * (1.0 + x) ** c.orders_frequency)
    assert math.exp(log_orders_before(model, math.log(better), x)) == pytest.approx(told, rel=1e-6)


@settings(max_examples=300, deadline=None)
@given(model=any_models, x=st.integers(0, 500), told=st.lists(st.floats(0.0, 1.0), min_size=2))
def test_customers_with_as_many_purchase_days_keep_their_order(model: Model, x: int, told: list[float]) -> None:
    told = sorted(told)
    for correct in (corrected_orders, corrected_chance):
        better = [correct(model, one, float(x)) for one in told]
        assert all(now <= then * (1.0 + 1e-12) for now, then in pairwise(better))
        assert min(better) >= 0.0
    assert corrected_chance(model, 0.0, float(x)) == corrected_orders(model, 0.0, float(x)) == 0.0
    assert max(corrected_chance(model, one, float(x)) for one in told) <= 1.0


@settings(max_examples=300, deadline=None)
@given(model=any_models, customer=customers(profits=st.floats(0.0, 1e7)), days=st.floats(0.0, 3_650.0))
def test_value_were_they_alive_only_falls_in_silence(model: Model, customer: Customer, days: float) -> None:
    """But under Pareto/NBD, where who stays long is ever less likely to leave."""
    assume(model.family != Family.PARETO)
    assume(p_alive(model, customer.x, customer.t_x, customer.t + days) > 1e-100)
    whole = []
    for one in (customer, customer._replace(t=customer.t + days)):
        value, alive = value_of(model, look_at(one)), p_alive(model, one.x, one.t_x, one.t)
        whole.append(value + value_at_risk(value, alive, model.correction.orders_scale))
    assert whole[1] <= whole[0] * (1.0 + 1e-9)


@settings(max_examples=200, deadline=None)
@given(
    model=any_models,
    customer=customers(profits=st.floats(100.0, 1e6)),
    part=st.floats(0.01, 3.0),
    wait=st.integers(0, 900),
)
def test_the_order_that_keeps_a_level_does_and_one_unit_less_does_not(
    model: Model, customer: Customer, part: float, wait: int
) -> None:
    x, t_x, t, orders, profit = customer
    by_us = FIRST_US + round(t * DAY_US) + wait * DAY_US
    last_us, gross = FIRST_US + round(t_x * DAY_US), profit * orders
    level = value_of(model, look_at(customer)) * part
    assume(level > 0.01)
    scratch = np.zeros(1, INPUTS)[0]
    amount = amount_that_keeps(model, look_at(customer), scratch, FIRST_US, last_us, gross, 0.4, level, by_us)
    assume(0.0 < amount < 1e12)

    def worth(more: float) -> float:
        age = (by_us - FIRST_US) / DAY_US
        again = 1.0 if by_us // DAY_US != last_us // DAY_US else 0.0
        return float(
            value_of(model, look_at(Customer(x + again, age, age, orders + 1.0, (gross + 0.4 * more) / (orders + 1.0))))
        )

    assert worth(amount) >= level
    assert worth(amount - max(1.0, amount * 1e-9)) < level * (1.0 + 1e-9)


def test_a_chance_to_buy_is_corrected() -> None:
    plain = chance_to_buy(DEFAULT_MODEL, 3.0, 80.0, 200.0, 180.0)
    odds = math.exp(-0.9) * (plain / (1.0 - plain)) ** 0.55 * 4.0**0.7
    assert chance_to_buy(CORRECTED, 3.0, 80.0, 200.0, 180.0) == pytest.approx(odds / (1.0 + odds))
    assert chance_to_buy(CORRECTED, 3.0, 80.0, 200.0, 0.0) == 0.0

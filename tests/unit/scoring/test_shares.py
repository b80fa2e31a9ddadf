"""A change of value is split over what moved: the parts sum to it, and what stood still has none."""

import numpy as np
import pytest
from hypothesis import given, settings

from scoring.defaults import DEFAULT_MODEL
from scoring.layout import INPUTS, Record
from scoring.shares import shares as shares_of
from scoring.terms import Model
from scoring.value import value_of
from tests.support.models import Customer, customers, models

NOBODY = Customer(0.0, 0.0, 0.0, 0.0, 0.0)
BUYER = Customer(x=3.0, t_x=90.0, t=100.0, orders=4.0, profit=3_000.0)


def look_at(customer: Customer) -> Record:
    inputs = np.zeros(1, INPUTS)[0]
    inputs.x, inputs.t_x, inputs.t, inputs.orders, inputs.profit = customer
    return inputs


def shares(model: Model, before: Customer, after: Customer) -> tuple[float, float, float, float]:
    return shares_of(model, look_at(before), look_at(after), look_at(NOBODY))


def value(model: Model, customer: Customer) -> float:
    return float(value_of(model, look_at(customer)))


@settings(max_examples=300, deadline=None)
@given(model=models, before=customers(), after=customers())
def test_the_shares_sum_to_the_change(model: Model, before: Customer, after: Customer) -> None:
    parts = shares(model, before, after)
    rounding = 1e-14 * sum(abs(part) for part in parts)
    assert sum(parts) == pytest.approx(value(model, after) - value(model, before), rel=1e-14, abs=rounding)


def test_silence_is_age_alone() -> None:
    frequency, recency, age, profit = shares(DEFAULT_MODEL, BUYER, BUYER._replace(t=400.0))
    assert age < 0.0
    assert (frequency, recency, profit) == (0.0, 0.0, 0.0)


def test_a_new_order_is_worth_for_being_recent_and_for_being_one_more() -> None:
    frequency, recency, age, profit = shares(DEFAULT_MODEL, BUYER, Customer(4.0, 130.0, 130.0, 5.0, 3_000.0))
    assert frequency > 0.0
    assert recency > 0.0
    assert age < 0.0
    assert abs(profit) < frequency


def test_a_late_order_between_two_others_is_frequency_alone() -> None:
    frequency, recency, age, profit = shares(DEFAULT_MODEL, BUYER, BUYER._replace(x=4.0))
    assert frequency != 0.0
    assert (recency, age, profit) == (0.0, 0.0, 0.0)


def test_a_last_order_that_turns_out_older_is_recency_alone() -> None:
    frequency, recency, age, profit = shares(DEFAULT_MODEL, BUYER, BUYER._replace(t_x=50.0))
    assert recency < 0.0
    assert (frequency, age, profit) == (0.0, 0.0, 0.0)


def test_a_refund_that_leaves_the_order_standing_is_profit_alone() -> None:
    frequency, recency, age, profit = shares(DEFAULT_MODEL, BUYER, BUYER._replace(profit=2_000.0))
    assert profit < 0.0
    assert (frequency, recency, age) == (0.0, 0.0, 0.0)


def test_the_first_order_of_all_is_profit() -> None:
    first = Customer(0.0, 0.0, 0.0, 1.0, 2_500.0)
    assert shares(DEFAULT_MODEL, NOBODY, first) == (0.0, 0.0, 0.0, value(DEFAULT_MODEL, first))

"""The deadline is exact to the second, for every customer under every model."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.deadline import drifts_at, falls_below_at
from scoring.defaults import DEFAULT_MODEL
from scoring.layout import DAY_US, NEVER_US, Family
from scoring.levels import has_drifted
from scoring.terms import Model
from scoring.value import p_alive_of, tail_of, value_of
from tests.support.models import Customer, any_models, customers, look_at

SECOND_US = 1_000_000
CENTURY_US = 36_525 * DAY_US
FIRST_US = 852_076_800 * SECOND_US + 250_000  # 1997-01-01, and a quarter of a second
BG = DEFAULT_MODEL._replace(family=int(Family.BG), r=0.2426, alpha=30.9, a=0.7929, b=2.4259)
PARETO = DEFAULT_MODEL._replace(family=int(Family.PARETO), r=0.553, alpha=74.0, a=0.606, b=81.7)
RHYTHM = DEFAULT_MODEL._replace(k=3.0, alpha=20.0, discount=0.1)
FAMILIES = pytest.mark.parametrize("model", [DEFAULT_MODEL, RHYTHM, BG, PARETO], ids=["mbg", "rhythm", "bg", "pareto"])


def value_at(model: Model, customer: Customer, at_us: int, first_us: int = FIRST_US) -> float:
    return float(value_of(model, look_at(customer._replace(t=(at_us - first_us) / DAY_US))))


def deadline(model: Model, customer: Customer, level: float, from_us: int, first_us: int = FIRST_US) -> int:
    return int(falls_below_at(model, look_at(customer), first_us, level, from_us))


def assert_exact(model: Model, customer: Customer, level: float, from_us: int) -> None:
    start_us = -(-from_us // SECOND_US) * SECOND_US
    at_us = deadline(model, customer, level, from_us)
    if at_us == NEVER_US:
        assert value_at(model, customer, start_us + CENTURY_US) >= level
        return
    assert at_us % SECOND_US == 0
    assert at_us >= start_us
    assert value_at(model, customer, at_us) < level
    if at_us > start_us:
        assert value_at(model, customer, at_us - SECOND_US) >= level


@settings(max_examples=300, deadline=None)
@given(model=any_models, customer=customers(), part=st.floats(1e-6, 1.2))
def test_value_is_below_the_level_at_the_deadline_and_not_a_second_before(
    model: Model, customer: Customer, part: float
) -> None:
    from_us = FIRST_US + int(customer.t * DAY_US)
    level = value_at(model, customer, from_us) * part
    if level > 0.0:
        assert_exact(model, customer, level, from_us)


@pytest.mark.parametrize("x", [0.0, 1.0, 50.0, 3_000.0, 50_000.0, 1_000_000.0])
@pytest.mark.parametrize("part", [1.0 - 1e-9, 0.999, 0.5, 1e-3, 1e-12])
@FAMILIES
def test_it_is_exact_for_hot_customers_too(model: Model, x: float, part: float) -> None:
    t_x = 700.0 if x else 0.0
    customer = Customer(x=x, t_x=t_x, t=t_x, orders=x + 1.0, profit=2_500.0)
    from_us = FIRST_US + int(t_x * DAY_US)
    assert_exact(model, customer, value_at(model, customer, from_us) * part, from_us)


BUYER = Customer(x=3.0, t_x=90.0, t=90.0, orders=4.0, profit=3_000.0)
SEEN_US = FIRST_US + 90 * DAY_US


@FAMILIES
def test_a_level_that_is_reached_only_after_a_century_is_never(model: Model) -> None:
    assert deadline(model, BUYER, 1e-40, SEEN_US) == NEVER_US


@FAMILIES
def test_a_level_that_is_just_within_a_century_is_found(model: Model) -> None:
    start_us = -(-SEEN_US // SECOND_US) * SECOND_US
    level = math.nextafter(value_at(model, BUYER, start_us + CENTURY_US), math.inf)
    assert deadline(model, BUYER, level, SEEN_US) <= start_us + CENTURY_US
    assert_exact(model, BUYER, level, SEEN_US)


@pytest.mark.parametrize("level", [0.0, -1.0, -math.inf])
def test_silence_never_takes_value_below_zero(level: float) -> None:
    assert deadline(DEFAULT_MODEL, BUYER, level, SEEN_US) == NEVER_US
    assert deadline(DEFAULT_MODEL, BUYER._replace(profit=-1e6), level, SEEN_US) == NEVER_US


@pytest.mark.parametrize("customer", [BUYER, BUYER._replace(profit=-1e6), Customer(0.0, 0.0, 0.0, 0.0, 0.0)])
def test_a_value_already_below_falls_at_the_next_whole_second(customer: Customer) -> None:
    whole_us = -(-SEEN_US // SECOND_US) * SECOND_US
    assert deadline(DEFAULT_MODEL, customer, 1e9, whole_us) == whole_us
    assert deadline(DEFAULT_MODEL, customer, 1e9, whole_us + 1) == whole_us + SECOND_US


def test_a_customer_without_orders_is_below_every_level_at_once() -> None:
    assert deadline(DEFAULT_MODEL, Customer(0.0, 0.0, 0.0, 0.0, 0.0), 1e-9, FIRST_US) == FIRST_US + 750_000


@FAMILIES
def test_the_deadline_does_not_depend_on_where_the_search_starts(model: Model) -> None:
    level = value_at(model, BUYER, SEEN_US) / 3.0
    expected = deadline(model, BUYER, level, SEEN_US)
    for from_us in range(SEEN_US, expected, (expected - SEEN_US) // 25):
        assert deadline(model, BUYER, level, from_us) == expected


def drifted_at(model: Model, customer: Customer, at_us: int, p_level: float, tail_level: float) -> bool:
    then = look_at(customer._replace(t=(at_us - FIRST_US) / DAY_US))
    return bool(has_drifted(p_alive_of(model, then), tail_of(model, then), p_level, tail_level))


def drift(model: Model, customer: Customer, p_level: float, tail_level: float, from_us: int) -> int:
    scratch = look_at(customer)
    return int(drifts_at(model, look_at(customer), scratch, FIRST_US, p_level, tail_level, from_us))


def assert_drift_exact(model: Model, customer: Customer, p_level: float, tail_level: float) -> None:
    from_us = FIRST_US + int(customer.t * DAY_US)
    start_us = -(-from_us // SECOND_US) * SECOND_US
    at_us = drift(model, customer, p_level, tail_level, from_us)
    if at_us == NEVER_US:
        assert not drifted_at(model, customer, start_us + CENTURY_US, p_level, tail_level)
        return
    assert at_us % SECOND_US == 0
    assert at_us >= start_us
    assert drifted_at(model, customer, at_us, p_level, tail_level)
    if at_us > start_us:
        assert not drifted_at(model, customer, at_us - SECOND_US, p_level, tail_level)


LEVELS = st.one_of(st.just(0.0), st.floats(1e-6, 1.0))


@settings(max_examples=300, deadline=None)
@given(model=any_models, customer=customers(), p_level=LEVELS, tail_level=LEVELS)
def test_a_customer_has_drifted_at_the_instant_and_not_a_second_before(
    model: Model, customer: Customer, p_level: float, tail_level: float
) -> None:
    assert_drift_exact(model, customer, p_level, tail_level)


@FAMILIES
@pytest.mark.parametrize("x", [0.0, 1.0, 50.0, 3_000.0, 50_000.0])
@pytest.mark.parametrize(("p_level", "tail_level"), [(0.5, 0.05), (0.1, 0.005), (0.9999, 0.0), (0.0, 1e-6)])
def test_drift_is_exact_for_hot_customers_too(model: Model, x: float, p_level: float, tail_level: float) -> None:
    t_x = 700.0 if x else 0.0
    assert_drift_exact(model, Customer(x=x, t_x=t_x, t=t_x, orders=x + 1.0, profit=2_500.0), p_level, tail_level)


@FAMILIES
def test_a_level_of_drift_that_cannot_be_reached_is_never(model: Model) -> None:
    assert drift(model, BUYER, 0.0, 0.0, SEEN_US) == NEVER_US


@FAMILIES
def test_who_has_drifted_already_has_at_the_next_whole_second(model: Model) -> None:
    long_ago_us = SEEN_US + 9_000 * DAY_US + 1
    assert drift(model, BUYER, 0.5, 0.05, long_ago_us) == -(-long_ago_us // SECOND_US) * SECOND_US

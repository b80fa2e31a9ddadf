"""The deadline is exact to the second, for every customer, and the amount that keeps a tier keeps it."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.deadline import amount_that_keeps, falls_below_at
from scoring.defaults import DEFAULT_MODEL
from scoring.layout import DAY_US, NEVER_US, Model
from scoring.value import value
from tests.support.models import Customer, customers, models

SECOND_US = 1_000_000
CENTURY_US = 36_525 * DAY_US
FIRST_US = 852_076_800 * SECOND_US + 250_000  # 1997-01-01, and a quarter of a second


def value_at(model: Model, customer: Customer, at_us: int, first_us: int = FIRST_US) -> float:
    return value(model, *customer._replace(t=(at_us - first_us) / DAY_US))


def deadline(model: Model, customer: Customer, level: float, from_us: int, first_us: int = FIRST_US) -> int:
    x, t_x, _, orders, profit = customer
    return falls_below_at(model, x, t_x, first_us, orders, profit, level, from_us)


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
@given(model=models, customer=customers(), part=st.floats(1e-6, 1.2))
def test_value_is_below_the_level_at_the_deadline_and_not_a_second_before(
    model: Model, customer: Customer, part: float
) -> None:
    from_us = FIRST_US + int(customer.t * DAY_US)
    level = value_at(model, customer, from_us) * part
    if level > 0.0:
        assert_exact(model, customer, level, from_us)


@pytest.mark.parametrize("x", [0.0, 1.0, 50.0, 3_000.0, 50_000.0, 1_000_000.0])
@pytest.mark.parametrize("part", [1.0 - 1e-9, 0.999, 0.5, 1e-3, 1e-12])
def test_it_is_exact_for_hot_customers_too(x: float, part: float) -> None:
    t_x = 700.0 if x else 0.0
    customer = Customer(x=x, t_x=t_x, t=t_x, orders=x + 1.0, profit=2_500.0)
    from_us = FIRST_US + int(t_x * DAY_US)
    assert_exact(DEFAULT_MODEL, customer, value_at(DEFAULT_MODEL, customer, from_us) * part, from_us)


BUYER = Customer(x=3.0, t_x=90.0, t=90.0, orders=4.0, profit=3_000.0)
SEEN_US = FIRST_US + 90 * DAY_US


def test_a_level_that_is_reached_only_after_a_century_is_never() -> None:
    assert deadline(DEFAULT_MODEL, BUYER, 1e-9, SEEN_US) == NEVER_US


def test_a_level_that_is_just_within_a_century_is_found() -> None:
    start_us = -(-SEEN_US // SECOND_US) * SECOND_US
    level = math.nextafter(value_at(DEFAULT_MODEL, BUYER, start_us + CENTURY_US), math.inf)
    assert deadline(DEFAULT_MODEL, BUYER, level, SEEN_US) <= start_us + CENTURY_US
    assert_exact(DEFAULT_MODEL, BUYER, level, SEEN_US)


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


def test_the_deadline_does_not_depend_on_where_the_search_starts() -> None:
    level = value_at(DEFAULT_MODEL, BUYER, SEEN_US) / 3.0
    expected = deadline(DEFAULT_MODEL, BUYER, level, SEEN_US)
    for from_us in range(SEEN_US, expected, (expected - SEEN_US) // 25):
        assert deadline(DEFAULT_MODEL, BUYER, level, from_us) == expected


@settings(max_examples=300, deadline=None)
@given(customer=customers(), days=st.floats(0.0, 700.0), part=st.floats(0.01, 3.0), margin=st.floats(0.01, 1.0))
def test_one_order_of_the_amount_keeps_the_level_and_a_cent_less_does_not(
    customer: Customer, days: float, part: float, margin: float
) -> None:
    x, t_x, _, orders, profit = customer
    last_us = FIRST_US + int(t_x * DAY_US)
    by_us = last_us + int(days * DAY_US)
    gross_profit = profit * orders
    x_then = x + 1.0 if by_us // DAY_US != last_us // DAY_US else x

    def after_an_order_of(amount: float) -> float:
        t = (by_us - FIRST_US) / DAY_US
        return value(DEFAULT_MODEL, x_then, t, t, orders + 1.0, (gross_profit + margin * amount) / (orders + 1.0))

    level = after_an_order_of(5_000.0) * part
    amount = amount_that_keeps(DEFAULT_MODEL, x, FIRST_US, last_us, orders, gross_profit, margin, level, by_us)
    assert after_an_order_of(amount) >= level * (1.0 - 1e-12)
    assert amount % 1.0 == 0.0
    if amount > 1.0:
        assert after_an_order_of(amount - 1.0) < level * (1.0 + 1e-12)


def keeps(level: float, margin: float, by_us: int = SEEN_US + DAY_US) -> float:
    return amount_that_keeps(DEFAULT_MODEL, 3.0, FIRST_US, SEEN_US, 4.0, 12_000.0, margin, level, by_us)


def test_any_order_will_do_where_coming_back_is_enough() -> None:
    assert keeps(level=1.0, margin=0.3) == 0.0
    assert keeps(level=-math.inf, margin=0.0) == 0.0


def test_no_order_will_do_where_orders_bring_nothing() -> None:
    assert keeps(level=1e6, margin=0.0) == math.inf
    assert keeps(level=1e6, margin=-0.2) == math.inf
    assert keeps(level=math.inf, margin=0.3) == math.inf


def test_a_second_order_on_the_same_day_has_to_be_larger() -> None:
    midnight_us = (SEEN_US // DAY_US + 1) * DAY_US
    assert keeps(50_000.0, 1.0, by_us=midnight_us - 1) > keeps(50_000.0, 1.0, by_us=midnight_us)


def test_a_customer_without_orders_needs_a_first_one() -> None:
    amount = amount_that_keeps(DEFAULT_MODEL, 0.0, 0, 0, 0.0, 0.0, 1.0, 10_000.0, SEEN_US)
    assert value(DEFAULT_MODEL, 0.0, 0.0, 0.0, 1.0, amount) >= 10_000.0
    assert value(DEFAULT_MODEL, 0.0, 0.0, 0.0, 1.0, amount - 1.0) < 10_000.0

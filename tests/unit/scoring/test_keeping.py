"""The amount that keeps a tier keeps it, and a cent less does not."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.changes import keeps as of_a_customer
from scoring.defaults import DEFAULT_MODEL
from scoring.keeping import amount_that_keeps
from scoring.layout import DAY_US, EVENT, INPUTS
from scoring.ledgers import open_ledgers, open_one, run
from scoring.look import look
from scoring.terms import Model
from scoring.value import value_of
from tests.support.builders import order, refund
from tests.support.kernel import LIMITS, TERMS, tell, write_event
from tests.support.models import Customer, any_models, customers, look_at
from tests.unit.scoring.test_deadline import BUYER, FIRST_US, SEEN_US

NOBODY = Customer(0.0, 0.0, 0.0, 0.0, 0.0)


def value(model: Model, *customer: float) -> float:
    return float(value_of(model, look_at(Customer(*customer))))


@settings(max_examples=300, deadline=None)
@given(
    model=any_models,
    customer=customers(),
    days=st.floats(0.0, 700.0),
    part=st.floats(0.01, 3.0),
    margin=st.floats(0.01, 1.0),
)
def test_one_order_of_the_amount_keeps_the_level_and_a_cent_less_does_not(
    model: Model, customer: Customer, days: float, part: float, margin: float
) -> None:
    x, t_x, _, orders, profit = customer
    last_us = FIRST_US + int(t_x * DAY_US)
    by_us = last_us + int(days * DAY_US)
    gross_profit = profit * orders
    x_then = x + 1.0 if by_us // DAY_US != last_us // DAY_US else x

    def after_an_order_of(amount: float) -> float:
        t = (by_us - FIRST_US) / DAY_US
        return value(model, x_then, t, t, orders + 1.0, (gross_profit + margin * amount) / (orders + 1.0))

    level = after_an_order_of(5_000.0) * part
    amount = amount_that_keeps(
        model, look_at(customer), look_at(NOBODY), FIRST_US, last_us, gross_profit, margin, level, by_us
    )
    assert after_an_order_of(amount) >= level * (1.0 - 1e-12)
    assert amount % 1.0 == 0.0
    if amount > 1.0:
        assert after_an_order_of(amount - 1.0) < level * (1.0 + 1e-12)


def keeps(level: float, margin: float, by_us: int = SEEN_US + DAY_US) -> float:
    return float(
        amount_that_keeps(
            DEFAULT_MODEL, look_at(BUYER), look_at(NOBODY), FIRST_US, SEEN_US, 12_000.0, margin, level, by_us
        )
    )


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
    amount = amount_that_keeps(DEFAULT_MODEL, look_at(NOBODY), look_at(NOBODY), 0, 0, 0.0, 1.0, 10_000.0, SEEN_US)
    assert value(DEFAULT_MODEL, 0.0, 0.0, 0.0, 1.0, amount) >= 10_000.0
    assert value(DEFAULT_MODEL, 0.0, 0.0, 0.0, 1.0, amount - 1.0) < 10_000.0


def test_what_was_given_back_beyond_all_purchases_is_taken_from_the_order_that_keeps() -> None:
    log = [order("o1", "50.00", day=0), {**refund("r1", "none", "120.00", day=1), "order_id": None}]
    blob = tell(log).blobs["ada"]
    scratch = np.zeros(3, INPUTS)
    header, rows = open_one(blob)
    by_us = int(header.last_us) + 30 * DAY_US
    look(header, rows, int(header.clock_us), DEFAULT_MODEL, scratch[1])
    amount = of_a_customer(header, 50_00.0, by_us, DEFAULT_MODEL, scratch)
    for less, is_kept in ((0, True), (1, False)):
        row = np.zeros(1, EVENT)
        write_event(row[0], order("kept", "1.00", day=0), 0)
        row["at_us"], row["now_us"], row["amount"] = by_us, by_us, int(amount) - less
        ledgers = open_ledgers([blob], np.ones(1, np.int64))
        run(ledgers, row, TERMS, TERMS, LIMITS)
        assert (ledgers.headers[0].value >= 50_00.0) == is_kept

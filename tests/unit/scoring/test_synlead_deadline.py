"""The 2008 forecast in silence: it moves where a period begins, its deadline is that instant; what keeps a level keeps it."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.deadline import drifts_at, falls_below_at
from scoring.keeping import amount_that_keeps
from scoring.layout import DAY_US, NEVER_US, Record
from scoring.ledgers import open_one
from scoring.look import look
from scoring.synlead.ahead import Way
from scoring.synlead.keeping import value_with
from scoring.synlead.model import Params, synlead_model
from scoring.synlead.observed import count_empty
from scoring.synlead.period_names import Period
from scoring.synlead.periods import period_of, period_start_us
from scoring.terms import Model
from scoring.value import tail_of, value_of
from tests.support.builders import order
from tests.support.fold import microseconds
from tests.support.kernel import tell, terms_of
from tests.support.logs import time_of
from tests.support.models import Customer, look_at

SECOND_US = 1_000_000
NOBODY = Customer(0.0, 0.0, 0.0, 0.0, 0.0)
EDGES = (0.01, 1_000.0, 10_000.0, 100_000.0, 200_000.0, 300_000.0, 400_000.0, 500_000.0)
# the source document's worked example
PARAMS = Params(a=1.84, b=2.67, p=8.57, q=1.53, k=3224.15, most=3.0, edges=EDGES, most_amount=499_999.0)
MODELS = st.builds(synlead_model, st.just(PARAMS), st.sampled_from(Way), st.sampled_from(Period))


def buyer(
    model: Model, frequency: float = 2.0, amount: float = 12_000.0, margin: float = 0.303, rate: float = 0.03
) -> Record:
    """Somebody whose last period with an order was the one that holds 1997-01-01, looked at in it."""
    inputs = look_at(Customer(1.0, 20.0, 25.0, frequency, amount * margin))
    inputs.period = float(period_of(852_076_800 * SECOND_US, model.synlead.period))
    inputs.frequency, inputs.amount, inputs.margin = frequency, amount, margin
    inputs.past_amount, inputs.expense_rate, inputs.least_expense = 2.0 * amount, rate, 500.0
    return inputs


def start_us(model: Model, inputs: Record) -> int:
    return period_start_us(int(inputs.period), model.synlead.period)


def value_at(model: Model, inputs: Record, at_us: int) -> float:
    count_empty(inputs, at_us, model.synlead.period)
    return float(value_of(model, inputs))


@settings(max_examples=100)
@given(model=MODELS, frequency=st.integers(1, 5), part=st.floats(-0.5, 1.1), late=st.integers(0, 60))
def test_value_is_below_the_level_at_the_deadline_and_not_a_second_before(
    model: Model, frequency: int, part: float, late: int
) -> None:
    inputs = buyer(model, float(frequency))
    from_us = period_start_us(int(inputs.period) + late, model.synlead.period) + 12_345 * SECOND_US
    level = value_at(model, inputs, start_us(model, inputs)) * part
    at_us = falls_below_at(model, inputs, 0, level, from_us)
    if at_us == NEVER_US:
        assert value_at(model, inputs, period_start_us(int(inputs.period) + 300, model.synlead.period)) >= level
        return
    assert at_us >= from_us
    assert value_at(model, inputs, at_us) < level
    assert at_us == from_us or value_at(model, inputs, at_us - SECOND_US) >= level


@settings(max_examples=50)
@given(model=MODELS, frequency=st.integers(1, 5), tail_level=st.floats(1e-4, 0.9))
def test_a_silence_is_unusual_from_the_start_of_a_period_on(model: Model, frequency: int, tail_level: float) -> None:
    inputs = buyer(model, float(frequency))
    from_us = start_us(model, inputs)
    at_us = drifts_at(model, inputs, buyer(model), 0, 0.5, tail_level, from_us)
    count_empty(inputs, at_us, model.synlead.period)
    assert tail_of(model, inputs) < tail_level
    count_empty(inputs, at_us - SECOND_US, model.synlead.period)
    assert tail_of(model, inputs) >= tail_level


@settings(max_examples=100)
@given(model=MODELS, level=st.floats(-5_000.0, 30_000.0), later=st.integers(0, 3), margin=st.floats(0.05, 0.9))
def test_the_amount_keeps_the_level_and_a_cent_less_does_not(
    model: Model, level: float, later: int, margin: float
) -> None:
    inputs, scratch = buyer(model), buyer(model)
    by_us = period_start_us(int(inputs.period) + later, model.synlead.period)
    amount = amount_that_keeps(model, inputs, scratch, 0, 0, 0.0, margin, level, by_us)
    if math.isinf(amount):
        return
    assert value_with(model, inputs, scratch, margin, max(amount, 1.0), by_us) >= level
    if amount > 1.0:
        assert value_with(model, inputs, scratch, margin, amount - 1.0, by_us) < level


@pytest.mark.parametrize("way", Way)
def test_no_amount_lifts_the_forecast_above_its_highest_bin(way: Way) -> None:
    model = synlead_model(PARAMS, way)
    inputs = buyer(model)
    assert amount_that_keeps(model, inputs, buyer(model), 0, 0, 0.0, 0.3, 1e9, start_us(model, inputs)) == math.inf


@pytest.mark.parametrize("day", [12, 70])
def test_the_ledger_with_the_order_in_it_is_worth_what_was_foretold(day: int) -> None:
    """An order in the month of the last one, and one in a later month; half of it is product cost."""
    model = synlead_model(PARAMS)
    contact = {"type": "interaction.contact", "id": "c", "customer_id": "ada", "occurred_at": time_of(2 * DAY_US)}
    log = [
        order("o1", "120.00", day=0, cost="60.00"),
        contact | {"cost": "4.00"},
        order("o2", "80.00", day=5, cost="20.00"),
    ]
    by_us = microseconds(time_of(day * DAY_US))

    def seen(events: list[dict[str, Any]]) -> Record:
        inputs = look_at(NOBODY)
        look(*open_one(tell(events, terms=terms_of(model)).blobs["ada"]), by_us, model, inputs)
        return inputs

    after = seen([*log, order("o3", "300.00", day=day, cost="150.00")])
    foretold = value_with(model, seen(log), look_at(NOBODY), 0.5, 30_000.0, by_us)
    assert foretold == pytest.approx(value_of(model, after), rel=1e-12)

"""A person's words on forecast periods: of each period and kind the newest holds, of all the newest three."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.by_address import model_by_address
from scoring.layout import DAY_US, INPUTS, Record
from scoring.ledgers import open_one
from scoring.look import look
from scoring.synlead.ahead import Way, three_ahead
from scoring.synlead.kernel import value
from scoring.synlead.model import synlead_model
from scoring.synlead.period_names import Period, named_period
from scoring.terms import Model
from tests.support.builders import order
from tests.support.fold import microseconds
from tests.support.kernel import tell, terms_of
from tests.support.logs import time_of
from tests.unit.scoring.synlead.example import PARAMS

MODEL = synlead_model(PARAMS._replace(slope=0.0), Way.ROLL, Period.MONTH)
LAST = "2024-01"  # the month of the order
WORDS = st.tuples(
    st.sampled_from(["2023-12", LAST, "2024-02", "2024-03", "2024-04", "2024-05", "2025-01"]),
    st.integers(1, 5),  # days: few, so that two are said at once
    st.sampled_from([None, "0.9", "-0.5", "0.25", "0"]),
    st.sampled_from([None, "0", "12.00", "3.50"]),
)
Word = tuple[str, int, str | None, str | None]


def said(n: int, word: Word) -> dict[str, Any]:
    period, day, margin, expense = word
    event = {"type": "customer.corrected", "id": f"c{n}", "customer_id": "ada", "occurred_at": time_of(day * DAY_US)}
    return event | {"period": period, "margin": margin, "expense": expense}


def seen(words: list[Word], model: Model = MODEL, at_day: int = 31) -> Record:
    log = [order("o1", "120.00", day=0, cost="60.00"), *(said(n, word) for n, word in enumerate(words))]
    inputs = np.zeros(1, INPUTS)[0]
    blob = tell(log, terms=terms_of(model)).blobs["ada"]
    look(*open_one(blob), microseconds(time_of(at_day * DAY_US)), model_by_address(model), inputs)
    return inputs


def months_after(period: str) -> int:
    named, last = named_period(period), named_period(LAST)
    assert named
    assert last
    return named[0] - last[0]


def hold(words: list[Word], which: int, scale: float) -> dict[float, float]:
    """By plain dicts: months after the last one with an order -> the word that holds."""
    newest: dict[int, tuple[int, float]] = {}  # (day, - word): of two of one day the lesser
    for word in words:
        told, after = word[which], months_after(word[0])
        if told is not None and after > 0:
            newest[after] = max(newest.get(after, (0, 0.0)), (word[1], -float(str(told)) * scale))
    latest = sorted(newest, key=lambda after: (newest[after][0], after))[-3:]
    return {float(after): -newest[after][1] for after in latest}


@given(st.lists(WORDS, max_size=12))
def test_the_newest_word_on_each_period_holds_and_the_newest_three_periods(words: list[Word]) -> None:
    inputs = seen(words)
    margins = {at: told for at, told in zip(inputs.margin_at, inputs.margin_is, strict=True) if at > 0}
    expenses = {at: told for at, told in zip(inputs.expense_at, inputs.expense_is, strict=True) if at > 0}
    assert margins == hold(words, 2, 1.0)
    assert expenses == hold(words, 3, 100.0)


def test_a_word_replaces_margin_or_expense_of_its_period_and_of_no_other() -> None:
    model = model_by_address(MODEL)
    plain, said_ = seen([]), seen([("2024-03", 1, "0.9", "3.50")])
    before = three_ahead(model.synlead, plain, plain.empty, 0.0)
    first, second, third = three_ahead(model.synlead, said_, said_.empty, 0.0)
    assert (first, third) == (before[0], before[2])
    assert (second.margin, second.expense) == (0.9, 350.0)
    assert second.product_cost == pytest.approx(second.amount * 0.1)


@pytest.mark.parametrize(("period", "heard"), [("2024-Q1", False), ("2024", False), ("2024-02", True)])
def test_a_word_on_a_period_of_another_unit_is_not_heard(period: str, heard: bool) -> None:
    assert (seen([(period, 1, "0.9", None)]).margin_at.max() > 0) == heard


def test_a_quarters_forecast_hears_words_on_quarters() -> None:
    model = synlead_model(PARAMS, Way.ROLL, Period.QUARTER)
    inputs = seen([("2024-Q2", 1, "0.9", None), ("2024-04", 1, "0.1", None)], model)
    assert sorted(zip(inputs.margin_at, inputs.margin_is, strict=True))[-2:] == [(0.0, 0.0), (1.0, 0.9)]


def test_value_does_not_rise_when_a_bad_words_period_is_over() -> None:
    """The forecast itself does: a correction ends with its period."""
    model = model_by_address(MODEL)
    bad: list[Word] = [("2024-02", 1, "-5", None)]
    during, after = seen(bad, at_day=10), seen(bad, at_day=31 + 29 + 10)
    assert sum(s.value for s in three_ahead(model.synlead, during, during.empty, 0.0)) < 0.0
    assert sum(s.value for s in three_ahead(model.synlead, after, after.empty, 0.0)) > 0.0
    assert value(model, after) <= value(model, during) < 0.0

"""Histories are what a plain fold over the events up to an instant says, and outcomes what it says of the time after."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.history import Histories, histories_of, histories_of_table, joined
from scoring.layout import DAY_US, NEVER_US
from scoring.ledgers import Ledgers, open_ledgers
from scoring.outcomes import outcomes_of, outcomes_of_table
from scoring.terms import Limits
from tests.support import logs
from tests.support.fold import fold, identity_of
from tests.support.kernel import tell

START_US = int(logs.START.timestamp()) * 1_000_000
Event = dict[str, Any]


def opened(events: list[Event], fold_after_days: int = 3650) -> tuple[list[str], Ledgers]:
    blobs = tell(events, limits=Limits(fold_after_days * DAY_US, count_free_orders=True)).blobs
    return list(blobs), open_ledgers(list(blobs.values()), np.zeros(len(blobs), np.int64))


def told_once(events: Iterable[Event]) -> list[Event]:
    """Each identity's first telling: of contradicting ones a later one may hold, which as-of knows nothing about."""
    return list({identity_of(event): event for event in reversed(list(events))}.values())


def until(events: list[Event], at_us: int) -> list[Event]:
    end = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
    return [event for event in events if datetime.fromisoformat(event["occurred_at"]) <= end]


def placed(order_id: str, day: float, amount: str = "10.00", cost: str = "0.00", customer: str = "ada") -> Event:
    at = logs.time_of(int(day * DAY_US))
    return {"type": "order.placed", "id": order_id, "customer_id": customer, "occurred_at": at} | {
        "order_id": order_id,
        "amount": amount,
        "cost": cost,
    }


@given(logs.logs, st.integers(0, 600))
@settings(max_examples=200, deadline=None)
def test_a_history_is_the_fold_of_what_had_occurred_by_then(events: list[Event], day: int) -> None:
    events, at_us = told_once(events), START_US + day * DAY_US
    names, ledgers = opened(events)
    seen = histories_of(ledgers, at_us)
    facts = {c: f for c, f in fold(until(events, at_us)).customers.items() if f["orders"]}
    assert [names[c] for c in seen.customer] == [name for name in names if name in facts]
    for i, c in enumerate(seen.customer):
        f: dict[str, Any] = facts[names[c]]
        assert (seen.x[i], seen.orders[i]) == (f["purchase_days"] - 1, f["orders"])
        assert seen.t_x[i] == (f["last_at"] - f["first_at"]) / DAY_US
        assert seen.t[i] == (at_us - f["first_at"]) / DAY_US
        assert seen.profit[i] == pytest.approx(f["gross_profit"] / f["orders"], rel=1e-12)
        assert np.count_nonzero(seen.order_of == i) == f["orders"]


@given(logs.logs, st.integers(0, 600), st.integers(1, 300))
@settings(max_examples=200, deadline=None)
def test_an_outcome_is_what_the_fold_says_of_the_time_between(events: list[Event], day: int, ahead: int) -> None:
    events = [event for event in told_once(events) if event["type"] != "order.cancelled"]  # else days can be taken back
    events = [event for event in events if event["type"] != "order.refunded" or event.get("order_id") is None]
    events = [event for event in events if event.get("revision", 0) == 0]
    from_us, until_us = START_US + day * DAY_US, START_US + (day + ahead) * DAY_US
    names, ledgers = opened(events)
    known = histories_of(ledgers, from_us).customer
    came = outcomes_of(ledgers, known, from_us, until_us)
    before, after = (fold(told_once(until(events, at))).customers for at in (from_us, until_us))
    for i, c in enumerate(known):
        old: dict[str, Any] = before[names[c]]
        new: dict[str, Any] = after[names[c]]
        assert came.orders[i] == new["orders"] - old["orders"]
        assert came.days[i] == new["purchase_days"] - old["purchase_days"]
        assert came.profit[i] == new["gross_profit"] - old["gross_profit"]


def test_gaps_run_from_purchase_day_to_purchase_day_and_under_half_a_day_count_half_a_day() -> None:
    late = placed("o1", 0.99)
    events = [late, placed("o2", 1.01), placed("o3", 1.5), placed("o4", 8.01)]
    _, ledgers = opened(events)
    seen = histories_of(ledgers, START_US + 10 * DAY_US)
    assert seen.x.tolist() == [2.0]
    assert seen.log_gaps[0] == pytest.approx(math.log(0.5) + math.log(7.0))


def test_what_was_folded_away_keeps_its_days_its_sums_and_gaps_taken_as_equal() -> None:
    days = [0, 4, 20, 500, 510]
    events = [placed(f"o{i}", day, "10.00", "4.00") for i, day in enumerate(days)]
    at_us = START_US + 520 * DAY_US
    _, whole = opened(events)
    _, part = opened(events, fold_after_days=100)
    assert part.headers[0].folded_orders == 3
    full, folded = histories_of(whole, at_us), histories_of(part, at_us)
    for name in ("x", "t_x", "t", "orders", "profit"):
        assert getattr(folded, name) == getattr(full, name)
    assert folded.log_gaps[0] == pytest.approx(2 * math.log(10.0) + math.log(480.0) + math.log(10.0))
    assert folded.order_profits.tolist() == [600.0, 600.0]


def test_a_table_of_orders_gives_what_ledgers_of_the_same_orders_give() -> None:
    chance = np.random.default_rng(3)
    customers = chance.integers(0, 20, 200)
    at_us = START_US + chance.integers(0, 300 * DAY_US, 200)
    events = [
        placed(f"o{i}", (at - START_US) / DAY_US, "25.00", "5.00", str(c))
        for i, (c, at) in enumerate(zip(customers, at_us, strict=True))
    ]
    at_us = np.array([int(datetime.fromisoformat(e["occurred_at"]).timestamp() * 1e6 + 0.5) for e in events])
    names, ledgers = opened(events)
    cut, end = START_US + 150 * DAY_US, START_US + 250 * DAY_US
    of_ledgers = histories_of(ledgers, cut)
    of_table = histories_of_table(customers, at_us, np.full(200, 2000.0), cut)
    order = np.argsort([int(names[c]) for c in of_ledgers.customer])
    for name in ("x", "t_x", "t", "log_gaps", "orders", "profit"):
        assert getattr(of_ledgers, name)[order] == pytest.approx(getattr(of_table, name), abs=1e-9)
    later = outcomes_of(ledgers, of_ledgers.customer, cut, end)
    later_of_table = outcomes_of_table(customers, at_us, np.full(200, 2000.0), of_table.customer, cut, end)
    for one, other in zip(later, later_of_table, strict=True):
        assert one[order] == pytest.approx(other)


def test_whole_days_count_from_midnight_to_midnight() -> None:
    at_us = np.array([0.9, 3.1, 3.2]) * DAY_US
    seen = histories_of_table(np.zeros(3, np.int64), at_us.astype(np.int64), np.ones(3), int(7.99 * DAY_US), True)
    assert (seen.x[0], seen.t_x[0], seen.t[0], seen.log_gaps[0]) == (1.0, 3.0, 7.0, math.log(3.0))


def test_an_order_later_on_a_day_already_bought_on_is_no_new_purchase_day() -> None:
    events = [placed("o1", 5.2), placed("o2", 5.9), placed("o3", 6.1)]
    _, ledgers = opened(events)
    came = outcomes_of(ledgers, np.zeros(1, np.int64), START_US + int(5.5 * DAY_US), START_US + 9 * DAY_US)
    assert (came.days[0], came.orders[0]) == (1.0, 2.0)
    nothing = outcomes_of(ledgers, np.zeros(1, np.int64), START_US + 7 * DAY_US, START_US + 9 * DAY_US)
    assert nothing.next_us.tolist() == [NEVER_US]


def test_batches_joined_keep_their_orders_with_their_customers() -> None:
    def one(profit: float) -> Histories:
        return histories_of_table(np.array([0, 1, 1]), np.array([0, 1, 2]), np.array([1.0, profit, profit]), 10)

    both = joined([one(5.0), one(7.0)])
    assert both.order_of.tolist() == [0, 1, 1, 2, 3, 3]
    assert np.bincount(both.order_of, both.order_profits).tolist() == [1.0, 10.0, 1.0, 14.0]
    assert len(joined([]).x) == 0

"""The value curve: at every point what the ledger would have said then, however the events came."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.curve import MONTH_US, MOST_POINTS, Curve, thin, value_curve
from scoring.defaults import DEFAULT_MODEL
from scoring.layout import DAY_US, EVENT, INPUTS, Kind, Records
from scoring.ledgers import open_ledgers, open_one, run
from scoring.look import look
from scoring.value import value_of
from tests.support import logs
from tests.support.builders import order
from tests.support.fold import microseconds
from tests.support.kernel import LIMITS, TERMS, tell

START_US = microseconds(logs.time_of(0))
END_US = START_US + 700 * DAY_US


def curve_of(blob: bytes, until_us: int = END_US) -> Curve | None:
    header, rows = open_one(blob)
    return value_curve(header, rows, until_us, DEFAULT_MODEL, LIMITS)


def value_then(rows: Records, at_us: int, chance: random.Random) -> float:
    """What a ledger is worth that was told only what had occurred by then, in any order."""
    known = rows[rows["at_us"] <= at_us]
    known = known[chance.sample(range(len(known)), len(known))]
    events = np.zeros(len(known), EVENT)
    for name in ("group", "sub", "at_us", "amount", "cost", "kind", "marks"):
        events[name] = known[name]
    events["now_us"] = 0
    ledgers = open_ledgers([None], np.full(1, len(events)))
    run(ledgers, events, TERMS, TERMS, LIMITS)
    header, inputs = ledgers.headers[0], np.zeros(1, INPUTS)[0]
    look(header, ledgers.rows, at_us, DEFAULT_MODEL, inputs)
    return float(value_of(DEFAULT_MODEL, inputs)) if header.orders else -float(header.marketing)


@given(log=logs.logs, seed=st.integers(0, 2**16))
@settings(max_examples=60, deadline=None)
def test_each_point_is_what_the_ledger_would_have_said_then(log: list[dict[str, Any]], seed: int) -> None:
    chance = random.Random(seed)
    for blob in tell(log).blobs.values():
        curve = curve_of(blob)
        rows = open_one(blob)[1]
        if curve is None:
            assert all(rows["kind"] == Kind.INTERACTION)
            continue
        for at_us, value in zip(curve.at_us.tolist(), curve.values.tolist(), strict=True):
            assert value == pytest.approx(value_then(rows, at_us, chance), rel=1e-9, abs=1e-9)


@given(log=logs.logs, seed=st.integers(0, 2**16))
@settings(max_examples=60, deadline=None)
def test_the_order_of_arrival_does_not_matter(log: list[dict[str, Any]], seed: int) -> None:
    mixed = list(log)
    random.Random(seed).shuffle(mixed)
    told, shuffled = tell(log).blobs, tell(mixed).blobs
    for customer, blob in told.items():
        assert str(curve_of(blob)) == str(curve_of(shuffled[customer]))


@given(log=logs.logs)
@settings(max_examples=60, deadline=None)
def test_it_is_bounded_and_keeps_its_first_its_highest_and_its_last_point(log: list[dict[str, Any]]) -> None:
    for blob in tell(log).blobs.values():
        curve = curve_of(blob, END_US + 5000 * DAY_US)
        if curve is not None:
            assert len(curve.values) <= MOST_POINTS
            assert (np.diff(curve.at_us) > 0).all()
            assert curve.at_us[-1] == END_US + 5000 * DAY_US
            assert curve.values.max() == curve.peak == curve.values[curve.at_us.tolist().index(curve.peak_us)]
            assert curve.below_peak == curve.peak - curve.values[-1]


def contact(contact_id: str, cost: str, *, day: int) -> dict[str, Any]:
    told = {"type": "interaction.contact", "channel": "mail", "direction": "out", "cost": cost, "id": contact_id}
    return told | {"customer_id": "ada", "occurred_at": logs.time_of(day * DAY_US)}


def test_it_begins_with_what_acquiring_cost_peaks_with_the_last_order_and_falls_a_point_a_month() -> None:
    told = [contact("m1", "2.50", day=0), contact("m2", "1.50", day=5), order("o1", "40.00", day=10)]
    curve = curve_of(tell([*told, order("o2", "60.00", day=30)]).blobs["ada"], START_US + 120 * DAY_US)
    assert curve is not None
    assert curve.values[:2].tolist() == [-250.0, -400.0]
    assert ((curve.at_us - START_US) / DAY_US).tolist() == [0, 5, 10, 30, 60, 90, 120]
    assert (curve.peak_us, curve.falling_since_us) == (START_US + 30 * DAY_US, START_US + 30 * DAY_US)
    assert (np.diff(curve.values[3:]) < 0).all()


def test_while_the_last_move_was_up_nothing_falls() -> None:
    curve = curve_of(
        tell([order("o1", "40.00", day=0), order("o2", "90.00", day=9)]).blobs["ada"], START_US + 9 * DAY_US
    )
    assert curve is not None
    assert (curve.falling_since_us, curve.below_peak, curve.peak_us) == (None, 0.0, START_US + 9 * DAY_US)


def test_of_a_customer_who_never_did_anything_that_counts_there_is_no_curve() -> None:
    visit = {"type": "interaction.visit", "id": "v1", "customer_id": "ada", "occurred_at": logs.time_of(0)}
    assert curve_of(tell([visit]).blobs["ada"]) is None


def test_what_was_folded_away_is_there_from_its_last_order_on() -> None:
    log = [order(f"o{i}", "50.00", day=40 * i, cost="20.00") for i in range(12)]
    short = LIMITS._replace(fold_after_us=150 * DAY_US)
    header, rows = open_one(tell(log, limits=short).blobs["ada"])
    assert header["folded_orders"] > 3
    folded = value_curve(header, rows, END_US, DEFAULT_MODEL, short)
    whole = curve_of(tell(log).blobs["ada"])
    assert folded is not None
    assert whole is not None
    assert folded.at_us[0] == header["folded_last_us"]
    known = dict(zip(whole.at_us.tolist(), whole.values.tolist(), strict=True))
    compared = [at_us for at_us in folded.at_us.tolist() if at_us in known]
    assert len(compared) > 10
    for at_us, value in zip(folded.at_us.tolist(), folded.values.tolist(), strict=True):
        if at_us in known:
            assert value == pytest.approx(known[at_us], rel=1e-12)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300))
@settings(deadline=None)
def test_thinning_keeps_where_the_value_moved_most(values: list[float]) -> None:
    at_us = np.arange(len(values)) * MONTH_US
    drawn = np.array(values)
    kept = thin(at_us, drawn, int(np.argmax(drawn)))
    assert (np.diff(kept) > 0).all()
    assert {0, len(values) - 1, int(np.argmax(drawn))} <= set(kept.tolist())
    assert len(kept) <= MOST_POINTS
    if len(values) <= MOST_POINTS:
        missed = drawn - np.interp(at_us, at_us[kept], drawn[kept])
        assert np.abs(missed).max() == 0.0


def test_one_step_among_hundreds_of_small_ones_is_kept() -> None:
    values = np.linspace(100.0, 90.0, 400) + np.sin(np.arange(400)) * 0.01
    values[250:] -= 50.0
    kept = thin(np.arange(400) * MONTH_US, values, 0).tolist()
    assert {249, 250} <= set(kept)

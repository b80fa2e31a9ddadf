"""Warnings: one before each fall, that says when the tier falls and what averts it."""

from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scoring.defaults import DEFAULT_MODEL
from scoring.layout import DAY_US, EVENT, Alert, Kind, Record, Tier
from scoring.ledgers import Ran, open_ledgers, peek, run
from scoring.terms import Terms
from tests.support.builders import order
from tests.support.drift import EVERYONE, SECOND_US, START_US, TERMS, YEAR_US, buyers, of_kind, seen, through, wait
from tests.support.kernel import LIMITS, RULES, tell, terms_of, write_event

ALIKE = DEFAULT_MODEL._replace(r=8.0, alpha=200.0, p=20.0)  # another order says little about how often one buys


def just_before(blob: bytes, event: dict[str, Any], amount: int, at_us: int, terms: Terms = TERMS) -> tuple[bytes, Ran]:
    """Take an order in that comes with the deadline at its own instant, before silence gets its turn."""
    row = np.zeros(1, EVENT)
    write_event(row[0], event, 0)
    row["at_us"], row["now_us"], row["amount"] = at_us, at_us - 1, amount
    return through(blob, row, terms)


@given(log=buyers())
@settings(max_examples=100, deadline=None)
def test_a_fall_by_silence_is_warned_of_once_before_it_and_comes_when_it_was_said(log: list[dict[str, Any]]) -> None:
    blob = tell(log, terms=TERMS).blobs["ada"]
    warned_us = int(peek(blob).warned_us)
    _, ran = wait(blob, START_US + 60 * YEAR_US)
    warned = of_kind(ran.alerts, Alert.WARNED)
    falls = [int(change.at_us) for change in ran.changes]
    expected = falls[1:] if warned_us else falls
    assert [int(alert.falls_us) for alert in warned] == expected
    for alert in warned:
        last_us = int(peek(blob).last_us)
        half_us = last_us + (int(alert.falls_us) - last_us) // 2
        earliest_us = max(int(alert.falls_us) - EVERYONE.warn_us, half_us)
        assert earliest_us <= alert.at_us < alert.falls_us


@given(log=buyers(), share=st.floats(0.3, 0.999))
@settings(max_examples=150, deadline=None)
def test_the_order_that_a_warning_asks_for_keeps_the_tier_and_one_cent_less_does_not(
    log: list[dict[str, Any]], share: float
) -> None:
    blob, terms, warned = warned_soon(log, share)
    assume(warned is not None)
    assert warned is not None
    assume(warned.keep_amount < np.inf)
    by_us, amount, tier = int(warned.falls_us), warned.keep_amount, int(warned.tier)
    kept, _ = just_before(blob, order("kept", "1.00", day=1), max(1, int(amount)), by_us, terms)
    assert peek(kept).tier >= tier
    if amount > 1:
        lost, _ = just_before(blob, order("kept", "1.00", day=1), int(amount) - 1, by_us, terms)
        assert peek(lost).tier < tier


def test_where_buyers_are_alike_one_more_order_must_be_more_than_a_trifle_to_keep_the_tier() -> None:
    """Else the test above would hold for nothing."""
    _, _, warned = warned_soon([order(f"o{i}", "40.00", day=7 * i) for i in range(4)], 0.95)
    assert warned is not None
    assert 100 < warned.keep_amount < 40_00


def warned_soon(log: list[dict[str, Any]], share: float) -> tuple[bytes, Terms, Record | None]:
    """A customer whose tier falls where the value has become this share of what it is; and the warning, where one came."""
    value = float(peek(tell(log, terms=terms_of(ALIKE)).blobs["ada"]).value)
    enter = (0.0, -np.inf, 0.0, value * share / 2, value * share)
    terms = terms_of(ALIKE, RULES._replace(enter=enter, leave=enter), EVERYONE)
    blob = tell(log, terms=terms).blobs["ada"]
    warned: list[Record] = []
    while not warned and peek(blob).due_us < START_US + 60 * YEAR_US:
        blob, ran = wait(blob, int(peek(blob).due_us), terms)
        warned = of_kind(ran.alerts, Alert.WARNED)
    return blob, terms, warned[0] if warned else None


def test_a_fall_that_is_put_off_by_little_is_the_one_that_was_warned_of() -> None:
    """As the boundaries of a census do, which move a little every week."""
    blob = tell([order("o1", "60.00", day=0)], terms=TERMS).blobs["ada"]
    warned: list[Record] = []
    while not warned:
        blob, ran = wait(blob, int(peek(blob).due_us))
        warned = of_kind(ran.alerts, Alert.WARNED)
    told_us, falls_us, tier = int(warned[0].at_us), int(warned[0].falls_us), int(warned[0].tier)
    later = []
    for days in (1, 60):
        _, _, then = seen(blob, falls_us + days * DAY_US)
        assert tier == Tier.MIDDLE
        lower = RULES._replace(leave=(0.0, -np.inf, 0.0, then, RULES.leave[Tier.HIGH]))
        new = terms_of(rules=lower, drift=EVERYONE, number=2, from_us=told_us + SECOND_US)
        tick = np.zeros(1, EVENT)
        tick["kind"], tick["now_us"] = Kind.TICK, told_us + SECOND_US
        ledgers = open_ledgers([blob], np.ones(1, np.int64))
        later.append([int(alert.alert) for alert in run(ledgers, tick, TERMS, new, LIMITS).alerts])
    assert later == [[], [Alert.CLEARED]]

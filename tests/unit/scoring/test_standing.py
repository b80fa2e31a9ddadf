"""Tiers follow value: up at once, down by silence at the exact second, not before the minimum stay."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.defaults import DEFAULT_DRIFT, DEFAULT_MODEL
from scoring.errors import LedgerCorruptError
from scoring.layout import CHANGE, DAY_US, EVENT, INPUTS, NEVER_US, Cause, Kind, Record, Tier
from scoring.ledgers import open_ledgers, open_one, pack_ledgers, peek, run
from scoring.look import look
from scoring.terms import Model, Terms
from scoring.tiers import tier_of
from scoring.value import value_of
from tests.support import logs
from tests.support.builders import order, refund
from tests.support.fold import microseconds
from tests.support.kernel import LIMITS, RULES, Told, terms_of
from tests.support.kernel import tell as tell_under

SECOND_US = 1_000_000
START_US = microseconds(logs.time_of(0))
TIERS_ALONE = terms_of(drift=DEFAULT_DRIFT._replace(worth_tier=Tier.HIGH + 1, turn=0.0))  # nobody is worth an alert


def tell(events: list[dict[str, Any]], terms: Terms = TIERS_ALONE, new: Terms | None = None) -> Told:
    return tell_under(events, terms=terms, new=new)


def changes_of(told: list[tuple[str, bytes]]) -> list[Record]:
    return [np.frombuffer(change, CHANGE)[0] for _, change in told]


def wait(
    blob: bytes, until_us: int, terms: Terms = TIERS_ALONE, new: Terms | None = None
) -> tuple[bytes, list[Record]]:
    """Let silence act on one stored ledger up to an instant."""
    tick = np.zeros(1, EVENT)
    tick["kind"], tick["now_us"] = Kind.TICK, until_us
    ledgers = open_ledgers([blob], np.zeros(1, np.int64))
    ran = run(ledgers, tick, terms, new or terms, LIMITS)
    return pack_ledgers(ledgers)[0], list(ran.changes)


def value_at(blob: bytes, at_us: int, model: Model = DEFAULT_MODEL) -> float:
    inputs = np.zeros(1, INPUTS)
    look(*open_one(blob), at_us, model, inputs[0])
    return float(value_of(model, inputs[0]))


BIG_SPENDER = [order("o1", "120.00", day=0), order("o2", "140.00", day=20), order("o3", "130.00", day=40)]


def test_the_first_order_gives_the_first_tier_and_a_change_from_none() -> None:
    (first, *_) = changes_of(tell(BIG_SPENDER).changes)
    assert (first.from_tier, first.sequence, first.event) == (Tier.NONE, 1, 0)
    assert first.to_tier > Tier.NONE


def test_a_customer_without_an_order_has_no_tier() -> None:
    visit = {"type": "interaction.visit", "id": "v1", "customer_id": "ada", "occurred_at": logs.time_of(0)}
    told = tell([visit])
    assert not told.changes
    assert peek(told.blobs["ada"]).tier == Tier.NONE


def test_silence_lowers_the_tier_at_the_first_second_below_its_boundary() -> None:
    blob = tell(BIG_SPENDER).blobs["ada"]
    due_us = int(peek(blob).due_us)
    level = RULES.leave[int(peek(blob).tier)]
    assert due_us % SECOND_US == 0
    assert value_at(blob, due_us) < level <= value_at(blob, due_us - SECOND_US)


def test_nothing_happens_a_microsecond_before_the_deadline() -> None:
    blob = tell(BIG_SPENDER).blobs["ada"]
    due_us = int(peek(blob).due_us)
    assert wait(blob, due_us - 1) == (blob, [])
    _, (change, *_) = wait(blob, due_us)
    assert (change.at_us, change.event, change.to_tier) == (due_us, -1, change.from_tier - 1)


def test_silence_takes_a_customer_down_step_by_step_and_ends_at_low() -> None:
    blob, falls = wait(tell(BIG_SPENDER).blobs["ada"], START_US + 100 * 365 * DAY_US)
    assert [int(change.to_tier) for change in falls] == list(range(int(falls[0].from_tier) - 1, Tier.LOW - 1, -1))
    assert peek(blob).due_us == NEVER_US


def test_a_fall_found_late_by_the_next_event_is_the_fall_the_timer_would_have_fired() -> None:
    blob = tell(BIG_SPENDER).blobs["ada"]
    _, by_timer = wait(blob, START_US + 3000 * DAY_US)
    both = changes_of(tell([*BIG_SPENDER, order("o4", "100.00", day=3000)]).changes)
    by_event = [change for change in both if change.event == -1][-len(by_timer) :]
    assert by_timer
    assert [change.tobytes() for change in by_event] == [change.tobytes() for change in by_timer]


def test_a_value_between_leave_and_enter_keeps_whichever_tier_is_held() -> None:
    between = (RULES.leave[Tier.HIGH] + RULES.enter[Tier.HIGH]) / 2
    assert tier_of(RULES, int(Tier.HIGH), between) == Tier.HIGH
    assert tier_of(RULES, int(Tier.MIDDLE), between) == Tier.MIDDLE


def test_a_fall_waits_for_the_minimum_stay_and_a_rise_does_not() -> None:
    rules = RULES._replace(min_stay_us=60 * DAY_US)
    terms = TIERS_ALONE._replace(rules=rules)
    log = [*BIG_SPENDER, refund("r1", "o1", "120.00", day=41), refund("r2", "o2", "140.00", day=41)]
    log.append(refund("r3", "o3", "129.00", day=41))
    told = tell(log, terms)
    changes = changes_of(told.changes)
    held = peek(told.blobs["ada"])
    assert all(change.to_tier > change.from_tier for change in changes)
    assert held.value < rules.leave[int(held.tier)]
    assert held.due_us == held.since_us + 60 * DAY_US
    _, (fall, *_) = wait(told.blobs["ada"], int(held.due_us), terms)
    assert fall.at_us == held.due_us


def test_cost_above_price_is_a_loss() -> None:
    told = tell([order("o1", "10.00", day=0, cost="200.00")])
    assert peek(told.blobs["ada"]).tier == Tier.LOSS
    assert peek(told.blobs["ada"]).due_us == NEVER_US


@given(logs.logs)
@settings(max_examples=100, deadline=None)
def test_every_change_adds_up_and_follows_the_one_before(events: list[dict[str, Any]]) -> None:
    held: dict[str, tuple[int, int]] = {}
    for customer, raw in tell(events).changes:
        change = np.frombuffer(raw, CHANGE)[0]
        assert (int(change.from_tier), int(change.sequence) - 1) == held.get(customer, (Tier.NONE, 0))
        assert sum(change.shares) == pytest.approx(change.to_value - change.from_value, rel=1e-6, abs=1e-6)
        held[customer] = int(change.to_tier), int(change.sequence)


def test_the_order_that_would_have_kept_the_tier_keeps_it() -> None:
    log = [*BIG_SPENDER, *(refund(f"r{i}", f"o{i}", "119.00", day=41) for i in (1, 2, 3))]
    alike = DEFAULT_MODEL._replace(r=8.0, alpha=200.0, p=20.0)  # where one more order alone is not enough
    worth = float(peek(tell(BIG_SPENDER, TIERS_ALONE._replace(model=alike)).blobs["ada"]).value)
    levels = (0.0, -np.inf, 0.0, 0.5 * worth, 0.9 * worth)
    rules = RULES._replace(enter=levels, leave=levels)
    terms = TIERS_ALONE._replace(model=alike, rules=rules)
    fall = changes_of(tell(log, terms).changes)[-1]
    assert (fall.to_tier < fall.from_tier, fall.keep_amount > 0) == (True, True)
    level = levels[int(fall.from_tier)]
    enough, little = (
        tell([*log[: int(fall.event) + 1], order("kept", f"{int(cents) / 100:.2f}", day=41)], terms).blobs["ada"]
        for cents in (fall.keep_amount, fall.keep_amount - 1)
    )
    assert value_at(little, int(fall.keep_by_us), alike) < level <= value_at(enough, int(fall.keep_by_us), alike)


def test_a_rise_says_which_order_keeps_the_new_tier_and_until_when() -> None:
    told = tell(BIG_SPENDER)
    rise = changes_of(told.changes)[0]
    first = tell(BIG_SPENDER[:1]).blobs["ada"]
    assert rise.keep_by_us == peek(first).due_us
    assert rise.keep_amount == 0  # any order does


# New terms: another version of boundaries or model, in force from an instant of event time on.

SWITCH_US = START_US + 60 * DAY_US
STRICT = RULES._replace(enter=(0.0, -np.inf, 0.0, 300_00.0, 1000_00.0), leave=(0.0, -np.inf, 0.0, 270_00.0, 900_00.0))
STRICTER = TIERS_ALONE._replace(number=2, from_us=SWITCH_US, rules=STRICT)


def test_new_boundaries_move_a_customer_at_the_instant_from_which_they_hold_whoever_comes_when() -> None:
    by_tick, (swept,) = wait(tell(BIG_SPENDER).blobs["ada"], SWITCH_US, new=STRICTER)
    assert (swept.at_us, swept.event, swept.terms) == (SWITCH_US, Cause.BOUNDARY, 2)
    assert wait(by_tick, SWITCH_US, new=STRICTER) == (by_tick, [])
    late = [*BIG_SPENDER, order("o4", "10.00", day=70)]
    met = next(change for change in changes_of(tell(late, new=STRICTER).changes) if change.terms == 2)
    assert met.tobytes() == swept.tobytes()


def test_new_boundaries_that_come_before_any_event_wait_for_their_instant() -> None:
    blob = tell(BIG_SPENDER, new=STRICTER).blobs["ada"]
    assert blob == tell(BIG_SPENDER).blobs["ada"]
    assert wait(blob, SWITCH_US - 1, new=STRICTER) == (blob, [])


def test_boundaries_that_come_too_late_act_where_the_customer_stands() -> None:
    log = [*BIG_SPENDER, order("o4", "10.00", day=90)]
    _, (moved,) = wait(tell(log).blobs["ada"], START_US + 90 * DAY_US, new=STRICTER)
    assert (moved.at_us, moved.event) == (START_US + 90 * DAY_US, Cause.BOUNDARY)


def test_a_new_model_is_a_cause_of_its_own() -> None:
    poorer = DEFAULT_MODEL._replace(horizon_days=20.0)
    new = TIERS_ALONE._replace(number=2, from_us=SWITCH_US, cause=int(Cause.MODEL), model=poorer)
    before = tell(BIG_SPENDER).blobs["ada"]
    _, (moved, *_) = wait(before, SWITCH_US, new=new)
    assert (moved.event, moved.to_tier < moved.from_tier) == (Cause.MODEL, True)
    # its share is what it made of the same customer; the days since are told apart
    clock_us = int(peek(before).clock_us)
    assert moved.shares[4] == pytest.approx(value_at(before, clock_us, poorer) - value_at(before, clock_us))
    assert sum(moved.shares) == pytest.approx(moved.to_value - moved.from_value)
    assert moved.shares[2] < 0


def test_whom_the_new_boundaries_leave_where_they_are_hears_nothing() -> None:
    same = TIERS_ALONE._replace(number=2, from_us=SWITCH_US)
    blob, changes = wait(tell(BIG_SPENDER).blobs["ada"], SWITCH_US, new=same)
    assert not changes
    assert (peek(blob).terms, peek(blob).due_us) == (2, peek(tell(BIG_SPENDER).blobs["ada"]).due_us)


@given(st.binary(max_size=200), st.integers(0, 2**31))
@settings(max_examples=300, deadline=None)
def test_bytes_that_are_no_ledger_are_refused_not_read_astray(noise: bytes, seed: int) -> None:
    good = tell(BIG_SPENDER).blobs["ada"]
    cut = good[: seed % len(good)]
    flipped = bytes(byte ^ (i == seed % len(good)) << seed % 8 for i, byte in enumerate(good))
    for blob in (noise, cut, flipped, good + b"\0"):
        if blob:
            with pytest.raises(LedgerCorruptError) as refused:
                open_ledgers([good, blob, None], np.zeros(3, np.int64))
            assert refused.value.indices == {1}

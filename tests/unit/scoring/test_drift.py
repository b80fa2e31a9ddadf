"""Drift: each alert at its own second, levels that only rise in silence and are cleared by who comes back."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scoring.defaults import DEFAULT_DRIFT, DEFAULT_MODEL
from scoring.kernel import ALERTS_AN_EVENT
from scoring.layout import ALERT, DAY_US, EVENT, Alert, Cause, Level, Tier
from scoring.ledgers import open_ledgers, peek, run
from scoring.levels import has_drifted, level_of
from scoring.terms import Terms
from tests.support import logs
from tests.support.builders import order
from tests.support.drift import EVERYONE, SECOND_US, START_US, TERMS, YEAR_US, buyers, of_kind, seen, wait
from tests.support.fold import microseconds
from tests.support.kernel import LIMITS, RULES, tell, terms_of, write_event

RHYTHM = DEFAULT_MODEL._replace(k=2.0, r=2.0, alpha=30.0, a=0.8, b=3.0)


def holds(blob: bytes, level: int, at_us: int, terms: Terms = TERMS) -> bool:
    """Whether a silent customer has reached this level, by the rule itself."""
    p_alive, tail, value = seen(blob, at_us, terms)
    drift = terms.drift
    turned = level == Level.WATCH and value < drift.turn * peek(blob).peak
    return turned or has_drifted(p_alive, tail, drift.p_alive[level], drift.tail[level])


@pytest.mark.parametrize(
    ("p_alive", "tail", "drifted"),
    [(0.4, 0.49, True), (0.4, 0.5, False), (0.5, 0.49, False), (0.99, 0.04, True), (0.99, 0.05, False)],
)
def test_a_level_takes_a_low_chance_after_more_than_a_usual_silence_or_a_silence_that_is_rare(
    p_alive: float, tail: float, drifted: bool
) -> None:
    assert has_drifted(p_alive, tail, p_level=0.5, tail_level=0.05) == drifted


def test_the_highest_level_that_holds_is_the_one_and_a_fallen_value_alone_is_a_watch() -> None:
    levels = [level_of(DEFAULT_DRIFT, p, 0.4, 10.0, 10.0) for p in (0.6, 0.4, 0.2, 0.05)]
    assert levels == [Level.NONE, Level.WATCH, Level.DRIFTING, Level.LOST]
    turned = DEFAULT_DRIFT._replace(turn=0.5)
    assert level_of(turned, 0.9, 1.0, 4.9, 10.0) == Level.WATCH
    assert level_of(turned, 0.9, 1.0, 5.0, 10.0) == Level.NONE


@pytest.mark.parametrize("model", [DEFAULT_MODEL, RHYTHM])
@given(log=buyers())
@settings(max_examples=60, deadline=None)
def test_in_silence_each_level_comes_once_at_the_first_second_at_which_it_holds(
    model: Any, log: list[dict[str, Any]]
) -> None:
    terms = terms_of(model, drift=EVERYONE)
    blob = tell(log, terms=terms).blobs["ada"]
    before = int(peek(blob).level)
    after, ran = wait(blob, START_US + 60 * YEAR_US, terms)
    raised = of_kind(ran.alerts, Alert.RAISED)
    assert [int(alert.level) for alert in raised] == sorted({int(alert.level) for alert in raised})
    assert peek(after).level == Level.LOST
    for alert in raised:
        assert alert.event == Cause.SILENCE
        assert holds(blob, alert.level, alert.at_us, terms)
        for level in range(before + 1, int(alert.level) + 1):
            assert not holds(blob, level, alert.at_us - SECOND_US, terms)
        before = int(alert.level)
    assert not of_kind(ran.alerts, Alert.CLEARED)


@given(log=buyers())
@settings(max_examples=60, deadline=None)
def test_nothing_is_told_a_microsecond_before_its_deadline(log: list[dict[str, Any]]) -> None:
    blob = tell(log, terms=TERMS).blobs["ada"]
    due_us = int(peek(blob).due_us)
    _, ran = wait(blob, due_us - 1)
    assert len(ran.alerts) == len(ran.changes) == 0
    _, ran = wait(blob, due_us)
    assert len(ran.alerts) + len(ran.changes) > 0


@given(log=buyers(), years=st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_who_comes_back_is_cleared_to_the_level_that_holds_then(log: list[dict[str, Any]], years: int) -> None:
    last_day = (microseconds(log[-1]["occurred_at"]) - START_US) // DAY_US
    back = order("back", "100.00", day=int(last_day) + 365 * years)
    told = tell([*log, back], terms=TERMS)
    alerts = [np.frombuffer(raw, ALERT)[0] for _, raw in told.alerts]
    held = peek(told.blobs["ada"])
    p_alive, tail, value = seen(told.blobs["ada"], int(held.clock_us))
    assert held.level == level_of(EVERYONE, p_alive, tail, value, held.peak)
    before = max([alert.level for alert in alerts if alert.event != len(log)], default=Level.NONE)
    assume(before > held.level)
    (cleared,) = [alert for alert in of_kind(alerts, Alert.CLEARED) if alert.event == len(log)]
    assert (cleared.level, cleared.at_us) == (held.level, microseconds(back["occurred_at"]))


@given(log=logs.logs)
@settings(max_examples=100, deadline=None)
def test_the_alerts_of_a_customer_are_numbered_and_follow_from_one_another(log: list[dict[str, Any]]) -> None:
    held: dict[str, tuple[int, int, bool]] = {}  # alerts so far, level, whether a fall was warned of
    for customer, raw in tell(log, terms=TERMS).alerts:
        alert = np.frombuffer(raw, ALERT)[0]
        number, level, warned = held.get(customer, (0, int(Level.NONE), False))
        assert alert.sequence == number + 1
        match alert.alert:
            case Alert.RAISED:
                assert alert.level > level
            case Alert.CLEARED:
                assert alert.level < level or (warned and alert.level == level)
            case Alert.WARNED:
                assert alert.level == level
        assert alert.at_risk >= 0.0
        assert 0.0 <= alert.p_alive <= 1.0
        assert 0.0 <= alert.tail <= 1.0
        held[customer] = int(alert.sequence), int(alert.level), warned or alert.alert == Alert.WARNED


SWITCH_US = START_US + 20 * DAY_US
STRICT = RULES._replace(enter=(0.0, -np.inf, 10.0, 300_00.0, 1000_00.0), leave=(0.0, -np.inf, 9.0, 270_00.0, 900_00.0))
NEWER = terms_of(RHYTHM, STRICT, EVERYONE, number=2, from_us=SWITCH_US, cause=Cause.MODEL)


@pytest.mark.parametrize("new", [None, NEWER])
@given(log=logs.logs, seed=st.integers(0, 2**16))
@settings(max_examples=60, deadline=None)
def test_neither_batches_nor_other_customers_change_the_alerts_of_a_customer(
    new: Terms | None, log: list[dict[str, Any]], seed: int
) -> None:
    whole = by_customer(log, 5000, new)
    for size in (1, 7):
        assert by_customer(log, size, new) == whole
    mixed = list(log)
    random.Random(seed).shuffle(mixed)
    places = {id(event): i for i, event in enumerate(log)}
    queues = {
        name: iter(sorted((e for e in log if e["customer_id"] == name), key=lambda e: places[id(e)])) for name in whole
    }
    queues |= {event["customer_id"]: queues.get(event["customer_id"], iter(())) for event in log}
    turns = [event["customer_id"] for event in mixed]
    streams = {name: [event for event in log if event["customer_id"] == name] for name in queues}
    interleaved = [streams[name].pop(0) for name in turns]
    assert by_customer(interleaved, 5000, new) == whole


def by_customer(log: list[dict[str, Any]], batch: int, new: Terms | None) -> dict[str, list[bytes]]:
    """Each customer's alerts; without the index of the event, which says where in the log it stood."""
    found: dict[str, list[bytes]] = {}
    for customer, raw in tell(log, batch, TERMS, new=new).alerts:
        alert = np.frombuffer(raw, ALERT).copy()
        alert["event"] = np.minimum(alert["event"], 0)
        found.setdefault(customer, []).append(alert.tobytes())
    return found


@given(log=logs.logs, seed=st.integers(0, 2**16))
@settings(max_examples=60, deadline=None)
def test_whatever_the_order_of_arrival_the_level_comes_out_the_same(log: list[dict[str, Any]], seed: int) -> None:
    """With the turn of the curve left out: a peak is what was seen at the looks."""
    terms = terms_of(drift=EVERYONE._replace(turn=0.0))
    mixed = list(log)
    random.Random(seed).shuffle(mixed)
    end_us = START_US + 700 * DAY_US
    levels = [
        {name: int(peek(wait(blob, end_us, terms)[0]).level) for name, blob in tell(told, terms=terms).blobs.items()}
        for told in (log, mixed)
    ]
    assert levels[0] == levels[1]


def test_nobody_hears_of_a_customer_who_is_not_worth_it() -> None:
    poor = [order("o1", "1.00", day=0), order("o2", "1.00", day=30)]
    worth_it = DEFAULT_DRIFT._replace(worth_tier=int(Tier.HIGH))
    blob = tell(poor, terms=terms_of(drift=worth_it)).blobs["ada"]
    _, ran = wait(blob, START_US + 60 * YEAR_US, terms_of(drift=worth_it))
    assert len(ran.alerts) == 0
    enough = worth_it._replace(worth_at_risk=0.01)
    _, ran = wait(
        tell(poor, terms=terms_of(drift=enough)).blobs["ada"], START_US + 60 * YEAR_US, terms_of(drift=enough)
    )
    assert [int(alert.level) for alert in ran.alerts] == [Level.WATCH, Level.DRIFTING, Level.LOST]


def test_what_comes_to_be_at_risk_in_a_silence_is_told_at_the_next_level() -> None:
    """Right after an order little is at risk; the longer the silence, the larger a part of the value if alive."""
    blob = tell([order(f"o{i}", "100.00", day=20 * i) for i in range(8)], terms=TERMS).blobs["ada"]
    _, ran = wait(blob, START_US + 60 * YEAR_US)
    everything = of_kind(ran.alerts, Alert.RAISED)
    assert [int(alert.level) for alert in everything] == [Level.WATCH, Level.DRIFTING, Level.LOST]
    for alert in everything[:2]:
        enough = EVERYONE._replace(worth_tier=int(Tier.HIGH) + 1, worth_at_risk=float(alert.at_risk))
        terms = terms_of(drift=enough)
        silent = tell([order(f"o{i}", "100.00", day=20 * i) for i in range(8)], terms=terms).blobs["ada"]
        _, ran = wait(silent, START_US + 60 * YEAR_US, terms)
        expected = [(one.level, one.at_us) for one in everything if one.at_risk >= alert.at_risk]
        assert [(one.level, one.at_us) for one in of_kind(ran.alerts, Alert.RAISED)] == expected
        assert (alert.level, alert.at_us) in expected


def test_who_always_brought_a_loss_has_nothing_to_lose() -> None:
    loss = [order(f"o{i}", "10.00", day=7 * i, cost="300.00") for i in range(5)]
    only_turn = EVERYONE._replace(p_alive=(0.0,) * 4, tail=(0.0,) * 4)
    told = tell(loss, terms=terms_of(drift=only_turn))
    assert peek(told.blobs["ada"]).value < 0.0
    assert (told.alerts, peek(told.blobs["ada"]).level) == ([], Level.NONE)
    earned = [order(f"g{i}", "90.00", day=7 * i) for i in range(5)]
    fallen = [order(f"l{i}", "10.00", day=35 + 7 * i, cost="300.00") for i in range(5)]
    assert peek(tell([*earned, *fallen], terms=terms_of(drift=only_turn)).blobs["ada"]).level == Level.WATCH


def test_a_value_below_a_share_of_its_peak_is_a_watch_though_the_silence_is_none() -> None:
    """A loyal customer whose orders shrink: each comes on time."""
    shrinking = [order(f"o{i}", f"{500 / (i + 1) ** 2:.2f}", day=7 * i, cost=f"{i * 3}.00") for i in range(30)]
    only_turn = EVERYONE._replace(p_alive=(0.0,) * 4, tail=(0.0,) * 4)
    told = tell(shrinking, terms=terms_of(drift=only_turn))
    held = peek(told.blobs["ada"])
    assert held.value < only_turn.turn * held.peak
    assert held.level == Level.WATCH


def test_all_that_one_event_can_tell_has_room() -> None:
    """Every level and a warning of every fall under the old terms, all of it again under new ones, and the returns."""
    rules = RULES._replace(enter=(0.0, -np.inf, 348.0, 638.0, 1169.0), leave=(0.0, -np.inf, 344.0, 631.0, 1157.0))
    old = terms_of(rules=rules, drift=EVERYONE)
    slower = DEFAULT_MODEL._replace(r=4.804, alpha=13773.3, a=0.01183, b=0.3198, horizon_days=2327.24)
    new = terms_of(slower, rules, EVERYONE, number=2, from_us=START_US + 20 * YEAR_US, cause=Cause.MODEL)
    log = [order("o1", "300.00", day=0), order("o2", "300.00", day=365 * 2500)]
    forever = LIMITS._replace(fold_after_us=10_000 * YEAR_US)
    alone = tell(log[:1], terms=old, limits=forever)
    ledgers = open_ledgers([alone.blobs["ada"]], np.ones(1, np.int64))
    event = np.zeros(1, EVENT)
    write_event(event[0], log[1], 0)
    alerts = run(ledgers, event, old, new, forever).alerts
    assert len(alerts) >= 14
    assert len(alerts) <= ALERTS_AN_EVENT

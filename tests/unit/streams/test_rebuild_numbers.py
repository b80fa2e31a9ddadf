"""Numbers of changes after a rebuild: none that was told is given again, where the log alone does not say which those were."""

from typing import Any

import pytest

from scoring.hashing import bucket_of
from scoring.layout import DAY_US
from scoring.ledgers import peek
from streams.config import ORDERS
from tests.support.builders import order
from tests.support.fold import microseconds
from tests.support.lives import EVENTS, Live, changed, logs_of
from tests.support.logs import time_of
from tests.support.pipelines import lines, states, totals

ADA = b"ada"
BUCKET = bucket_of(ADA)
START_US = microseconds(time_of(0))
DAMAGED = b"\x02no ledger"


class Late(Live):
    """Ada fell a tier by silence before an order from before the fall came, which raised her again: the log alone has neither."""

    def __init__(self) -> None:
        super().__init__(logs_of([order(f"o{day}", "100.00", day=day) for day in (0, 10, 20)]))
        self.place = BUCKET % len(self.benches)
        self.bench = self.benches[self.place]
        self.work()
        self.silence(day=160)
        self.come(order("o115", "100.00", day=115), day=161)

    def come(self, event: dict[str, Any], day: int) -> None:
        """An order more, on a day of the broker's."""
        log = self.logs[ORDERS, self.place]
        [line] = lines([event], len(log))
        line.timestamp = (START_US + day * DAY_US) // 1000
        log.append(line)
        self.feed(self.bench)
        self.bench.settle()

    def silence(self, day: int) -> None:
        self.bench.silence(START_US + day * DAY_US)

    def go_on(self) -> list[str]:
        """Ids of what is told once a worker has the buckets back."""
        before = len(self.told)
        self.bench.restart()
        self.silence(day=900)
        return [change["id"] for change in self.told[before:]]


@pytest.mark.parametrize("left", [DAMAGED, None])
def test_a_number_that_was_told_is_not_given_again_where_nobody_can_read_which_was_the_last(left: bytes | None) -> None:
    live = Late()
    told = [change["id"] for change in live.told]
    assert told == ["ada:1", "ada:2", "ada:3", "ada:4"]
    live.put(ADA, left)
    live.rebuild()
    assert live.go_on() == ["ada:5", "ada:6"]


def test_numbers_that_a_rebuild_left_out_are_not_given_again_by_the_next() -> None:
    live = Late()
    live.put(ADA, changed(states(live.store)[ADA], sequence=9, tier=1))  # more than the bucket was told
    live.rebuild()
    assert live.go_on() == ["ada:10", "ada:11"]
    live.put(ADA, DAMAGED)
    live.rebuild()
    live.bench.restart()
    live.come(order("o950", "900.00", day=950), day=950)
    assert live.told[-1]["id"] == "ada:12"


def test_who_began_anew_after_the_ledger_was_lost_goes_on_beyond_what_was_told_before() -> None:
    live = Late()
    live.put(ADA, None)
    live.come(order("o162", "20.00", day=162), day=162)
    assert peek(states(live.store)[ADA]).sequence < 4
    told = totals(live.store)["tier_changes"]
    live.rebuild()
    assert live.go_on()[0] == f"ada:{told + 1}"


def test_in_the_streams_own_time_the_numbers_are_the_logs_which_it_gives_again_where_redis_falls_back() -> None:
    live = Live(logs_of(EVENTS), "stream").work()
    again = Live(live.logs, "stream")
    for bench in again.benches:
        again.feed(bench, 0.5)
    for _ in range(2):  # and again: what a rebuild tells beside the line counts for nothing
        for who in states(again.store):
            again.put(who, DAMAGED)
        for bench in again.benches:
            again.feed(bench, 0.8)  # events meet damage, and tell nothing
        again.rebuild()
        for bench in again.benches:
            bench.restart()
            again.feed(bench)
            bench.settle()
    assert states(again.store) == states(live.store)


def test_in_the_streams_own_time_too_numbers_are_left_out_where_more_were_told_than_the_log_gives() -> None:
    live = Live(logs_of(EVENTS), "stream").work()
    before = states(live.store)
    one, other, *_ = sorted(before)
    held = live.store._buckets[bucket_of(other)]
    told = held.head.counters["tier_changes"] + 5
    held.head = held.head._replace(counters={**held.head.counters, "tier_changes": told})
    for who in (one, other):
        live.put(who, DAMAGED)
    live.rebuild()
    after = states(live.store)
    assert peek(after[one]).sequence == peek(before[one]).sequence
    assert peek(after[other]).sequence == told

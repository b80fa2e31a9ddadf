"""What was refused as `future` when it came is refused in a rebuild, however late that reads it, and nothing else is."""

import asyncio
from typing import Any

from scoring.hashing import bucket_of
from streams.config import INPUTS, ORDERS
from streams.events.facts import DecodeRules
from streams.rebuild.times import by_their_time
from streams.work import Records, Slice, Verdict
from tests.support.fold import microseconds
from tests.support.lives import PARTITIONS, Live, Logs, differ
from tests.support.pipelines import Line, lines, states, totals

HERE = next(who for who in (f"k{i}" for i in range(99)) if bucket_of(who.encode()) % PARTITIONS == 0)
NOW_US = microseconds("2026-02-01T00:00:00Z")


def order(number: int, at: str) -> dict[str, Any]:
    told = {"id": f"e{number}", "type": "order.placed", "customer_id": HERE, "order_id": f"o{number}"}
    return told | {"occurred_at": at, "amount": "10.00"}


def came(number: int, at: str, occurred_at: str) -> Line:
    [line] = lines([order(number, occurred_at)], number)
    line.timestamp = microseconds(at) // 1000
    return line


FIRST = came(0, "2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z")
AHEAD = came(1, "2026-01-01T11:00:00Z", "2026-01-05T10:00:00Z")  # four days ahead when it came, past by the newest
FAR = came(2, "2026-01-01T12:00:00Z", "2026-03-01T10:00:00Z")  # ahead of the newest, too
NEWEST = came(3, "2026-01-10T10:00:00Z", "2026-01-10T10:00:00Z")


def test_only_what_lies_between_its_own_time_and_the_newest_goes_alone() -> None:
    parts = by_their_time([Slice(ORDERS, [FIRST, AHEAD, FAR, NEWEST])], DecodeRules(), NOW_US)
    newest_us, own_us = NEWEST.timestamp * 1000, AHEAD.timestamp * 1000
    assert parts == [
        ([Slice(ORDERS, [FIRST])], newest_us),
        ([Slice(ORDERS, [AHEAD])], own_us),
        ([Slice(ORDERS, [FAR, NEWEST])], newest_us),
    ]
    whole = [Slice(ORDERS, [FIRST, NEWEST])]
    assert by_their_time(whole, DecodeRules(), NOW_US) == [(whole, newest_us)]


def test_what_is_without_a_time_or_beyond_now_came_now() -> None:
    late = came(0, "2099-01-01T00:00:00Z", "2026-01-10T10:00:00Z")
    without = came(1, "1970-01-01T00:00:00Z", "2026-01-10T10:00:00Z")
    whole = [Slice(ORDERS, [late, without])]
    assert by_their_time(whole, DecodeRules(), NOW_US) == [(whole, NOW_US)]


def test_a_refused_event_stays_refused() -> None:
    logs: Logs = {(topic, number): [] for topic in INPUTS for number in range(PARTITIONS)}
    logs[ORDERS, 0] = [FIRST, AHEAD, FAR, NEWEST]
    live = Live(logs)
    bench = live.benches[0]
    for line in logs[ORDERS, 0]:  # a worker that is never behind
        bench.pipeline._wall = lambda line=line: line.timestamp * 1000
        assert asyncio.run(bench.pipeline.run(bench.owned, Records([Slice(ORDERS, [line])]))) is Verdict.DONE
    bench.settle()
    before = states(live.store), totals(live.store)
    assert totals(live.store)["dead.future"] == 2
    assert differ(live.rebuild()) == {}
    assert (states(live.store), totals(live.store)) == before

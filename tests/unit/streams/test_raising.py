"""More partitions: whatever is left unread and wherever it breaks off, each event counts once, as if there had been no raise."""

import asyncio
from collections.abc import Sequence

import pytest

from state.errors import StoreUnavailable
from state.store import Commit, Head, Outcome
from streams.config import INPUTS, ORDERS
from streams.errors import StreamsError
from streams.raising import counts_in, even, rewrite
from streams.stages import Stage, raised, stages
from tests.fakes.memory_store import MemoryStore
from tests.support.lives import EVENTS, FakeLog, Live, Logs, changed, differ, logs_of
from tests.support.pipelines import Ears, pipeline, states, totals

SAME = ("consumed", "applied", "duplicate", "dead.not_json")


def test_a_bucket_that_moves_begins_in_its_new_partition_and_one_that_stays_goes_on() -> None:
    head = Head(7, {"orders": 30, "commands": 4, "partitions": 2}, 9, {"applied": 1}, 3, b"v")
    before = {"orders@2": 30, "commands@2": 4}
    assert raised(head, 3, 8) == head._replace(sequence=8, offsets={"partitions": 8, **before})
    stays = raised(head, 9, 8)
    assert stays == head._replace(sequence=8, offsets={"partitions": 8, **before, "orders": 30, "commands": 4})
    assert raised(stays, 9, 8) is stays


def test_where_a_bucket_read_is_known_after_any_number_of_raises() -> None:
    head = raised(Head(1, {"orders": 30, "partitions": 2}, 0, {}), 7, 4)
    head = raised(head._replace(offsets={**head.offsets, "orders": 5}), 7, 16)
    head = head._replace(offsets={**head.offsets, "orders": 2})
    assert stages(head, 7, (ORDERS,)) == [
        Stage(1, 2, {"orders": 30}),
        Stage(3, 4, {"orders": 5}),
        Stage(7, 16, {"orders": 2}),
    ]


class Crash(MemoryStore):
    """Goes away after so many commits."""

    left = 10**9

    async def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        self.left -= 1
        if self.left < 0:
            raise StoreUnavailable("gone")
        return await super().commit(commits)


def broken_off(logs: Logs) -> Live:
    """A state of half of a log, killed in a batch: some buckets have it, others have not."""
    live = Live(logs, store=Crash())
    for bench in live.benches:
        live.feed(bench, 0.4)
        older = {b: held for b, held in live.store._buckets.items() if b % 5 == 3}
        live.store.remember()
        live.feed(bench, 0.5)
        live.store._buckets |= {b: live.store._remembered[b] for b in older}
        live.deliver(bench.ears)
    return live


def raise_to(live: Live, partitions: int) -> None:
    bring_even(live)
    asyncio.run(rewrite(live.store, partitions))


def bring_even(live: Live) -> None:
    ears = Ears()
    asyncio.run(even(live.store, pipeline(live.store, ears), FakeLog(live.logs), live.held, len(live.benches)))
    live.deliver(ears)


def after_raise(live: Live, partitions: int) -> Live:
    for topic in INPUTS:
        for number in range(partitions):
            live.logs.setdefault((topic, number), [])
    return Live(live.logs, partitions=partitions, store=live.store)


@pytest.mark.parametrize("kill_after", [None, 3, 40])
def test_what_was_left_unread_counts_once_and_a_rebuild_finds_it_again(kill_after: int | None) -> None:
    whole = Live(logs_of(EVENTS)).work()
    live = broken_off(logs_of(EVENTS))
    store = live.store
    assert isinstance(store, Crash)
    if kill_after is not None:
        raise_to_broken(live, store, kill_after)
    raise_to(live, 8)
    assert counts_in(asyncio.run(store.heads())) == {8}
    heads = asyncio.run(store.heads())
    raise_to(live, 8)
    assert asyncio.run(store.heads()) == heads  # once more is once

    live = after_raise(live, 8).work()
    assert {name: totals(store)[name] for name in SAME} == {name: totals(whole.store)[name] for name in SAME}
    assert facts(live) == facts(whole)
    assert totals(store)["forwarded"] > totals(whole.store)["forwarded"]
    counted = totals(store)
    assert differ(live.rebuild()) == {}
    assert totals(store) == counted


def raise_to_broken(live: Live, store: Crash, commits: int) -> None:
    """Everything is at one position, and the process dies while the heads are written."""
    bring_even(live)
    store.left = commits
    with pytest.raises(StoreUnavailable):
        asyncio.run(rewrite(store, 8))
    store.left = 10**9
    assert counts_in(asyncio.run(store.heads())) == {2, 8}


def test_a_worker_that_still_runs_is_found_out() -> None:
    live = broken_off(logs_of(EVENTS))

    def work() -> None:
        for held in live.store._buckets.values():
            held.epoch = next(live.store._epochs)

    log = FakeLog(live.logs, [work])
    with pytest.raises(StreamsError, match="A worker of this namespace runs"):
        asyncio.run(even(live.store, pipeline(live.store, Ears()), log, live.held, 2))


@pytest.mark.parametrize("reading", [0, 1, 2, 3])
def test_a_rebuild_that_partitions_are_added_under_ends_and_switches_nothing_more(reading: int) -> None:
    live = Live(logs_of(EVENTS))
    for bench in live.benches:
        live.feed(bench, 0.5)
        bench.settle()

    def add() -> None:
        for bucket, held in live.store._buckets.items():
            held.head = raised(held.head, bucket, 4)
            held.head = held.head._replace(offsets={**held.head.offsets, ORDERS: 1})  # and a worker went on

    log = FakeLog(live.logs, [*[lambda: None] * reading, add])
    with pytest.raises(StreamsError, match="went on with 4 partitions while it was read with 2"):
        live.rebuild(log=log)
    assert counts_in(asyncio.run(live.store.heads())) == {4}


def facts(live: Live) -> dict[bytes, bytes]:
    """Every ledger without what depends on the way: tiers and when they were looked at."""
    way = {"tier": 0, "sequence": 0, "since_us": 0, "level": 0, "alerts": 0, "warned_us": 0, "due_us": 1, "value": 0}
    way |= {"peak": 0, "p_alive": 0}
    return {who: changed(blob, **way) for who, blob in states(live.store).items()}

"""More partitions while what was even is so no longer: a worker comes in between, a shard of Redis comes back older. Each is
refused, or found and caught up with; nothing is left where nobody reads it."""

import asyncio
from collections.abc import Sequence
from copy import deepcopy

import pytest

from state.store import Commit, Outcome
from streams.broker.lag import Extent
from streams.config import INPUTS, ORDERS
from streams.errors import StreamsError
from streams.raising import even, rewrite, steps
from tests.fakes.memory_store import MemoryStore
from tests.support.lives import EVENTS, FakeLog, Live, logs_of
from tests.support.pipelines import Ears, pipeline, totals
from tests.unit.streams.test_raising import SAME, after_raise, bring_even, facts, raise_to

SHARD = [bucket for bucket in range(256) if bucket % 7 in (3, 4)]


class Overtaken(MemoryStore):
    """While `late`, every second bucket's commit comes after somebody acquired it."""

    late = False

    async def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        done = await super().commit([c for i, c in enumerate(commits) if not (self.late and i % 2)])
        return [Outcome.STALE if self.late and i % 2 else done.pop(0) for i in range(len(commits))]


def begun_live(store: MemoryStore | None = None) -> Live:
    live = Live(logs_of(EVENTS), store=store)
    for bench in live.benches:
        live.feed(bench, 0.4)
        bench.settle()
        live.deliver(bench.ears)
    return live


def shard_of(live: Live) -> dict[int, object]:
    return {bucket: deepcopy(live.store._buckets[bucket]) for bucket in SHARD}


def assert_whole(live: Live) -> None:
    """Worked off by new workers, everything is as without a raise."""
    whole = Live(logs_of(EVENTS)).work()
    live.work()
    assert facts(live) == facts(whole)
    assert {name: totals(live.store)[name] for name in SAME} == {name: totals(whole.store)[name] for name in SAME}


def test_a_worker_that_begins_before_the_heads_are_written_is_found_out_and_the_same_again_is_even() -> None:
    store = Overtaken()
    live = begun_live(store)
    bring_even(live)
    for bench in live.benches:
        bench.restart()
        store.late = True
        with pytest.raises(AssertionError):  # its batch is stale, in half of its buckets
            live.feed(bench, 0.7)
        store.late = False
        live.deliver(bench.ears)
    heads = asyncio.run(store.heads())
    with pytest.raises(StreamsError, match="Stop all workers, and run it again"):
        asyncio.run(rewrite(store, 8))
    assert asyncio.run(store.heads()) == heads
    raise_to(live, 8)
    assert_whole(after_raise(live, 8))


def test_a_shard_that_comes_back_from_before_a_raise_learns_from_the_others_how_far_it_was() -> None:
    live = begun_live()
    older = shard_of(live)
    for bench in live.benches:
        live.feed(bench, 0.6)
        live.deliver(bench.ears)
    raise_to(live, 8)
    live.store._buckets |= older  # type: ignore[arg-type]
    with pytest.raises(StreamsError, match="Stop all workers, and run it again"):
        asyncio.run(rewrite(live.store, 8))
    raise_to(live, 8)
    assert_whole(after_raise(live, 8))


def test_a_shard_that_comes_back_from_before_two_raises_goes_the_way_of_the_others() -> None:
    live = begun_live()
    older = shard_of(live)
    raise_to(live, 4)
    four = after_raise(live, 4)
    for bench in four.benches:
        four.feed(bench, 0.8)
        four.deliver(bench.ears)
    raise_to(four, 8)
    live.store._buckets |= older  # type: ignore[arg-type]
    found = []
    while left := steps(asyncio.run(live.store.heads()), 8):
        found.append(left[0])
        before, after = left[0]
        raise_to({2: live, 4: four}[before], after)
    assert found == [(2, 4), (4, 8)]
    assert_whole(after_raise(live, 8))


def test_a_bucket_that_went_on_too_early_is_not_left_behind_in_silence() -> None:
    live = begun_live()
    raise_to(live, 8)
    [head, other] = [live.store._buckets[bucket].head for bucket in (5, 7)]
    live.store._buckets[5].head = head._replace(offsets={**head.offsets, f"{ORDERS}@2": 7})
    live.store._buckets[7].head = other._replace(offsets={ORDERS: 0, "partitions": 2})
    bring_even(live)
    with pytest.raises(StreamsError, match="Bucket 5 went on with more partitions"):
        asyncio.run(rewrite(live.store, 8))


@pytest.mark.parametrize("there", [Extent(0, 3), Extent(150, 10_000)])
def test_a_log_that_does_not_hold_what_some_buckets_lack_is_told_before_anything_is_read(there: Extent) -> None:
    live = begun_live()
    older = shard_of(live)
    for bench in live.benches:
        live.feed(bench, 0.9)
    live.store._buckets |= older  # type: ignore[arg-type]
    log = FakeLog(live.logs, [lambda: pytest.fail("it was read")])
    held = {topic: [there] * 2 for topic in INPUTS}
    with pytest.raises(StreamsError, match=r"Some buckets of partition 0 lack orders"):
        asyncio.run(even(live.store, pipeline(live.store, Ears()), log, held, 2))

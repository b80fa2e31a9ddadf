"""A worker to which nothing happens finds out what the store knows otherwise."""

import asyncio

import pytest

from streams.errors import StreamsError
from streams.ownership import Partition, acquire, strayed
from streams.work import Verdict
from tests.fakes.memory_store import MemoryStore
from tests.support.builders import order
from tests.support.pipelines import Bench, lines


def found(store: MemoryStore, *partitions: Partition) -> list[tuple[int, Verdict]]:
    return [(p.number, verdict) for p, verdict in asyncio.run(strayed(store, partitions))]


def test_a_bucket_that_somebody_took_over_and_one_of_which_something_was_lost_are_told_apart() -> None:
    store = MemoryStore()
    store.remember()
    one, other = (Bench(store, number=number, partitions=2) for number in (0, 1))
    assert found(store, one.owned, other.owned) == []
    for bench in (one, other):
        bench.feed(lines([order("o1", "10.00", day=1)]))
        bench.settle()
    assert found(store, one.owned, other.owned) == []
    asyncio.run(store.acquire([5]))
    assert found(store, one.owned, other.owned) == [(1, Verdict.TAKEN)]
    store.rollback()
    assert found(store, one.owned, other.owned) == [(0, Verdict.BEHIND), (1, Verdict.BEHIND)]


def test_positions_of_another_number_of_partitions_are_refused_with_the_command_that_mends_it() -> None:
    bench = Bench(MemoryStore(), number=0, partitions=2)
    bench.feed(lines([order("o1", "10.00", day=1)]))
    bench.settle()
    with pytest.raises(StreamsError, match=r"have 4 partitions, .* had 2: .* run: ebbtide partitions 4"):
        asyncio.run(acquire(bench.store, [0], 4))
    with pytest.raises(StreamsError, match=r"have 1 partitions, .* had 2: .* EBBTIDE_NAMESPACE"):
        asyncio.run(acquire(bench.store, [0], 1))

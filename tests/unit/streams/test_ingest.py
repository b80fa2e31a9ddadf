"""Which partitions are opened and when, with a consumer that does nothing and a store that answers when it is let."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from time import monotonic
from typing import Any

import pytest
from aiokafka import TopicPartition

from state.errors import StoreUnavailable
from state.store import Owned
from streams.broker.ingest import Ingest
from streams.broker.relay import Relay
from streams.config import INPUTS, StreamsConfig
from streams.errors import StreamsError
from streams.lanes import Batch, Lane, Lanes
from streams.ownership import Partition
from streams.patience import Patience
from streams.work import Idle, Verdict, Work
from tests.fakes.memory_store import MemoryStore


class Consumer:
    """Has no records, and knows of no ends."""

    def __init__(self, **_options: Any) -> None:
        self.sought: list[tuple[TopicPartition, int]] = []

    def assignment(self) -> set[TopicPartition]:
        return set()

    async def getmany(self, *_places: TopicPartition, **_options: Any) -> dict[TopicPartition, list[Any]]:
        await asyncio.sleep(0)
        return {}

    async def beginning_offsets(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, 2)

    def seek(self, place: TopicPartition, offset: int) -> None:
        self.sought.append((place, offset))


class Store(MemoryStore):
    """Keeps who acquired what, and can be away."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.attempts = 0
        self.acquired: list[list[int]] = []

    async def acquire(self, buckets: Sequence[int]) -> list[Owned]:
        self.attempts += 1
        if self.away:
            raise StoreUnavailable("the store", "is away")
        self.acquired.append(sorted({bucket % 4 for bucket in buckets}))
        return await super().acquire(buckets)


class Silent:
    """Publishes nothing."""

    async def partition_of(self, topic: str, key: bytes, bucket: int) -> int:
        raise NotImplementedError

    async def publish(self, messages: Sequence[object]) -> None:
        assert not messages


class World:
    """One of the workers of four partitions."""

    def __init__(self) -> None:
        self.store = Store()
        self.verdict = Verdict.DONE
        self.lanes = Lanes(self.run, 3, self.ended)
        config = StreamsConfig(kafka="nowhere", session_timeout_s=0.05)
        patience = Patience()
        relay = Relay(self.store, Silent(), config.topics, patience)
        self.ingest = Ingest(config, 4, self.store, self.lanes, relay, patience, Consumer)
        self.task = asyncio.create_task(self.ingest.run(self.send))

    async def run(self, _owned: Partition, _work: Work) -> Verdict:
        return self.verdict

    def ended(self, lane: Lane, _end: Verdict | BaseException) -> None:
        self.ingest.reopen_later(lane)

    async def send(self, batch: Batch) -> None:
        batch.lane.put(batch.work)

    async def assign(self, *numbers: int) -> None:
        await self.ingest.on_partitions_revoked(places(self.ingest.assigned))
        await self.ingest.on_partitions_assigned(places(numbers))

    def open(self) -> list[int]:
        return sorted(lane.owned.number for lane in self.lanes if lane.open)

    async def refuse(self, number: int) -> Lane:
        """The next commit of this partition finds another owner."""
        [lane] = [lane for lane in self.lanes if lane.owned.number == number]
        self.verdict = Verdict.STALE
        lane.put(lane.batch(Idle()).work)
        await soon(lambda: not lane.open)
        self.verdict = Verdict.DONE
        return lane


def places(numbers: Iterable[int]) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for number in numbers for topic in INPUTS]


async def soon(true: Callable[[], bool]) -> None:
    give_up_s = monotonic() + 5
    while not true():
        assert monotonic() < give_up_s, "it did not happen in time"
        await asyncio.sleep(0.001)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    made.task.cancel()
    await asyncio.wait([made.task])
    await made.lanes.close()


async def test_what_is_assigned_is_acquired_and_opened(world: World) -> None:
    await world.assign(1, 3)
    await soon(lambda: world.open() == [1, 3])
    assert world.store.acquired == [[1, 3]]
    assert {lane.owned.read["orders"] for lane in world.lanes} == {2}  # where the log begins


async def test_a_partition_that_was_added_meanwhile_ends_the_worker_before_it_takes_any_bucket(world: World) -> None:
    await world.assign(1, 4)
    with pytest.raises(StreamsError, match="ebbtide partitions"):
        await asyncio.wait_for(world.task, 5)
    assert world.store.acquired == []


async def test_a_partition_that_went_to_another_while_the_store_was_away_is_not_taken_from_it(world: World) -> None:
    world.store.away = True
    await world.assign(0, 1, 2, 3)
    await soon(lambda: world.store.attempts > 0)
    await world.assign(1)
    await asyncio.sleep(0.02)
    world.store.away = False
    await soon(lambda: world.open() == [1])
    assert world.store.acquired == [[1]]


async def test_a_store_that_is_away_for_a_while_is_waited_for(world: World) -> None:
    world.store.away = True
    await world.assign(2)
    await soon(lambda: world.store.attempts > 1)
    world.store.away = False
    await soon(lambda: world.open() == [2])


async def test_an_owner_that_was_refused_acquires_again_after_a_session_timeout(world: World) -> None:
    await world.assign(1, 3)
    await soon(lambda: world.open() == [1, 3])
    await world.refuse(3)
    await asyncio.sleep(0.02)
    assert world.open() == [1]  # at once, two would take it from each other
    await soon(lambda: world.open() == [1, 3])
    assert world.store.acquired == [[1, 3], [3]]


async def test_an_owner_that_was_refused_and_lost_the_partition_leaves_it_alone(world: World) -> None:
    await world.assign(1, 3)
    await soon(lambda: world.open() == [1, 3])
    lane = await world.refuse(3)
    await world.assign(1)
    world.ingest.reopen(lane)
    await soon(lambda: world.open() == [1])
    await asyncio.sleep(0.1)
    assert world.store.acquired == [[1, 3], [1]]


async def test_a_lane_that_was_replaced_opens_nothing(world: World) -> None:
    await world.assign(1)
    await soon(lambda: world.open() == [1])
    [before] = world.lanes
    world.ingest.reopen(before)
    await soon(lambda: len(world.store.acquired) == 2 and world.open() == [1])
    world.ingest.reopen(before)
    await asyncio.sleep(0.02)
    assert world.store.acquired == [[1], [1]]

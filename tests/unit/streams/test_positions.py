"""What is left to read, from what a consumer says, and reading on over what holds no record for us."""

import asyncio

from aiokafka import TopicPartition

from streams.broker.positions import Positions
from streams.config import COMMANDS, INPUTS, INTERACTIONS, ORDERS, Topics
from streams.lanes import Lanes
from streams.ownership import Partition
from streams.work import Idle, Verdict, Work

HERE = {topic: TopicPartition(f"x.{topic}", 0) for topic in INPUTS}


class Consumer:
    """What aiokafka's says of one partition of the inputs."""

    def __init__(self) -> None:
        self.reached = dict.fromkeys(HERE.values(), 0)
        self.highwaters: dict[TopicPartition, int | None] = dict.fromkeys(HERE.values(), 0)
        self.stable: dict[TopicPartition, int | None] = dict.fromkeys(HERE.values(), 0)
        self.ends = dict.fromkeys(HERE.values(), 0)

    def assignment(self) -> set[TopicPartition]:
        return set(self.reached)

    def highwater(self, place: TopicPartition) -> int | None:
        return self.highwaters[place]

    def last_stable_offset(self, place: TopicPartition) -> int | None:
        return self.stable[place]

    async def position(self, place: TopicPartition) -> int:
        return self.reached[place]

    async def end_offsets(self, _places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return self.ends


class World:
    """A lane of partition 0 that runs what it is given when it is let."""

    def __init__(self) -> None:
        self.consumer = Consumer()
        self.positions = Positions(self.consumer, "nowhere", Topics("x."))
        self.go = asyncio.Event()
        self.lanes = Lanes(self.run, 3, lambda _lane, _end: None)
        self.owned = Partition(0, 8, [])
        self.lanes.open(self.owned)
        [self.lane] = self.lanes

    async def run(self, _owned: Partition, _work: Work) -> Verdict:
        await self.go.wait()
        return Verdict.DONE

    def says(self, topic: str, reached: int, stable: int | None, highwater: int | None) -> None:
        place = HERE[topic]
        self.consumer.reached[place] = reached
        self.consumer.stable[place], self.consumer.highwaters[place] = stable, highwater


async def test_what_lies_before_the_last_stable_offset_is_left_to_read() -> None:
    world = World()
    world.says(ORDERS, 0, 7, 9)  # a transaction is open at 7
    assert world.positions.lags(world.lane) == {ORDERS: 7, INTERACTIONS: 0, COMMANDS: 0}
    world.says(ORDERS, 0, None, 9)  # a broker that has no transactions
    assert world.positions.lag(world.lane) == 9
    world.says(ORDERS, 0, -1, 8)
    assert world.positions.lag(world.lane) == 8
    await world.lanes.close()


async def test_before_the_first_fetch_nobody_knows() -> None:
    world = World()
    world.says(INTERACTIONS, 0, None, None)
    assert world.positions.lags(world.lane) is None
    assert world.positions.lag(world.lane) is None
    await world.lanes.close()


async def test_a_consumer_that_fetches_no_more_does_not_hide_what_is_left() -> None:
    world = World()
    world.consumer.ends[HERE[ORDERS]] = 5
    await world.positions.ask_ends(world.lanes)
    assert world.positions.lag(world.lane) == 5
    await world.lanes.close()


async def test_a_lane_without_work_reads_on_over_the_marks_of_transactions() -> None:
    world = World()
    world.says(ORDERS, 3, 3, 3)
    await world.positions.follow(world.lanes)
    assert world.owned.read == {ORDERS: 3, INTERACTIONS: 0, COMMANDS: 0}
    assert world.positions.lag(world.lane) == 0
    await world.lanes.close()


async def test_records_that_are_on_their_way_are_not_read_before_they_are_applied() -> None:
    world = World()
    world.says(ORDERS, 3, 3, 3)
    work = world.lane.batch(Idle()).work
    await world.positions.follow(world.lanes)
    assert world.owned.read[ORDERS] == 0
    world.lane.put(work)
    world.go.set()
    await world.lanes.done.wait()
    await world.positions.follow(world.lanes)
    assert world.owned.read[ORDERS] == 3
    await world.lanes.close()

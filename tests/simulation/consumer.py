"""As much of AIOKafkaConsumer as a worker uses, on the broker of the simulation."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, ConsumerStoppedError, IllegalStateError, KafkaError, KafkaTimeoutError

from tests.simulation.kafka_group import Group
from tests.simulation.kafka_log import Broker, Written
from tests.simulation.loop import Process
from tests.simulation.network import Fate, answered

T = TypeVar("T")

ANSWER_WITHIN_S = 4.0
AGAIN_S = 0.1


@dataclass
class Place:
    """Where a consumer stands in one partition."""

    position: int | None
    highwater: int | None = None


class SimConsumer:
    """A member of the group. What it asks arrives or does not; a member that was expelled hears of it when it asks."""

    def __init__(
        self, broker: Broker, group: Group, process: Process, *, session_timeout_ms: int, **_options: Any
    ) -> None:
        self._broker = broker
        self._group = group
        self._process = process
        self._beat_every_s = session_timeout_ms / 5000
        self._topics: list[str] = []
        self._listener: Any = None
        self._assigned: dict[TopicPartition, Place] = {}
        self._settled = asyncio.Event()
        self._settled.set()
        self._member: str | None = None
        self._generation = 0
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def subscribe(self, topics: list[str], listener: Any) -> None:
        self._topics, self._listener = topics, listener

    async def start(self) -> None:
        await self._ask(lambda: None)
        self._task = asyncio.create_task(self._coordinate())

    async def stop(self) -> None:
        self._closed = True
        if self._task:
            self._task.cancel()
        if self._member and not self._process.dead:
            self._broker.network.later(self._broker.network.delay_s(), self._group.leave, self._member)

    def assignment(self) -> set[TopicPartition]:
        return set(self._assigned)

    def highwater(self, place: TopicPartition) -> int | None:
        return self._assigned[place].highwater

    def last_stable_offset(self, place: TopicPartition) -> int | None:
        return self._assigned[place].highwater

    def seek(self, place: TopicPartition, offset: int) -> None:
        self._held(place).position = offset
        self._broker.trace(self._process.name, f"seeks {place.topic} {place.partition} to {offset}")

    async def position(self, place: TopicPartition) -> int:
        position = self._held(place).position
        if position is None:
            raise NotImplementedError("a worker asks only where it has sought")
        return position

    async def beginning_offsets(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return await self._ask(lambda: {place: self._broker.logs[place].begin for place in places})

    async def end_offsets(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return await self._ask(lambda: {place: self._broker.logs[place].stable for place in places})

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        member, generation = self._member, self._generation

        def commit() -> bool:
            well = member is not None and self._group.beat(member, generation) == "well"
            if well:
                self._broker.committed.update(offsets)
            return well

        if not await self._ask(commit):
            raise CommitFailedError

    async def getmany(
        self, *places: TopicPartition, timeout_ms: int, max_records: int
    ) -> dict[TopicPartition, list[Written]]:
        loop = asyncio.get_running_loop()
        until_s = loop.time() + timeout_ms / 1000
        while True:
            if self._closed:
                raise ConsumerStoppedError
            await self._settled.wait()
            news = self._broker.news()
            await asyncio.sleep(self._broker.network.delay_s())
            found = self._drained(places, max_records) if self._broker.answers(self._process) else {}
            if found or loop.time() >= until_s:
                return found
            await asyncio.wait([news], timeout=max(0.0, until_s - loop.time()))

    def _drained(self, places: Iterable[TopicPartition], most: int) -> dict[TopicPartition, list[Written]]:
        """What a background fetch brought meanwhile, of these places as they stand now."""
        found: dict[TopicPartition, list[Written]] = {}
        for place, held in self._assigned.items():
            if held.position is not None:
                held.highwater = self._broker.logs[place].stable
        for place in places:
            here = self._assigned.get(place)
            if here is None or here.position is None or not most:
                continue
            records, here.position = self._broker.logs[place].read(here.position, most)
            most -= len(records)
            if records:
                found[place] = records
        return found

    def _held(self, place: TopicPartition) -> Place:
        if place not in self._assigned:
            raise IllegalStateError(f"Partition {place} is not assigned")
        return self._assigned[place]

    async def _coordinate(self) -> None:
        """Revoke, join, beat; and again, whenever the group settles anew."""
        while True:
            self._settled.clear()
            await self._listener.on_partitions_revoked(set(self._assigned))
            numbers = await self._join()
            places = [TopicPartition(topic, number) for number in numbers for topic in self._topics]
            self._assigned = {place: Place(self._broker.committed.get(place)) for place in places}
            self._settled.set()
            await self._listener.on_partitions_assigned(set(places))
            well = True
            while well:
                await asyncio.sleep(self._beat_every_s)
                well = await self._well()

    async def _join(self) -> list[int]:
        loop = asyncio.get_running_loop()
        while True:
            given: asyncio.Future[tuple[int, list[int]]] = loop.create_future()

            def assign(generation: int, numbers: list[int], given: "asyncio.Future[Any]" = given) -> None:
                if not given.done():
                    given.set_result((generation, numbers))

            try:
                self._member = await self._ask(lambda: self._group.join(self._member, self._process.name, assign))
                # a broker that forgot that we wait would never answer
                self._generation, numbers = await asyncio.wait_for(given, 2 * ANSWER_WITHIN_S)
            except (KafkaError, TimeoutError):
                await asyncio.sleep(AGAIN_S)
            else:
                return numbers

    async def _well(self) -> bool:
        """Whether the assignment holds, as far as is known: where nobody answers, nothing is."""
        member, generation = self._member, self._generation
        if member is None:
            return False
        try:
            told = await self._ask(lambda: self._group.beat(member, generation))
        except KafkaError:
            return True
        if told == "unknown":
            self._member = None
        return told == "well"

    async def _ask(self, question: Callable[[], T]) -> T:
        """The answer of the broker. Raises KafkaTimeoutError where none comes."""
        network = self._broker.network
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def arrived() -> None:
            if self._broker.silent():
                return
            told = question()
            if fate is not Fate.UNANSWERED:
                network.later(network.delay_s(), answered, answer, told)

        fate = network.fate(self._process)
        if fate not in (Fate.LOST, Fate.CUT):
            network.later(network.delay_s() + (ANSWER_WITHIN_S if fate is Fate.LATE else 0), arrived)
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await answer
        except TimeoutError as error:
            raise KafkaTimeoutError from error

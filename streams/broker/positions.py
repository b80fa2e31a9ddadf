"""How far each partition is read, held against where the broker says that it ends."""

import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from streams.config import INPUTS, Topics
from streams.errors import BrokerUnavailable
from streams.lanes import Lane

Question = Callable[[list[TopicPartition]], Awaitable[dict[TopicPartition, int]]]


class Positions:
    """The positions of one consumer's lanes."""

    def __init__(self, consumer: Any, kafka: str, topics: Topics) -> None:  # aiokafka is untyped
        self._consumer = consumer
        self._kafka = kafka
        self._topics = topics
        self._reported: dict[TopicPartition, int] = {}
        self._ends: dict[TopicPartition, int] = {}

    def places(self, numbers: Iterable[int]) -> list[TopicPartition]:
        """The inputs of these partitions."""
        return [self.place(topic, number) for number in numbers for topic in INPUTS]

    def place(self, topic: str, number: int) -> TopicPartition:
        """As the broker knows it."""
        return TopicPartition(self._topics.full(topic), number)

    def lags(self, lane: Lane) -> dict[str, int] | None:
        """By topic, the records of this partition that are not applied yet; None where the broker has not told."""
        lags = {}
        for topic, read in lane.owned.read.items():
            place = self.place(topic, lane.owned.number)
            end = self._end(place)
            if end is None:
                return None
            lags[topic] = max(0, end - read, self._ends.get(place, 0) - read)
        return lags

    def lag(self, lane: Lane) -> int | None:
        """All topics together."""
        lags = self.lags(lane)
        return None if lags is None else sum(lags.values())

    def _end(self, place: TopicPartition) -> int | None:
        """Up to where there is something for us: not beyond the first transaction that is still open."""
        if place not in self._consumer.assignment():
            return None
        stable: int | None = self._consumer.last_stable_offset(place)
        highwater: int | None = self._consumer.highwater(place)
        return highwater if stable is None or stable < 0 else stable  # brokers before 0.11 know of none

    async def follow(self, lanes: Iterable[Lane]) -> None:
        """Read on over what holds no record for us: the marks that end transactions, and what was aborted."""
        for lane in lanes:
            lags = self.lags(lane)
            if lags and any(lags.values()) and lane.open and not lane.pending:
                read = {t: await self._consumer.position(self.place(t, lane.owned.number)) for t in lags}
                lane.owned.advance(read, {})

    async def ask_ends(self, lanes: Iterable[Lane]) -> None:
        """Where the partitions end, other than by fetching: a consumer that fetches no more does not know of its lag."""
        places = self.places([lane.owned.number for lane in lanes])
        if places:
            with contextlib.suppress(BrokerUnavailable):
                self._ends = await self._asked(self._consumer.end_offsets, places)

    async def begins(self, numbers: Sequence[int]) -> dict[TopicPartition, int]:
        """Where the log of these partitions begins."""
        return await self._asked(self._consumer.beginning_offsets, self.places(numbers))

    async def report(self, lanes: Iterable[Lane]) -> None:
        """Offsets for lag monitors; nothing reads them back."""
        read = {
            self.place(topic, lane.owned.number): offset for lane in lanes for topic, offset in lane.owned.read.items()
        }
        moved = {place: offset for place, offset in read.items() if self._reported.get(place) != offset}
        if moved:
            with contextlib.suppress(KafkaError):  # a rebalance under way: next time
                await self._consumer.commit(moved)
                self._reported |= moved

    async def _asked(self, question: Question, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        try:
            return await question(places)
        except KafkaError as error:
            raise BrokerUnavailable(self._kafka) from error

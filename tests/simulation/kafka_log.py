"""A broker's partitions: what is appended, what is replicated, what a fail-over takes away."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, KafkaTimeoutError, NotLeaderForPartitionError

from tests.simulation.loop import Loop, Process
from tests.simulation.network import Fate, Network
from tests.simulation.trace import Trace

NAME = "kafka"
REQUEST_TIMEOUT_S = 10.0  # of a producer
LATE_S = 12.0


@dataclass(slots=True)
class Written:
    """A record as a consumer gets it."""

    topic: str
    partition: int
    offset: int
    timestamp: int  # milliseconds since 1970
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class New:
    """A record on its way."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


Acknowledge = Callable[[KafkaError | None], None]


class Log:
    """One partition. A marker, as ends transactions, takes an offset and is no record."""

    def __init__(self, begin: int = 0) -> None:
        self.begin = begin
        self.stable = begin  # replicated up to here: what consumers see
        self.records: list[Written | None] = []

    @property
    def end(self) -> int:
        return self.begin + len(self.records)

    def read(self, position: int, most: int) -> tuple[list[Written], int]:
        """Records from there on, at most so many, and the position after them."""
        found: list[Written] = []
        while position < self.stable and len(found) < most:
            record = self.records[position - self.begin]
            if record is not None:
                found.append(record)
            position += 1
        return found, position

    def seen(self) -> list[Written]:
        """All records that consumers see."""
        return self.read(self.begin, len(self.records) + 1)[0]


class Broker:
    """All partitions of one broker, as its clients see them: `away`, it does not answer."""

    def __init__(self, loop: Loop, network: Network, trace: Trace, wall_us: Callable[[], int]) -> None:
        self.network = network
        self.trace = trace
        self.wall_us = wall_us
        self.away = False
        self.logs: dict[TopicPartition, Log] = {}
        self._failed_over_by: list[Hashable] = []
        self.committed: dict[TopicPartition, int] = {}
        self._loop = loop
        self._news: list[asyncio.Future[None]] = []

    def partitions(self, topic: str) -> set[int]:
        return {place.partition for place in self.logs if place.topic == topic}

    def put(self, place: TopicPartition, new: New | None) -> None:
        """Append from outside, replicated at once; None is a marker."""
        self._append(place, [new])
        self._replicate(place, self.logs[place].end)

    def news(self) -> "asyncio.Future[None]":
        """Done when something new can be read."""
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._news.append(waiter)
        return waiter

    def silent(self) -> bool:
        """Whether whoever asks now gets no answer."""
        self.network.met["away"] += self.away
        return self.away

    def answers(self, process: Process) -> bool:
        """Whether it does, to this process."""
        return not (self.silent() or self.network.cuts_off(process))

    def fail_over(self, by: Hashable) -> None:
        """Another replica leads: what was not replicated is gone."""
        self._failed_over_by.append(by)
        for log in self.logs.values():
            self.network.met[by] += log.end - log.stable
            del log.records[log.stable - log.begin :]

    def produce(self, sender: Process, place: TopicPartition, new: Sequence[New], acknowledge: Acknowledge) -> None:
        """A batch set out. Whatever becomes of it, the sender hears of it at last: of silence by its own timeout."""
        network, chance = self.network, self.network.chance
        fate, there_s = network.fate(sender), network.delay_s()
        if self.silent() or fate in (Fate.LOST, Fate.CUT):
            network.later(REQUEST_TIMEOUT_S, acknowledge, KafkaTimeoutError())
            return
        if fate is not Fate.DONE:
            self.trace(NAME, f"{sender.name}'s batch of {len(new)} for {place.topic} {place.partition}: {fate.value}")
        if fate is Fate.LATE:
            network.later(REQUEST_TIMEOUT_S, acknowledge, KafkaTimeoutError())
            network.later(there_s + chance.uniform(0, LATE_S), self._arrived, place, new, _nobody)
        elif fate is Fate.UNANSWERED:
            network.later(there_s, self._arrived, place, new, _nobody)
            network.later(REQUEST_TIMEOUT_S, acknowledge, KafkaTimeoutError())
        else:
            network.later(there_s, self._arrived, place, new, acknowledge)
            if fate is Fate.TWICE:
                network.later(there_s + chance.uniform(0, LATE_S), self._arrived, place, new, _nobody)

    def _arrived(self, place: TopicPartition, new: Sequence[New], acknowledge: Acknowledge) -> None:
        if self.silent():
            self.network.later(REQUEST_TIMEOUT_S, acknowledge, KafkaTimeoutError())
            return
        self._append(place, new)
        leader, end = len(self._failed_over_by), self.logs[place].end
        self.network.later(self.network.delay_s(), self._replicated, place, end, leader, acknowledge)

    def _replicated(self, place: TopicPartition, end: int, leader: int, acknowledge: Acknowledge) -> None:
        if leader < len(self._failed_over_by):
            self.network.met[self._failed_over_by[leader]] += 1
            self.network.later(self.network.delay_s(), acknowledge, NotLeaderForPartitionError())
            return
        self._replicate(place, end)
        self.network.later(self.network.delay_s(), acknowledge, None)

    def _append(self, place: TopicPartition, new: Sequence[New | None]) -> None:
        log, at_ms = self.logs[place], self.wall_us() // 1000
        for one in new:
            at = (place.topic, place.partition, log.end, at_ms)
            log.records.append(Written(*at, one.key, one.value, one.headers) if one else None)

    def _replicate(self, place: TopicPartition, end: int) -> None:
        log = self.logs[place]
        log.stable = max(log.stable, end)
        waiting, self._news = self._news, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)


def _nobody(_error: KafkaError | None) -> None:
    """Whoever sent it gave up before."""

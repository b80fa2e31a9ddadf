"""Events into Kafka: each into its customer's partition, as fast as it goes or at a pace."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import NamedTuple, Protocol

from aiokafka.partitioner import DefaultPartitioner

from streams.broker.publishing import Message, Publisher
from streams.broker.topics import ensure_topics
from streams.config import INPUTS, Topics
from streams.history.sources.source import Record
from streams.patience import Patience

AT_ONCE = 5_000  # records in one round
TICK_S = 0.01  # a pace is kept in steps of this size
FEW = 200_000  # records placed by Kafka's own partitioner; the kernel is faster, once the second to load it is spent
_hash = DefaultPartitioner()


class Due(NamedTuple):
    """A record, and when to send it, in seconds from the start."""

    at_s: float
    record: Record


def at_once(records: Iterable[Record]) -> Iterator[Due]:
    """As fast as it goes."""
    return (Due(0.0, record) for record in records)


def at_rate(records: Iterable[Record], per_s: float) -> Iterator[Due]:
    """So many a second."""
    return (Due(i / per_s, record) for i, record in enumerate(records))


def at_speed(records: Iterable[tuple[int, Record]], times: float) -> Iterator[Due]:
    """Event time so many times faster than it was; records with their instants, in their order."""
    first_us = None
    for at_us, record in records:
        first_us = at_us if first_us is None else first_us
        yield Due((at_us - first_us) / 1e6 / times, record)


class Publishes(Protocol):
    """What a Publisher does for a sender."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Returns once the broker has all of them."""


class Sender:
    """Sends records to the input topics, which exist."""

    def __init__(self, publisher: Publishes, topics: Topics, partitions: int) -> None:
        self._publisher = publisher
        self._names = {topic: topics.full(topic) for topic in INPUTS}
        self._partitions = partitions
        self._sent = 0

    async def run(self, dues: Iterable[Due], progress: Callable[[int], None] = lambda _n: None) -> int:
        """Send everything when it is due; returns how many records the broker acknowledged."""
        sent = 0
        started = time.monotonic()
        coming = iter(dues)
        waiting = next(coming, None)
        while waiting is not None:
            now_s = time.monotonic() - started
            if waiting.at_s > now_s:
                await asyncio.sleep(max(TICK_S, waiting.at_s - now_s))
                continue
            ready = [waiting.record]
            waiting = None
            for due in islice(coming, AT_ONCE):
                if due.at_s > now_s:
                    waiting = due
                    break
                ready.append(due.record)
            else:
                waiting = next(coming, None)
            await self._send(ready)
            sent += len(ready)
            progress(sent)
        return sent

    async def _send(self, records: list[Record]) -> None:
        placed = self._partitions_of([record.key or b"" for record in records])
        await self._publisher.publish(
            [
                Message(self._names[record.topic], partition, record.key, record.value, record.headers)
                for record, partition in zip(records, placed, strict=True)
            ]
        )
        self._sent += len(records)

    def _partitions_of(self, keys: Sequence[bytes]) -> list[int]:
        if self._sent < FEW:
            return [int(_hash(key, range(self._partitions), ())) for key in keys]
        from scoring.hashing import buckets

        # partition = bucket modulo partitions, because both are the same hash modulo powers of two
        placed: list[int] = (buckets(keys) % self._partitions).tolist()
        return placed


@asynccontextmanager
async def open_sender(kafka: str, topics: Topics) -> AsyncIterator[Sender]:
    """A sender on this broker; topics that are missing are created."""
    partitions = await ensure_topics(kafka, topics)
    publisher = Publisher(kafka, Patience())
    try:
        await publisher.start()
        yield Sender(publisher, topics, partitions)
    finally:
        await publisher.stop()

"""Records as they are sent and as they lie on the broker."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.broker.topics import partition_counts
from tests.support.shop_log import Event
from tests.support.world import World

EXPECTED = "soak-refused"  # header of a record that is no event: the reason its dead letter must carry
LARGEST = 64 * 1024 * 1024


class Message(NamedTuple):
    """One record to send. With a reason it is no event, and is to be refused for that reason."""

    topic: str  # without the prefix
    value: bytes | None
    key: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()
    partition: int | None = None  # where it is to lie; None: where its key belongs
    reason: str | None = None


class Lies(NamedTuple):
    """One record as it was read."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    headers: dict[str, bytes | None]


def message(event: Event) -> Message:
    """An event in the topic of its kind, keyed by its customer."""
    return Message(topic_of(event), json.dumps(event).encode(), event["customer_id"].encode())


def messages(events: Iterable[Event]) -> list[Message]:
    """The same for a log."""
    return list(map(message, events))


def topic_of(event: Event) -> str:
    """The input that an event belongs in."""
    first = event["type"].partition(".")[0]
    return {"order": "orders", "interaction": "interactions"}.get(first, "commands")


def read_all(world: World, topics: Iterable[str]) -> list[Lies]:
    """Everything that these topics hold now, by topic, partition and offset."""
    return asyncio.run(_read_all(world, topics))


async def _read_all(world: World, topics: Iterable[str]) -> list[Lies]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=world.kafka,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=10,  # a fetch that waits at the end of one partition holds up the next
        fetch_max_bytes=LARGEST,
        max_partition_fetch_bytes=LARGEST,
    )
    await consumer.start()
    try:
        counts = await partition_counts(world.kafka, world.topics)  # of each topic: not all are raised
        found: list[Lies] = []
        for topic in sorted(topics):
            for number in range(counts[topic]):
                found += await _read(consumer, TopicPartition(world.topics.full(topic), number))
        return found
    finally:
        await consumer.stop()


async def _read(consumer: AIOKafkaConsumer, place: TopicPartition) -> list[Lies]:
    consumer.assign([place])
    end = (await consumer.end_offsets([place]))[place]
    found: list[Lies] = []
    while await consumer.position(place) < end:
        for record in (await consumer.getmany(place, timeout_ms=500)).get(place, ()):
            found.append(Lies(place.topic, place.partition, record.offset, record.value, dict(record.headers)))
    return found

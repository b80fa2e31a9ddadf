"""Reading the dead-letters topic: for people, by place."""

from collections.abc import AsyncIterator
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.broker.lag import Extent, extents
from streams.config import DEAD_LETTERS, Topics
from streams.errors import BrokerUnavailable

LARGEST = 64 * 1024 * 1024  # bytes: whatever a broker took, we can show


class Letter(NamedTuple):
    """A refused record as it came, and why it was refused."""

    place: str  # partition:offset in dead-letters
    value: bytes | None
    key: bytes | None
    headers: dict[str, str]  # reason, message, topic, partition, offset, time, and what the sender set


async def letters(kafka: str, topics: Topics, newest: int | None = None) -> AsyncIterator[Letter]:
    """Everything in the topic up to now, or the newest of each partition; partition by partition."""
    held = (await extents(kafka, topics, (DEAD_LETTERS,)))[DEAD_LETTERS]
    for partition, extent in enumerate(held):
        begin = extent.begin if newest is None else max(extent.begin, extent.end - newest)
        async for letter in _read(kafka, topics.full(DEAD_LETTERS), partition, Extent(begin, extent.end)):
            yield letter


async def letter(kafka: str, topics: Topics, partition: int, offset: int) -> Letter | None:
    """The letter at a place; None where there is none."""
    held = (await extents(kafka, topics, (DEAD_LETTERS,)))[DEAD_LETTERS]
    if partition >= len(held) or not held[partition].begin <= offset < held[partition].end:
        return None
    async for found in _read(kafka, topics.full(DEAD_LETTERS), partition, Extent(offset, offset + 1)):
        return found
    return None


async def _read(kafka: str, topic: str, partition: int, extent: Extent) -> AsyncIterator[Letter]:
    if extent.begin >= extent.end:
        return
    place = TopicPartition(topic, partition)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, enable_auto_commit=False, fetch_max_bytes=LARGEST, max_partition_fetch_bytes=LARGEST
    )
    try:
        await consumer.start()
        consumer.assign([place])
        consumer.seek(place, extent.begin)
        # the position, not the last offset read: the end of the log may be no record (compaction, transactions)
        while await consumer.position(place) < extent.end:
            for record in (await consumer.getmany(place, timeout_ms=1000)).get(place, ()):
                if record.offset < extent.end:
                    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
                    yield Letter(f"{partition}:{record.offset}", record.value, record.key, headers)
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnavailable(kafka) from error
    finally:
        await consumer.stop()

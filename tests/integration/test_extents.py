"""What a topic holds is known up to its last record, whatever the broker tells about the end of a batch."""

import asyncio
from itertools import count

import pytest
from aiokafka import AIOKafkaProducer

from ebbtide.embedded import Server
from streams.broker.dead_log import letter, letters
from streams.broker.lag import Extent, extents
from streams.broker.topics import ensure_topics
from streams.config import DEAD_LETTERS, Topics

_numbers = count()


@pytest.fixture
def kafka(broker: tuple[Server, float]) -> str:
    """Each broker: what one tells of topics that nobody reads, another does not."""
    return broker[0].address


@pytest.fixture
async def topics(kafka: str) -> Topics:
    named = Topics(f"extents{next(_numbers)}.", 2)
    await ensure_topics(kafka, named)
    return named


async def test_every_record_of_the_last_batch_counts(kafka: str, topics: Topics) -> None:
    await write(kafka, topics.full("orders"), [(0, 3), (0, 5), (1, 4)])
    found = await extents(kafka, topics)
    assert found == {
        "orders": [Extent(0, 8), Extent(0, 4)],
        "interactions": [Extent(0, 0)] * 2,
        "commands": [Extent(0, 0)] * 2,
    }


async def test_a_topic_that_goes_on_and_on_does_not_hold_it(kafka: str, topics: Topics) -> None:
    async def go_on() -> None:
        while not found.done():
            await write(kafka, topics.full("orders"), [(0, 1)])

    found = asyncio.create_task(asyncio.wait_for(extents(kafka, topics), 10))
    await asyncio.gather(found, go_on())
    assert found.result()["orders"][0].end > 0


async def test_the_newest_dead_letters_are_listed_and_found(kafka: str, topics: Topics) -> None:
    await write(kafka, topics.full(DEAD_LETTERS), [(0, 3), (0, 5), (1, 4)])
    places = [f"0:{offset}" for offset in range(8)] + [f"1:{offset}" for offset in range(4)]
    assert [found.place async for found in letters(kafka, topics)] == places
    assert [found.place async for found in letters(kafka, topics, newest=2)] == ["0:6", "0:7", "1:2", "1:3"]
    last = await letter(kafka, topics, 0, 7)
    assert last is not None
    assert last.value == b"4"
    assert await letter(kafka, topics, 0, 8) is None


async def write(kafka: str, topic: str, batches: list[tuple[int, int]]) -> None:
    """One batch of so many records into each of these partitions."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        for partition, size in batches:
            batch = producer.create_batch()
            for number in range(size):
                batch.append(timestamp=None, key=None, value=str(number).encode(), headers=[])
            await (await producer.send_batch(batch, topic, partition=partition))
    finally:
        await producer.stop()

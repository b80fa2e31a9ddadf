"""Topics on a real broker: created once, found again, refused where they do not fit."""

from itertools import count

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from ebbtide.embedded.server import free_port
from streams.broker.lag import Extent, extents
from streams.broker.topics import ALL, ensure_topics, partition_counts
from streams.config import INPUTS, Topics
from streams.errors import BrokerUnavailable, StreamsError

_numbers = count()


@pytest.fixture
def prefix() -> str:
    return f"t{next(_numbers)}."


async def test_missing_topics_are_created_once_with_the_partitions_asked_for(kafka: str, prefix: str) -> None:
    assert await ensure_topics(kafka, Topics(prefix, 4)) == 4
    assert await partition_counts(kafka, Topics(prefix)) == dict.fromkeys(ALL, 4)
    assert await ensure_topics(kafka, Topics(prefix, 8)) == 4  # as they are there


async def test_what_is_missing_is_made_like_what_is_there(kafka: str, prefix: str) -> None:
    await create(kafka, prefix + "interactions", 2)
    assert await ensure_topics(kafka, Topics(prefix, 8)) == 2


async def test_topics_that_do_not_fit_are_refused(kafka: str, prefix: str) -> None:
    await create(kafka, prefix + "orders", 3)
    with pytest.raises(StreamsError, match=r"3 partitions.*power of two"):
        await ensure_topics(kafka, Topics(prefix))


async def test_looking_creates_nothing(kafka: str, prefix: str) -> None:
    assert await partition_counts(kafka, Topics(prefix)) == {}
    assert await extents(kafka, Topics(prefix)) == {topic: [] for topic in INPUTS}
    await ensure_topics(kafka, Topics(prefix, 2))
    assert await extents(kafka, Topics(prefix)) == dict.fromkeys(INPUTS, [Extent(0, 0)] * 2)


async def test_a_broker_that_is_down_is_told_with_its_address() -> None:
    kafka = f"127.0.0.1:{free_port()}"
    for ask in (ensure_topics, partition_counts, extents):
        with pytest.raises(BrokerUnavailable, match=kafka):
            await ask(kafka, Topics())


async def create(kafka: str, name: str, partitions: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic(name, partitions, 1)])
    await admin.close()

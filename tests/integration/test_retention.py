"""What the broker keeps of the inputs, asked of a real one."""

from collections.abc import Iterator

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from ebbtide.embedded import Server
from streams.broker.retention import Kept, compacted, retention, short_lived
from streams.broker.topics import ensure_topics, open_admin
from streams.config import Topics
from tests.support.kafka_broker import start_kafka

WEEK_MS = 7 * 86_400_000


@pytest.fixture(scope="module")
def apache() -> Iterator[Server]:
    with start_kafka() as server:
        yield server


async def test_kafka_says_what_it_keeps_and_for_how_long(apache: Server) -> None:
    topics = Topics("kept.", 2)
    await ensure_topics(apache.address, topics)
    usual = await retention(apache.address, topics)
    assert usual == {"orders": Kept(False, WEEK_MS), "interactions": Kept(False, WEEK_MS), "commands": Kept(False, -1)}
    async with open_admin(apache.address) as admin:
        for name, to in (("orders", {"cleanup.policy": "compact,delete"}), ("interactions", {"retention.ms": "-1"})):
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topics.full(name), to)])
    assert await retention(apache.address, topics) == usual | {
        "orders": Kept(True, WEEK_MS),
        "interactions": Kept(False, -1),
    }


async def test_a_broker_that_does_not_tell_is_no_trouble(kafka: str) -> None:
    topics = Topics("untold.", 2)
    await ensure_topics(kafka, topics)
    assert await retention(kafka, topics) == {}


def test_what_to_do_about_it() -> None:
    told = {"orders": Kept(True, WEEK_MS), "interactions": Kept(False, 36 * 3_600_000), "commands": Kept(False, -1)}
    assert "orders: cleanup.policy is compact" in (compacted(told) or "")
    assert "orders and interactions are kept for 1.5 days" in (short_lived(told) or "")
    assert compacted({"commands": told["commands"]}) is short_lived({"commands": told["commands"]}) is None
    assert compacted({}) is short_lived({}) is None

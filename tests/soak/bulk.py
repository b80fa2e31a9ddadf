"""Records by the million onto the broker, as fast as it takes them: many in one request, which a `send` each is not."""

import asyncio
from collections.abc import Sequence

from scoring.hashing import buckets
from streams.broker import publishing
from streams.broker.publishing import Publisher
from streams.broker.topics import ensure_topics
from streams.patience import Patience
from tests.soak.records import EXPECTED, Message
from tests.support.world import World

AT_ONCE = 20_000


def send_bulk(world: World, sent: Sequence[Message]) -> None:
    """All of it, in order within a partition; records without a key take turns."""
    asyncio.run(_send(world, sent))


async def _send(world: World, sent: Sequence[Message]) -> None:
    await ensure_topics(world.kafka, world.topics)
    publisher = Publisher(world.kafka, Patience())
    await publisher.start()
    try:
        for first in range(0, len(sent), AT_ONCE):
            some = sent[first : first + AT_ONCE]
            homes = buckets([one.key or b"%d" % number for number, one in enumerate(some)]) % world.topics.partitions
            await publisher.publish([_placed(world, one, home) for one, home in zip(some, homes.tolist(), strict=True)])
    finally:
        await publisher.stop()


def _placed(world: World, one: Message, home: int) -> publishing.Message:
    expected = [] if one.reason is None else [(EXPECTED, one.reason.encode())]
    headers: list[tuple[str, bytes]] = [*one.headers, *expected]  # type: ignore[list-item]  # Kafka's may have no value
    partition = home if one.partition is None else one.partition
    return publishing.Message(world.topics.full(one.topic), partition, one.key, one.value, headers)

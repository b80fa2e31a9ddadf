"""A version to every worker: one copy in every partition of `commands`."""

from collections.abc import Awaitable, Callable, Sequence

from streams.broker.publishing import Message, Publisher
from streams.broker.topics import ensure_topics
from streams.config import COMMANDS, Topics
from streams.events.terms import ComputedFrom
from streams.events.terms_records import write_terms
from streams.patience import Patience
from streams.versions import Versioned


async def publish_copies(
    publish: Callable[[Sequence[Message]], Awaitable[None]],
    topics: Topics,
    partitions: int,
    currency: str,
    version: Versioned,
    computed_from: ComputedFrom | None = None,
) -> None:
    """Returns once the broker has a copy in each partition. What broke off is published again whole: same id, same version."""
    value = write_terms(version, currency, computed_from)
    topic = topics.full(COMMANDS)
    await publish([Message(topic, number, None, value, ()) for number in range(partitions)])


async def publish_version(
    kafka: str, topics: Topics, currency: str, version: Versioned, computed_from: ComputedFrom | None = None
) -> int:
    """The same for whoever has no publisher; topics that are missing are created. Returns how many partitions got a copy."""
    partitions = await ensure_topics(kafka, topics)
    publisher = Publisher(kafka, Patience())
    await publisher.start()
    try:
        await publish_copies(publisher.publish, topics, partitions, currency, version, computed_from)
    finally:
        await publisher.stop()
    return partitions

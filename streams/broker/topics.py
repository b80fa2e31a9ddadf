"""The topics on the broker: made where they are missing, held against what co-partitioning needs."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from streams.broker.publishing import LARGEST_BYTES
from streams.config import COMMANDS, DEAD_LETTERS, DRIFT_ALERTS, INPUTS, TIER_CHANGES, Topics, is_partition_count
from streams.errors import BrokerUnavailable, StreamsError

ALL = (*INPUTS, TIER_CHANGES, DRIFT_ALERTS, DEAD_LETTERS)
CONFIGS = {
    DEAD_LETTERS: {"max.message.bytes": str(LARGEST_BYTES)},  # what came too large has to go in whole
    COMMANDS: {"retention.ms": "-1"},  # few, and without them a state that is filled again knows no version
}
REPLICAS = 3  # as many as there are brokers, up to this
SEEN_WITHIN_S = 10.0

Counts = dict[str, int]  # topic without prefix -> partitions; absent: not there


async def ensure_topics(kafka: str, topics: Topics) -> int:
    """Create what is missing, and return how many partitions the inputs have; StreamsError where they do not fit."""
    async with open_admin(kafka) as admin:
        counts = await counts_of(admin, topics)
        if missing := [name for name in ALL if name not in counts]:
            present = next((counts[name] for name in INPUTS if name in counts), topics.partitions)
            await _create(admin, topics, missing, present)
            counts = await _seen(admin, topics)
    if found := objections(counts, topics):
        raise StreamsError(found[0])
    return counts[INPUTS[0]]


async def partition_counts(kafka: str, topics: Topics) -> Counts:
    """What the broker has of our topics."""
    async with open_admin(kafka) as admin:
        return await counts_of(admin, topics)


def objections(counts: Mapping[str, int], topics: Topics) -> list[str]:
    """Why these topics cannot work; empty where they can."""
    found = [
        f"Topic {topics.full(name)} is missing: start a worker, which creates it." for name in ALL if name not in counts
    ]
    there = {name: counts[name] for name in INPUTS if name in counts}
    for name, count in there.items():
        if not is_partition_count(count):
            found.append(
                f"Topic {topics.full(name)} has {count} partitions, and Ebbtide needs a power of two up to 256: "
                "create it anew, or set EBBTIDE_TOPIC_PREFIX to begin beside it."
            )
    if len(set(there.values())) > 1:
        listed = ", ".join(f"{topics.full(name)} {count}" for name, count in there.items())
        found.append(f"The input topics need equally many partitions and have {listed}: add to the smaller ones.")
    return found


@asynccontextmanager
async def open_admin(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """For questions about topics and groups. Raises BrokerUnavailable where there is no broker."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka, request_timeout_ms=10_000)
    try:
        await admin.start()
        yield admin
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnavailable(kafka) from error
    finally:
        await admin.close()


async def counts_of(admin: AIOKafkaAdminClient, topics: Topics) -> Counts:
    """What the broker has of our topics."""
    # all topics: asking by name would create a missing one on brokers with auto.create.topics.enable
    known = {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics()}
    return {name: known[topics.full(name)] for name in ALL if known.get(topics.full(name))}


async def _create(admin: AIOKafkaAdminClient, topics: Topics, names: list[str], partitions: int) -> None:
    brokers = len((await admin.describe_cluster())["brokers"])
    wanted = [
        NewTopic(topics.full(name), partitions, min(REPLICAS, brokers), topic_configs=CONFIGS.get(name))
        for name in names
    ]
    response = await admin.create_topics(wanted)
    for name, code, *_ in response.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise StreamsError(
                f"The broker does not let us create topic {name} ({for_code(code).__name__}): "
                f"create it with {partitions} partitions."
            )


async def _seen(admin: AIOKafkaAdminClient, topics: Topics) -> Counts:
    """The counts, once the broker shows every topic: right after creation it may not."""
    for _ in range(int(SEEN_WITHIN_S / 0.05)):
        counts = await counts_of(admin, topics)
        if len(counts) == len(ALL):
            break
        await asyncio.sleep(0.05)
    return counts

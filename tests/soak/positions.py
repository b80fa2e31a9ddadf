"""Whether every bucket has come to the end of all that is its to read."""

import asyncio
import time
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from scoring.layout import BUCKETS
from state.redis_store import RedisStore
from state.store import Head
from streams.broker.topics import partition_counts
from streams.config import INPUTS
from streams.ownership import PARTITIONS
from streams.stages import stages
from tests.support.world import World

MOVE_WITHIN_S = 15.0  # those of buckets for which nothing comes are moved every second, where there is time
LOOK_EVERY_S = 0.5

Places = Mapping[tuple[str, int], int]  # topic and partition -> offset


def short(world: World) -> int:
    """Positions of buckets that are not at the end of their partitions, and do not get there in time."""
    give_up = time.monotonic() + MOVE_WITHIN_S
    while (found := asyncio.run(_short(world))) and time.monotonic() < give_up:
        time.sleep(LOOK_EVERY_S)
    return found


async def _short(world: World) -> int:
    store = await RedisStore.connect(world.env["EBBTIDE_REDIS_URL"], world.env["EBBTIDE_NAMESPACE"])
    try:
        return not_at(await store.heads(), await _ends(world))
    finally:
        await store.close()


def not_at(heads: Mapping[int, Head], ends: Places) -> int:
    """Positions that differ from these ends; where there was nothing to read, none is needed."""
    count = 1 + max(partition for _, partition in ends)
    found = 0
    for bucket in range(BUCKETS):
        head = heads.get(bucket)
        if head is not None and PARTITIONS in head.offsets:
            now = stages(head, bucket, INPUTS)[-1]
            found += sum(offset != ends.get((topic, now.partition), 0) for topic, offset in now.ends.items())
        else:
            found += any(ends.get((topic, bucket % count), 0) for topic in INPUTS)
    return found


async def _ends(world: World) -> Places:
    counts = await partition_counts(world.kafka, world.topics)
    places = {
        TopicPartition(world.topics.full(topic), number): (topic, number)
        for topic in INPUTS
        for number in range(counts[topic])
    }
    consumer = AIOKafkaConsumer(bootstrap_servers=world.kafka, enable_auto_commit=False)
    await consumer.start()
    try:
        return {places[place]: end for place, end in (await consumer.end_offsets(list(places))).items()}
    finally:
        await consumer.stop()

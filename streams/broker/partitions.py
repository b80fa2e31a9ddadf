"""The number of partitions of topics, raised; and whether anybody reads them just now."""

import asyncio

from aiokafka.admin import NewPartitions
from aiokafka.errors import GroupCoordinatorNotAvailableError, IncompatibleBrokerVersion, KafkaError

from streams.broker.topics import SEEN_WITHIN_S, counts_of, open_admin
from streams.config import DEAD_LETTERS, INPUTS, Topics
from streams.errors import StreamsError

RAISED = (*INPUTS, DEAD_LETTERS)  # a dead letter goes into the partition that its record came from


async def members(kafka: str, group: str) -> int:
    """How many workers a group has."""
    async with open_admin(kafka) as admin:
        try:
            answers = await admin.describe_consumer_groups([group])
        except GroupCoordinatorNotAvailableError:  # there never was one
            return 0
        return sum(len(found[-1]) for answer in answers for found in answer.groups)


async def raise_partitions(kafka: str, topics: Topics, partitions: int, *, only_ask: bool = False) -> None:
    """Give the inputs so many partitions, and dead letters at least as many; those that have them are left.

    `only_ask`: whether the broker would. Raises StreamsError where it does not.
    """
    async with open_admin(kafka) as admin:
        counts = await counts_of(admin, topics)
        wanted = {topics.full(name): NewPartitions(partitions) for name in RAISED if counts[name] < partitions}
        try:
            if wanted:
                await admin.create_partitions(wanted, validate_only=only_ask)
        except IncompatibleBrokerVersion as error:
            raise StreamsError(
                f"Kafka at {kafka} cannot add partitions to a topic: the embedded broker has no way to. On Apache Kafka it works."
            ) from error
        except KafkaError as error:
            if error.retriable:
                raise
            listed = ", ".join(wanted)
            raise StreamsError(
                f"The broker does not let us add partitions ({error}). Have them added to {listed}, {partitions} each, and run "
                "this again."
            ) from error
        for _ in range(0 if only_ask else int(SEEN_WITHIN_S / 0.05)):
            counts = await counts_of(admin, topics)
            if all(counts.get(name, 0) >= partitions for name in RAISED):
                break
            await asyncio.sleep(0.05)

"""The number of partitions of topics, raised; and whether anybody reads them just now."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.errors import IncompatibleBrokerVersion, KafkaError, for_code

from streams.broker.topics import SEEN_WITHIN_S, counts_of, open_admin
from streams.clock import elapsed_s
from streams.config import DEAD_LETTERS, INPUTS, Topics
from streams.errors import StreamsError
from streams.patience import FIRST_PAUSE_S, LONGEST_PAUSE_S

RAISED = (*INPUTS, DEAD_LETTERS)  # a dead letter goes into the partition that its record came from
TOLD_WITHIN_S = 30.0  # who is in a group; longer than a coordinator takes to move


async def members(kafka: str, group: str) -> int:
    """How many workers a group has. Raises StreamsError where its coordinator does not say: no answer is not nobody."""
    until_s, pause_s = elapsed_s() + TOLD_WITHIN_S, FIRST_PAUSE_S
    async with open_admin(kafka) as admin:
        while True:
            try:
                return await _members(admin, group)
            except (
                KafkaError
            ) as error:  # a coordinator that moves, loads or is only just made says so, and later how many
                if not error.retriable or elapsed_s() > until_s:
                    raise StreamsError(
                        f"Kafka at {kafka} does not say whether workers of {group} run ({error}). Without that nothing is "
                        "changed: mend it there (it takes the right to describe the group), and run this again."
                    ) from error
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


async def _members(admin: AIOKafkaAdminClient, group: str) -> int:
    """Raises KafkaError for what a group's answer says of it, too: the client leaves that code to us."""
    [answer] = await admin.describe_consumer_groups([group])
    [(code, *_)] = answer.groups
    if code:
        raise for_code(code)
    [described] = answer.to_object()["groups"]
    return len(described["members"])


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

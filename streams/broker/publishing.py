"""Records to the broker, acknowledged: whole batches a partition, because one `send` a record costs 20 µs."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.errors import IncompatibleBrokerVersion, KafkaError, MessageSizeTooLargeError
from aiokafka.partitioner import DefaultPartitioner

from scoring.hashing import BUCKETS
from streams.errors import BrokerUnavailable
from streams.patience import Patience

BATCH_BYTES = 512 * 1024  # a broker takes 1 MB by default
LARGEST_BYTES = 64 * 1024 * 1024  # of one record: a dead letter is as large as what came
_hash = DefaultPartitioner()


class Message(NamedTuple):
    """A record to be written."""

    topic: str  # as the broker has it
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Publishing(Protocol):
    """What the relay and the dead letters need of a publisher."""

    async def partition_of(self, topic: str, key: bytes, bucket: int) -> int:
        """Where a customer's records go in a topic with any number of partitions."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Returns once the broker has all of them."""


class Publisher:
    """Publishes at least once, in order within a partition."""

    def __init__(self, kafka: str, patience: Patience) -> None:
        self._kafka = kafka
        self._patience = patience
        self._producer = AIOKafkaProducer(
            bootstrap_servers=kafka,
            acks="all",
            max_batch_size=BATCH_BYTES,
            max_request_size=LARGEST_BYTES,
            request_timeout_ms=10_000,  # until a broker that is gone is noticed
        )
        self._counts: dict[str, int] = {}

    async def start(self) -> None:
        """Raises BrokerUnavailable where there is none."""
        try:
            await self._producer.start()
        except (KafkaError, OSError) as error:
            raise BrokerUnavailable(self._kafka) from error

    async def stop(self) -> None:
        """Give the connections back."""
        await self._producer.stop()

    async def partition_of(self, topic: str, key: bytes, bucket: int) -> int:
        """Where a customer's records go in a topic with any number of partitions."""
        if topic not in self._counts:
            self._counts[topic] = len(await self._producer.partitions_for(topic))
        count = self._counts[topic]
        return bucket % count if BUCKETS % count == 0 else int(_hash(key, list(range(count)), list(range(count))))

    async def publish(self, messages: Sequence[Message]) -> None:
        """Returns once the broker has all of them; raises MessageSizeTooLargeError where it will not take one."""
        if messages:
            await self._patience(lambda: self._once(messages))

    async def _once(self, messages: Sequence[Message]) -> None:
        partitions: dict[tuple[str, int], list[Message]] = {}
        for message in messages:
            partitions.setdefault(message[:2], []).append(message)
        try:
            sent = [await self._send(*where, batch) for where, batch in partitions.items()]
            await asyncio.gather(*(future for futures in sent for future in futures))
        except (MessageSizeTooLargeError, IncompatibleBrokerVersion):
            raise
        except KafkaError as error:
            raise BrokerUnavailable(self._kafka) from error

    async def _send(self, topic: str, partition: int, messages: Sequence[Message]) -> list["asyncio.Future[object]"]:
        futures = []
        batch = self._producer.create_batch()
        for _, _, key, value, given in messages:
            headers = list(given)  # aiokafka takes no other sequence
            if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
                futures.append(await self._producer.send_batch(batch, topic, partition=partition))
                batch = self._producer.create_batch()
                batch.append(timestamp=None, key=key, value=value, headers=headers)
        futures.append(await self._producer.send_batch(batch, topic, partition=partition))
        return futures

"""Records to the broker, acknowledged: whole batches a partition, because one `send` a record costs 20 µs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError, UnknownTopicOrPartitionError
from aiokafka.partitioner import DefaultPartitioner

from scoring.layout import BUCKETS
from streams.broker.answers import meaning
from streams.broker.closing import stop_producer
from streams.errors import BrokerUnavailable, StreamsError
from streams.patience import Patience

BATCH_BYTES = 512 * 1024  # a broker takes 1 MB by default
LARGEST_BYTES = 64 * 1024 * 1024  # of one record: a dead letter is as large as what came
T = TypeVar("T")
_hash = DefaultPartitioner()


class Message(NamedTuple):
    """A record to be written."""

    topic: str  # as the broker has it
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class TooLargeError(StreamsError):
    """The broker refuses records for their size; it has all others that were to be published with them."""

    def __init__(self, refused: Sequence[Message]) -> None:
        super().__init__(
            f"The broker refuses a record for its size: raise max.message.bytes of topic {refused[0].topic}, or leave the "
            "record out."
        )
        self.refused = refused


class Publishing(Protocol):
    """What the relay and the dead letters need of a publisher."""

    async def partition_of(self, topic: str, key: bytes, bucket: int) -> int:
        """Where a customer's records go in a topic with any number of partitions."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Returns once the broker has all of them; TooLargeError where it has all but those."""


class Publisher:
    """Publishes at least once, in order within a partition; where the broker says that it never will, TopicRefusedError."""

    def __init__(self, kafka: str, patience: Patience, producer: Callable[..., Any] = AIOKafkaProducer) -> None:
        self._kafka = kafka
        self._patience = patience
        self._producer = producer(
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
        await stop_producer(self._producer)

    async def partition_of(self, topic: str, key: bytes, bucket: int) -> int:
        """Where a customer's records go in a topic with any number of partitions."""
        if topic not in self._counts:
            self._counts[topic] = len(await self._asked(topic, lambda: self._producer.partitions_for(topic)))
        count = self._counts[topic]
        return bucket % count if BUCKETS % count == 0 else int(_hash(key, list(range(count)), list(range(count))))

    async def publish(self, messages: Sequence[Message]) -> None:
        """Returns once the broker has all of them; TooLargeError where it has all but those."""
        partitions: dict[tuple[str, int], list[Message]] = {}
        for message in messages:
            partitions.setdefault(message[:2], []).append(message)
        refused: list[Message] = []
        parts = (self._in_order(place, batch, refused) for place, batch in partitions.items())
        # all end, even where one fails: what the caller does next must not be overtaken by what is still under way
        for failed in await asyncio.gather(*parts, return_exceptions=True):
            if failed:
                raise failed
        if refused:
            raise TooLargeError(refused)

    async def _in_order(self, place: tuple[str, int], messages: Sequence[Message], refused: list[Message]) -> None:
        """A batch goes out when the broker has the one before it: what is repeated never comes after what is newer."""
        first = 0
        while first < len(messages):
            batch, end = self._batch(messages, first)
            if not await self._taken(place, batch):
                if end == first + 1:
                    refused.append(messages[first])
                else:
                    for message in messages[first:end]:
                        await self._in_order(place, [message], refused)
            first = end

    def _batch(self, messages: Sequence[Message], first: int) -> tuple[Any, int]:
        """As many as one batch holds, and where the next begins."""
        batch = self._producer.create_batch()
        for number in range(first, len(messages)):
            _, _, key, value, headers = messages[number]
            # aiokafka takes headers only as a list; and the first record of a batch, however large it is
            if batch.append(timestamp=None, key=key, value=value, headers=list(headers)) is None:
                return batch, number
        return batch, len(messages)

    async def _taken(self, place: tuple[str, int], batch: Any) -> bool:
        """Whether the broker has it now; False where that is too large for it."""
        topic, partition = place
        if batch.size() > LARGEST_BYTES:  # it came compressed; on a request of this size a broker hangs up
            return False

        async def sent() -> None:
            await (await self._producer.send_batch(batch, topic, partition=partition))

        try:
            await self._asked(topic, sent)
        except (MessageSizeTooLargeError, RecordListTooLargeError):
            return False
        return True

    async def _asked(self, topic: str, question: Callable[[], Awaitable[T]]) -> T:
        """The broker's answer, waited for as long as waiting may help; that something is too large is an answer."""

        async def asked() -> T:
            try:
                return await question()
            except (MessageSizeTooLargeError, RecordListTooLargeError):
                raise
            except UnknownTopicOrPartitionError as error:
                raise meaning(self._kafka, topic, error, gone=await self._gone(topic)) from error
            except KafkaError as error:
                raise meaning(self._kafka, topic, error) from error

        return await self._patience(asked)

    async def _gone(self, topic: str) -> bool:
        """Whether the broker says so itself: a topic looks unknown, too, where nobody answers."""
        try:
            cluster = await self._producer.client.fetch_all_metadata()
        except KafkaError:
            return False
        return cluster.partitions_for_topic(topic) is None

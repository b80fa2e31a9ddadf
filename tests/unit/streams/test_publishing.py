"""What the publisher makes of a broker's answers; the broker is a fake, where Kafka would be slow to go wrong."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    NotEnoughReplicasError,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)

from streams.broker.publishing import LARGEST_BYTES, Message, Publisher, TooLargeError
from streams.errors import TopicRefusedError
from streams.patience import Patience

Answer = Callable[[int, Sequence[bytes]], Exception | None]  # partition, values


class Batch:
    """Two records at most."""

    def __init__(self) -> None:
        self.values: list[bytes] = []

    def append(self, *, value: bytes, **_: object) -> object:
        if len(self.values) == 2:
            return None
        self.values.append(value)
        return self.values

    def size(self) -> int:
        return sum(map(len, self.values))


class Broker:
    """As AIOKafkaProducer, one broker and the topic "t"; answers when its caller has gone on to something else."""

    topics = ("t",)
    up = True
    answer: Answer = staticmethod(lambda _partition, _values: None)

    def __init__(self, **_: object) -> None:
        self.log: dict[int, list[bytes]] = {}
        self.under_way = 0
        self.client = self

    def create_batch(self) -> Batch:
        return Batch()

    async def send_batch(self, batch: Batch, _topic: str, *, partition: int) -> "asyncio.Future[None]":
        return asyncio.ensure_future(self._answered(batch.values, partition))

    async def _answered(self, values: Sequence[bytes], partition: int) -> None:
        self.under_way += 1
        await asyncio.sleep(0.01 * (1 + partition))
        self.under_way -= 1
        if error := self.answer(partition, values):
            raise error
        self.log.setdefault(partition, []).extend(values)

    async def partitions_for(self, topic: str) -> set[int]:
        if topic not in self.topics or not self.up:
            raise UnknownTopicOrPartitionError
        return {0, 1}

    async def fetch_all_metadata(self) -> "Broker":
        if not self.up:
            raise KafkaConnectionError
        return self

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        return {0, 1} if topic in self.topics else None


@pytest.fixture
def patience() -> Patience:
    return Patience()


@pytest.fixture
async def publisher(patience: Patience) -> Publisher:
    return Publisher("here:9092", patience, Broker)


def broker_of(publisher: Publisher) -> Any:
    return publisher._producer


def messages(*values: bytes, partition: int = 0) -> list[Message]:
    return [Message("t", partition, b"ada", value, []) for value in values]


def once(error: Exception, which: bytes) -> Answer:
    """The first batch with this record fails, once."""
    left = [error]
    return lambda _partition, values: left.pop() if which in values and left else None


@pytest.mark.parametrize("error", [KafkaTimeoutError(), RequestTimedOutError(), NotEnoughReplicasError()])
async def test_a_batch_that_is_repeated_is_not_overtaken_by_a_newer_one(publisher: Publisher, error: Exception) -> None:
    broker = broker_of(publisher)
    broker.answer = once(error, b"1")
    await publisher.publish([*messages(b"1", b"2", b"3", b"4", b"5"), *messages(b"6", b"7", b"8", partition=1)])
    assert broker.log == {0: [b"1", b"2", b"3", b"4", b"5"], 1: [b"6", b"7", b"8"]}


async def test_nothing_is_under_way_any_more_when_publishing_fails(publisher: Publisher) -> None:
    broker = broker_of(publisher)
    broker.answer = lambda partition, _values: TopicAuthorizationFailedError("t") if partition == 0 else None
    with pytest.raises(TopicRefusedError):
        await publisher.publish([*messages(b"1"), *messages(b"2", b"3", b"4", partition=1)])
    assert broker.under_way == 0
    assert broker.log == {1: [b"2", b"3", b"4"]}


async def test_of_a_batch_with_a_record_that_is_too_large_the_others_are_published(publisher: Publisher) -> None:
    broker = broker_of(publisher)
    broker.answer = lambda _partition, values: MessageSizeTooLargeError() if b"large" in values else None
    with pytest.raises(TooLargeError, match="topic t") as caught:
        await publisher.publish(messages(b"1", b"2", b"3", b"large", b"4"))
    assert caught.value.refused == messages(b"large")
    assert broker.log == {0: [b"1", b"2", b"3", b"4"]}


async def test_a_record_on_which_a_broker_would_hang_up_is_not_sent(publisher: Publisher) -> None:
    huge = bytes(LARGEST_BYTES + 1)
    with pytest.raises(TooLargeError):
        await publisher.publish(messages(huge))
    assert broker_of(publisher).log == {}


async def test_a_topic_that_may_not_be_written_is_no_broker_that_does_not_answer(publisher: Publisher) -> None:
    broker_of(publisher).answer = lambda _partition, _values: TopicAuthorizationFailedError("t")
    with pytest.raises(TopicRefusedError, match=r"topic t \(TopicAuthorizationFailedError\).*right to"):
        await asyncio.wait_for(publisher.publish(messages(b"1")), 1)


async def test_a_topic_that_was_deleted_is_told(publisher: Publisher) -> None:
    broker = broker_of(publisher)
    broker.topics = ()
    broker.answer = lambda _partition, _values: UnknownTopicOrPartitionError()
    with pytest.raises(TopicRefusedError, match=r"topic t .*missing"):
        await asyncio.wait_for(publisher.publish(messages(b"1")), 1)
    with pytest.raises(TopicRefusedError, match=r"topic t .*missing"):
        await asyncio.wait_for(publisher.partition_of("t", b"ada", 1), 1)


async def test_partitions_are_asked_for_until_the_broker_is_back(publisher: Publisher, patience: Patience) -> None:
    broker = broker_of(publisher)
    broker.up = False
    asking = asyncio.create_task(publisher.partition_of("t", b"ada", 3))
    await asyncio.sleep(0.1)
    assert "here:9092" in (patience.reason or "")
    broker.up = True
    assert await asyncio.wait_for(asking, 2) == 1
    assert patience.reason is None

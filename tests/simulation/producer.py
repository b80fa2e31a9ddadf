"""As much of AIOKafkaProducer as a worker uses, on the broker of the simulation."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError, UnknownTopicOrPartitionError

from tests.simulation.kafka_log import Broker, New
from tests.simulation.loop import Process

RECORDS = 4  # a batch holds: few, so that one publication is several batches
LINGER_S = 0.002


class Batch:
    """What is sent together."""

    def __init__(self) -> None:
        self.new: list[New] = []

    def append(
        self, *, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]], **_: None
    ) -> object:
        if len(self.new) == RECORDS:
            return None
        self.new.append(New(key, value, list(headers)))
        return self.new

    def size(self) -> int:
        return sum(len(one.value or b"") for one in self.new)


class SimProducer:
    """It is its own client, too: the broker's metadata."""

    def __init__(self, broker: Broker, process: Process, **_options: Any) -> None:
        self._broker = broker
        self._process = process
        self.client = self

    async def start(self) -> None:
        await self._reached()

    async def stop(self) -> None:
        """What was sent is on its way."""

    def create_batch(self) -> Batch:
        return Batch()

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> "asyncio.Future[None]":
        await asyncio.sleep(LINGER_S)
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def acknowledge(error: KafkaError | None) -> None:
            if acknowledged.done() or self._process.dead:
                return
            how = type(error).__name__ if error else "acknowledged"
            self._broker.trace(self._process.name, f"publishes {len(batch.new)} to {topic} {partition}: {how}")
            if error is None:
                acknowledged.set_result(None)
            else:
                acknowledged.set_exception(error)

        await self._process.comes_to("publish")
        if not self._process.dead:
            self._broker.produce(self._process, TopicPartition(topic, partition), batch.new, acknowledge)
        await self._process.comes_to("publishing")
        return acknowledged

    async def partitions_for(self, topic: str) -> set[int]:
        await self._reached()
        found = self._broker.partitions(topic)
        if not found:
            raise UnknownTopicOrPartitionError
        return found

    async def fetch_all_metadata(self) -> "SimProducer":
        await self._reached()
        return self

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        return self._broker.partitions(topic) or None

    async def _reached(self) -> None:
        await asyncio.sleep(self._broker.network.delay_s())
        if not self._broker.answers(self._process):
            raise KafkaConnectionError

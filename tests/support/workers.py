"""Workers, records and what comes out, on a real broker and a real Redis; each test under names of its own."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord
from redis.asyncio import Redis

from scoring.hashing import buckets
from state.redis_store import RedisStore
from streams.broker.publishing import Message, Publisher
from streams.broker.topics import ensure_topics
from streams.config import ORDERS, StreamsConfig
from streams.events.facts import DecodeRules
from streams.patience import Patience
from streams.worker import Worker
from tests.support.pipelines import SCORING

WITHIN_S = 30.0


@dataclass
class Shop:
    """Topics and a namespace on running servers."""

    config: StreamsConfig
    redis_url: str
    partitions: int
    publisher: Publisher
    store: RedisStore

    def worker(self, store: RedisStore) -> Worker:
        return Worker(self.config, self.partitions, store, DecodeRules(), SCORING)

    async def send(self, events: Sequence[Mapping[str, Any]], topic: str = ORDERS) -> None:
        """Events where they belong."""
        ids = [event["customer_id"].encode() for event in events]
        full = self.config.topics.full(topic)
        places = (buckets(ids) % self.partitions).tolist()
        await self.publisher.publish(
            [Message(full, p, i, json.dumps(e).encode(), []) for p, i, e in zip(places, ids, events, strict=True)]
        )

    async def put(self, partition: int, value: bytes | None, key: bytes | None, *headers: tuple[str, bytes]) -> None:
        """One record as it is."""
        await self.publisher.publish([Message(self.config.topics.full(ORDERS), partition, key, value, headers)])

    async def flush(self) -> None:
        """Redis loses everything of this namespace."""
        async with Redis.from_url(self.redis_url) as client:
            keys = [key async for key in client.scan_iter(f"*{self.config.namespace}*", count=1000)]
            assert keys
            await client.delete(*keys)

    async def counts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for head in (await self.store.heads()).values():
            for name, count in head.counters.items():
                found[name] = found.get(name, 0) + count
        return found

    async def states(self) -> dict[bytes, bytes]:
        return {key: blob for bucket in range(256) async for key, blob in self.store.states(bucket)}

    async def records(self, topic: str, enough: Callable[[list[ConsumerRecord]], bool]) -> list[ConsumerRecord]:
        """The topic from its beginning, until it is enough."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.config.kafka, max_partition_fetch_bytes=16 * 1024 * 1024)
        await consumer.start()
        places = [TopicPartition(self.config.topics.full(topic), p) for p in range(self.partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        found: list[ConsumerRecord] = []
        give_up = time.monotonic() + WITHIN_S
        while not enough(found):
            assert time.monotonic() < give_up, f"only {len(found)} records in {topic}"
            for records in (await consumer.getmany(timeout_ms=100)).values():
                found += records
        await consumer.stop()
        return found


@asynccontextmanager
async def shop(config: StreamsConfig, redis_url: str) -> AsyncIterator[Shop]:
    partitions = await ensure_topics(config.kafka, config.topics)
    publisher = Publisher(config.kafka, Patience())
    await publisher.start()
    store = await RedisStore.connect(redis_url, config.namespace)
    yield Shop(config, redis_url, partitions, publisher, store)
    await store.close()
    await publisher.stop()


@asynccontextmanager
async def working(here: Shop) -> AsyncIterator[Worker]:
    """A worker of its own connection, stopped in order at the end."""
    store = await RedisStore.connect(here.redis_url, here.config.namespace)
    worker = here.worker(store)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        assert await asyncio.wait_for(task, WITHIN_S) == 0
        await store.close()


async def until(true: Callable[[], Any], within_s: float = WITHIN_S) -> None:
    """Wait for what an async question says."""
    give_up = time.monotonic() + within_s
    while not await true():
        assert time.monotonic() < give_up, "it did not happen in time"
        await asyncio.sleep(0.05)

"""Producers compress as they like: whatever Kafka's clients can write, a worker reads."""

import json

import pytest
from aiokafka import AIOKafkaProducer

from streams.config import ORDERS
from tests.support.builders import order
from tests.support.pipelines import customer_in
from tests.support.workers import Shop, until, working


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_compressed_records_are_read(here: Shop, codec: str) -> None:
    customer = customer_in(1, here.partitions)
    events = [{**order(f"o{n}", "9.00", day=n), "customer_id": customer} for n in range(50)]
    async with AIOKafkaProducer(bootstrap_servers=here.config.kafka, compression_type=codec, linger_ms=50) as producer:
        for event in events:
            await producer.send(
                here.config.topics.full(ORDERS), json.dumps(event).encode(), customer.encode(), partition=1
            )

    async def applied() -> bool:
        return (await here.counts()).get("applied") == len(events)

    async with working(here):
        await until(applied)

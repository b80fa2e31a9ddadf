"""Producers that write in transactions, on Apache Kafka: the embedded broker has none."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from scoring.ledgers import peek
from streams.broker.lag import extents, lag
from streams.config import ORDERS
from tests.integration.test_worker import consumed, orders
from tests.support.pipelines import customer_in
from tests.support.workers import Shop, until, working


@asynccontextmanager
async def transactional(here: Shop) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=here.config.kafka, transactional_id=here.config.namespace)
    await producer.start()
    yield producer
    await producer.stop()


@pytest.mark.parametrize("broker", ["kafka"], indirect=True)
async def test_what_is_committed_is_applied_what_is_aborted_is_not_and_nothing_stays_behind(here: Shop) -> None:
    events = [{**event, "customer_id": customer_in(1, here.partitions)} for event in orders(9)]

    async def send(some: Sequence[Mapping[str, Any]]) -> None:
        for event in some:
            key = event["customer_id"].encode()
            topic = here.config.topics.full(ORDERS)
            await producer.send_and_wait(topic, json.dumps(event).encode(), key=key, partition=1)

    async def nothing_left() -> bool:
        return lag(await extents(here.config.kafka, here.config.topics), await here.store.heads()) == 0

    async with transactional(here) as producer, working(here) as worker:

        async def caught_up() -> bool:
            lanes = list(worker.lanes)
            return len(lanes) == 4 and all(worker.ingest.positions.lag(lane) == 0 for lane in lanes)

        async with producer.transaction():
            await send(events[:3])
        await until(lambda: consumed(here, 3))
        await until(nothing_left, 10)  # the mark of the commit included
        await producer.begin_transaction()
        await send(events[3:6])
        await until(caught_up, 10)  # with what is decided: timers go by the wall clock
        await producer.abort_transaction()
        await until(nothing_left, 10)
        async with producer.transaction():
            await send(events[6:])
        await until(lambda: consumed(here, 6))
        await until(nothing_left, 10)
    [state] = (await here.states()).values()
    assert peek(state)["orders"] == 6

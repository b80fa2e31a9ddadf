"""A worker that has no time to end in order leaves nothing open behind it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from streams.broker.publishing import Message, Publisher
from streams.config import ORDERS
from streams.patience import Patience
from tests.support.workers import Shop, until


async def test_a_consumer_that_is_not_given_the_time_to_leave_its_group_is_closed(here: Shop) -> None:
    before = asyncio.all_tasks()
    worker = here.worker(here.store)
    ingest = worker.ingest
    await ingest.start()

    async def joined() -> bool:
        return ingest.joined

    await until(joined)
    await cut_short(ingest.stop)
    await worker._publisher.stop()
    assert asyncio.all_tasks() == before
    assert not open_connections(ingest._consumer._client)


async def test_a_producer_that_is_not_given_the_time_to_send_what_waits_is_closed(here: Shop) -> None:
    publisher = Publisher(here.config.kafka, Patience())
    await publisher.start()
    topic = here.config.topics.full(ORDERS)
    await publisher.publish([Message(topic, 0, b"k", b"before", [])])
    under_way = asyncio.create_task(publisher.publish([Message(topic, 0, b"k", b"v" * 100_000, [])]))
    await asyncio.sleep(0)
    await cut_short(publisher.stop)
    under_way.cancel()
    await asyncio.wait([under_way])
    assert publisher._producer._sender.sender_task.done()
    assert not open_connections(publisher._producer.client)


async def cut_short(stop: Callable[[], Awaitable[None]]) -> None:
    ending = asyncio.ensure_future(stop())
    await asyncio.sleep(0)
    ending.cancel()
    await asyncio.wait([ending])
    assert ending.cancelled()


def open_connections(client: Any) -> list[Any]:
    return [connection for connection in client._conns.values() if connection._writer]

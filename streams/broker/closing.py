"""Ending aiokafka's clients whole, also where there is no time to end them in order.

Cut short, `stop` of a consumer or producer leaves its connections open, and its tasks, which would open new ones. A
second `stop` does nothing.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

AT_ONCE_S = 0.2  # for tasks whose connections are gone


async def stop_consumer(consumer: AIOKafkaConsumer) -> None:
    """Leave the group and close; cancelled or failed on the way, close at once."""
    try:
        await consumer.stop()
    except BaseException:
        coordinator, fetcher = consumer._coordinator, consumer._fetcher
        names = ("_coordination_task", "_heartbeat_task", "_commit_refresh_task", "_reset_committed_task")
        tasks = [getattr(coordinator, name, None) for name in names]
        await _drop(consumer._client, [*tasks, *([fetcher._fetch_task, *fetcher._pending_tasks] if fetcher else [])])
        raise


async def stop_producer(producer: AIOKafkaProducer) -> None:
    """Send what waits and close; cancelled or failed on the way, close at once."""
    try:
        await producer.stop()
    except BaseException:
        await _drop(producer.client, [producer._sender.sender_task])
        raise


async def _drop(client: Any, tasks: Iterable["asyncio.Task[Any] | None"]) -> None:
    """End the tasks, and their connections without another byte: a broker that hangs would not take it."""
    running = [task for task in tasks if task]
    for task in running:
        task.cancel()
    await _close(client)  # first: a task that waits for an answer in spite of its cancellation gets an error
    if running:
        _, still = await asyncio.wait(running, timeout=AT_ONCE_S)
        for task in still:
            task.cancel()  # a sender, once cancelled, waits for its requests; now they are cancelled, too
    await _close(client)  # what they opened meanwhile


async def _close(client: Any) -> None:
    for connection in client._conns.values():
        if connection._writer:
            connection._writer.transport.abort()
    await client.close()

"""The agent one would write first: Faust, an event at a time, each in a Redis transaction. `python -m benchmarks.naive_agent`

It keeps less than Ebbtide does: no duplicates told apart, no refunds capped, no score, no tiers, no position with the state.
"""

import os
import sys
import tempfile
from collections.abc import AsyncIterable
from typing import Any

import faust
from redis.asyncio import Redis

from streams.config import ORDERS

COUNT = "naive:events"


def build(kafka: str, redis_url: str, datadir: str) -> faust.App:
    """The app, with its one agent."""
    app = faust.App(
        "naive",
        broker=f"aiokafka://{kafka}",
        store="memory://",
        datadir=datadir,
        web_enabled=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
    )
    topic = app.topic(ORDERS, value_serializer="json")
    redis = Redis.from_url(redis_url)

    @app.agent(topic)
    async def fold(orders: AsyncIterable[dict[str, Any]]) -> None:
        async for order in orders:
            customer = f"naive:{order['customer_id']}"
            async with redis.pipeline(transaction=True) as transaction:
                transaction.hincrby(customer, order["type"], 1)
                transaction.hincrbyfloat(customer, "amount", float(order.get("amount", 0)))
                transaction.hset(customer, "last_at", order["occurred_at"])
                transaction.incr(COUNT)
                await transaction.execute()

    return app


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        naive = build(os.environ["NAIVE_KAFKA"], os.environ["NAIVE_REDIS"], folder)
        sys.argv = [sys.argv[0], "worker", "--loglevel", "error"]
        naive.main()

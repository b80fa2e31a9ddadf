"""Runs a worker on the settings: for `worker` and `up`."""

import asyncio

from ebbtide.settings import Settings
from ebbtide.wiring import connect_store, decode_rules, scoring_of
from streams.config import StreamsConfig
from streams.worker import run_worker


async def serve(settings: Settings, config: StreamsConfig) -> int:
    """Work until SIGTERM or SIGINT; the exit code. What is wrong with settings, Redis or Kafka is raised at once."""
    rules = decode_rules(settings)
    scoring = scoring_of(settings)
    store = await connect_store(settings)
    try:
        return await run_worker(config, store, rules, scoring)
    finally:
        await store.close()


def run_service(settings: Settings, config: StreamsConfig) -> int:
    """The same, on asyncio's own event loop: docs/decisions/0019 says why not on uvloop."""
    return asyncio.run(serve(settings, config))

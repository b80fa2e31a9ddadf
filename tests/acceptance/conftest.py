"""A broker of each kind for the session; a Redis and a world of its own for every test."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from ebbtide.embedded import Server, start_broker, start_redis
from tests.support.kafka_broker import start_kafka
from tests.support.world import World

_numbers = count()


@pytest.fixture(scope="session", params=["embedded", "kafka"])
def broker(request: pytest.FixtureRequest) -> Iterator[Server]:
    with start_broker() if request.param == "embedded" else start_kafka() as server:
        yield server


@pytest.fixture
def redis_server() -> Iterator[Server]:
    with start_redis() as server:
        yield server


@pytest.fixture
def world(broker: Server, redis_server: Server, tmp_path: Path) -> Iterator[World]:
    world = World(broker.address, redis_server.url, tmp_path, f"test{next(_numbers)}.")
    try:
        yield world
    finally:
        world.close()

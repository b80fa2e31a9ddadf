"""Where a scenario happens: a broker and a Redis of its own, a world of workers on them, a seed and a scale."""

import random
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from tests.soak.servers import Redis, a_broker
from tests.support.world import World

T = TypeVar("T")


class Place(AbstractContextManager["Place"]):
    """Opened it runs; nothing of it is left when it closes. Workers, broker and Redis are the scenario's to kill."""

    def __init__(self, folder: Path, seed: int, short: bool, seeds: int | None = None) -> None:
        self.folder = folder
        self.seed = seed
        self.short = short
        self.seeds = seeds  # of the simulator
        self.chance = random.Random(seed)
        self.broker = a_broker(folder / "broker")
        self.redis = Redis(folder / "redis")
        self.logs = folder / "workers"
        self.logs.mkdir()
        self.world = self.world_at(self.broker.address, self.redis.url)

    def world_at(self, kafka: str, redis_url: str) -> World:
        """A world on other addresses, as where something stands between; it is closed by whoever asked for it."""
        return World(kafka, redis_url, self.logs, "soak.")

    def scale(self, full: T, short: T) -> T:
        """How much of something at this scale."""
        return short if self.short else full

    def __enter__(self) -> "Place":
        try:
            self.redis.start()
            self.broker.start()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        self.world.close()
        self.broker.stop()
        self.redis.stop()

"""One pass over all customers in Redis, a part of a bucket at a time: what is held does not grow with their number."""

import heapq
from collections.abc import AsyncIterator
from itertools import count
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from ebbtide.settings import Settings
from scoring.boundaries.census import AT_ONCE, values_of
from scoring.layout import BUCKETS, Floats
from scoring.ledgers import Ledgers, open_ledgers
from scoring.terms import Model
from state.store import Store
from streams.clock import wall_us
from streams.config import Scoring, Version
from streams.versions import newest, versions_of

T = TypeVar("T")


class Part(NamedTuple):
    """Some customers of a bucket, and what each is worth, shape (n,), minor units."""

    ids: list[bytes]
    blobs: list[bytes]
    ledgers: Ledgers
    values: Floats


class Now(NamedTuple):
    """The instant that a command looks from, and what is in force then."""

    at_us: int
    version: Version


async def now_of(store: Store, settings: Settings, scoring: Scoring) -> Now:
    """The wall clock, or of a stream's own time the latest that any bucket has reached; in whole seconds."""
    heads = await store.heads()
    latest_us = max((head.clock_us for head in heads.values()), default=0)
    at_us = wall_us() // 1_000_000 * 1_000_000 if settings.clock == "wall" else latest_us
    return Now(at_us, versions_of(newest(heads.values()), scoring.first).at(at_us))


async def everyone(store: Store, model: Model, at_us: int) -> AsyncIterator[Part]:
    """Every customer once."""
    for bucket in range(BUCKETS):
        states = {customer_id: blob async for customer_id, blob in store.states(bucket)}
        ids = sorted(states)
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            blobs = [states[customer_id] for customer_id in some]
            ledgers = open_ledgers(blobs, np.zeros(len(blobs), np.int64))
            yield Part(some, blobs, ledgers, values_of(ledgers, at_us, model))


class Foremost(Generic[T]):
    """The n items with the least keys of all that were offered."""

    def __init__(self, n: int) -> None:
        self._n = n
        self._heap: list[tuple[float, int, T]] = []
        self._offers = count()

    def offer(self, key: float, item: T) -> None:
        """Keep it where it is among the foremost; of equal keys the first offered."""
        entry = (-key, -next(self._offers), item)
        if len(self._heap) < self._n:
            heapq.heappush(self._heap, entry)
        elif self._n:
            heapq.heappushpop(self._heap, entry)

    def items(self) -> list[T]:
        """Foremost first."""
        return [item for _, _, item in sorted(self._heap, key=lambda entry: (-entry[0], -entry[1]))]

"""One pass over all customers in Redis, a part of a bucket at a time: what is held does not grow with their number.

Whose ledger is damaged is passed over, and named: nobody else should be missing from an answer because of one value.
"""

import heapq
from collections.abc import AsyncIterator, Mapping
from itertools import count
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from ebbtide.settings import Settings
from scoring.boundaries.census import AT_ONCE, values_of
from scoring.errors import LedgerCorruptError
from scoring.layout import BUCKETS, Floats
from scoring.ledgers import Ledgers, open_ledgers
from scoring.terms import Model
from state.store import Store
from streams.clock import wall_us
from streams.config import Scoring, Version
from streams.quarantine import damaged_ledger
from streams.versions import newest, versions_of

T = TypeVar("T")


class Some(NamedTuple):
    """Some customers of a bucket."""

    ids: list[bytes]
    blobs: list[bytes]
    ledgers: Ledgers


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


async def everyone(store: Store, model: Model, at_us: int, damaged: list[str]) -> AsyncIterator[Part]:
    """Every customer once, and what each is worth at an instant. `damaged` collects what is said of who is passed over."""
    async for some in everybodys_ledgers(store, damaged):
        yield Part(*some, values_of(some.ledgers, at_us, model))


async def everybodys_ledgers(store: Store, damaged: list[str]) -> AsyncIterator[Some]:
    """Every customer once."""
    for bucket in range(BUCKETS):
        states = {customer_id: blob async for customer_id, blob in store.states(bucket)}
        ids = sorted(states)
        for start in range(0, len(ids), AT_ONCE):
            yield _opened(store, bucket, {who: states[who] for who in ids[start : start + AT_ONCE]}, damaged)


def _opened(store: Store, bucket: int, states: Mapping[bytes, bytes], damaged: list[str]) -> Some:
    ids, blobs = list(states), list(states.values())
    try:
        return Some(ids, blobs, open_ledgers(blobs, np.zeros(len(blobs), np.int64)))
    except LedgerCorruptError as error:
        spoilt = {ids[i] for i in error.indices}
        damaged += [damaged_ledger(store.place(bucket), customer_id, bucket) for customer_id in sorted(spoilt)]
        return _opened(store, bucket, {who: blob for who, blob in states.items() if who not in spoilt}, damaged)


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

"""Records of files in the order of time: what replay runs through the pipeline, and what `send --speed` paces."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np

from scoring.grouping import buckets_at
from scoring.layout import Ints
from streams.config import COMMANDS
from streams.events.batch import Batch, read_batch
from streams.events.facts import DecodeRules
from streams.history.sources.source import Record

_NONE = np.empty(0, np.int64)
STEP = 5_000  # records read at once, and between two calls for progress


@dataclass(slots=True)
class Past:
    """A record as the pipeline takes one; offset and timestamp are its place in the history."""

    value: bytes | None
    key: bytes | None
    headers: Sequence[tuple[str, bytes]]
    offset: int
    timestamp: int  # milliseconds
    topic: str = "orders"

    @property
    def partition(self) -> int:
        """A history has one."""
        return 0


class History(NamedTuple):
    """Sorted by time, stable: records of the same instant stay in the order of their files."""

    records: list[Past]
    at_us: Ints
    buckets: Ints  # where each belongs; 0 for what is no event

    def until(self, until_us: int | None) -> "History":
        """What occurred up to then, that instant included."""
        return self if until_us is None else self._slice(0, int(np.searchsorted(self.at_us, until_us, "right")))

    def part(self, start: int, before_us: int | None) -> "History":
        """From the `start`-th record on, what occurred before an instant; None: all."""
        end = len(self.records) if before_us is None else int(np.searchsorted(self.at_us, before_us, "left"))
        return self._slice(start, end)

    def as_read(self) -> Iterator[Record]:
        """The records as their source gave them."""
        return (Record(past.topic, past.key, past.value or b"", tuple(past.headers)) for past in self.records)

    def batches(self, size: int) -> "Iterator[History]":
        """One after another."""
        return (self._slice(start, start + size) for start in range(0, len(self.records), size))

    def lanes(self, count: int) -> list[list[Past]]:
        """The records, so that no bucket is in two lanes; all in one where one of them may concern every bucket."""
        if any(past.topic == COMMANDS for past in self.records):
            return [self.records]
        lane = self.buckets % count
        lanes = ([self.records[i] for i in np.flatnonzero(lane == number).tolist()] for number in range(count))
        return [records for records in lanes if records]

    def _slice(self, start: int, end: int) -> "History":
        return History(self.records[start:end], self.at_us[start:end], self.buckets[start:end])


def read_history(
    records: Iterable[Record], rules: DecodeRules, progress: Callable[[int], None] = lambda _n: None
) -> History:
    """Read everything and sort it. A record that is no event has no time: it stays behind the one before it."""
    read: list[Record] = []
    times: list[Ints] = []
    buckets: list[Ints] = []
    last_us = 0
    remaining = iter(records)
    while part := list(islice(remaining, STEP)):
        batch = read_batch([(record.topic, record) for record in part], rules, None)
        times.append(_times(batch, len(part), last_us))
        buckets.append(_buckets(batch, len(part)))
        last_us = int(times[-1][-1])
        read += part
        progress(len(read))
    if not read:
        return History([], _NONE, _NONE)
    at = np.concatenate(times)
    order = np.argsort(at, kind="stable")
    at = at[order]
    past = [
        Past(read[i].value, read[i].key, read[i].headers, offset, when, read[i].topic)
        for offset, (i, when) in enumerate(zip(order.tolist(), (at // 1000).tolist(), strict=True))
    ]
    return History(past, at, np.concatenate(buckets)[order])


def _times(batch: Batch, n: int, before_us: int) -> Ints:
    """When each of n records occurred; what is no event, when the one before it did. Shape (n,)."""
    at_us = np.full(n, before_us)
    at_us[batch.at] = batch.events["at_us"][batch.at]
    newest = np.full(n, -1)  # by record, the last event up to it
    newest[batch.at] = batch.at
    np.maximum.accumulate(newest, out=newest)
    return np.where(newest < 0, before_us, at_us[newest])


def _buckets(batch: Batch, n: int) -> Ints:
    found = np.zeros(n, np.int64)
    found[batch.at] = buckets_at(batch.data, batch.ids[batch.at])
    return found

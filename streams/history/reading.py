"""Records of files in the order of time: what replay runs through the pipeline, and what `send --speed` paces."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np

from scoring.layout import Ints
from streams.events.batch import read_batch
from streams.events.facts import DecodeRules
from streams.history.sources.source import Record

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

    def until(self, until_us: int | None) -> "History":
        """What occurred up to then, that instant included."""
        if until_us is None:
            return self
        end = int(np.searchsorted(self.at_us, until_us, "right"))
        return History(self.records[:end], self.at_us[:end])

    def part(self, start: int, before_us: int | None) -> "History":
        """From the `start`-th record on, what occurred before an instant; None: all."""
        end = None if before_us is None else int(np.searchsorted(self.at_us, before_us, "left"))
        return History(self.records[start:end], self.at_us[start:end])

    def as_read(self) -> Iterator[Record]:
        """The records as their source gave them."""
        return (Record(past.topic, past.key, past.value or b"", tuple(past.headers)) for past in self.records)

    def batches(self, size: int) -> Iterator[tuple[list[Past], int]]:
        """Records, and the instant up to which they reach."""
        for start in range(0, len(self.records), size):
            records = self.records[start : start + size]
            yield records, int(self.at_us[start + len(records) - 1])


def read_history(
    records: Iterable[Record], rules: DecodeRules, progress: Callable[[int], None] = lambda _n: None
) -> History:
    """Read everything and sort it. A record that is no event has no time: it stays behind the one before it."""
    read: list[Record] = []
    times: list[Ints] = []
    last_us = 0
    remaining = iter(records)
    while part := list(islice(remaining, STEP)):
        at_us = _times(part, rules, last_us)
        last_us = int(at_us[-1])
        read += part
        times.append(at_us)
        progress(len(read))
    at = np.concatenate([*times, np.empty(0, np.int64)])
    order = np.argsort(at, kind="stable")
    at = at[order]
    past = [
        Past(read[i].value, read[i].key, read[i].headers, offset, when, read[i].topic)
        for offset, (i, when) in enumerate(zip(order.tolist(), (at // 1000).tolist(), strict=True))
    ]
    return History(past, at)


def _times(records: Sequence[Record], rules: DecodeRules, before_us: int) -> Ints:
    """When each occurred; what is no event, when the one before it did. Shape (n,)."""
    batch = read_batch([(record.topic, record) for record in records], rules, None)
    at_us = np.full(len(records), before_us)
    at_us[batch.at] = batch.events["at_us"][batch.at]
    newest = np.full(len(records), -1)  # by record, the last event up to it
    newest[batch.at] = batch.at
    np.maximum.accumulate(newest, out=newest)
    return np.where(newest < 0, before_us, at_us[newest])

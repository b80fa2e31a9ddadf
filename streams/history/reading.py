"""Records of files in the order of time: what replay runs through the pipeline, and what `send --speed` paces."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from scoring.layout import Ints
from streams.events.decode import decode
from streams.events.facts import DecodeRules, Fact
from streams.history.sources.source import Record

STEP = 2_000  # records between two calls for progress


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
    times: list[int] = []
    at_us = 0
    for record in records:
        told = decode(record.topic, record.value, record.headers, rules, None)
        if type(told) is Fact:
            at_us = told.at_us
        read.append(record)
        times.append(at_us)
        if len(read) % STEP == 0:
            progress(len(read))
    at = np.array(times, np.int64)
    order = np.argsort(at, kind="stable")
    at = at[order]
    past = [
        Past(read[i].value, read[i].key, read[i].headers, offset, when, read[i].topic)
        for offset, (i, when) in enumerate(zip(order.tolist(), (at // 1000).tolist(), strict=True))
    ]
    return History(past, at)

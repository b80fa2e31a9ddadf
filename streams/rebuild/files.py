"""Files as the past before the log: streamed in their order, because a whole past need not fit into memory."""

from collections.abc import AsyncIterator, Iterable
from itertools import islice

import numpy as np

from streams.events.batch import read_batch
from streams.events.facts import DecodeRules
from streams.history.reading import Past
from streams.history.replay import HISTORY
from streams.history.sources.source import Record
from streams.work import Slice

AT_ONCE = 10_000


async def batches(records: Iterable[Record], rules: DecodeRules) -> AsyncIterator[list[Slice]]:
    """The records, each as if it had come at the latest event time so far: silence never goes beyond what is told."""
    coming, first, latest_us = iter(records), 0, 0
    while some := list(islice(coming, AT_ONCE)):
        read = read_batch([(record.topic, record) for record in some], rules, None)
        at_us = np.full(len(some), latest_us)
        at_us[read.at] = np.maximum(read.events["at_us"][read.at], latest_us)
        came_us = np.maximum.accumulate(at_us)
        past = [
            Past(value, key, headers, offset, came_ms, topic)
            for offset, ((topic, key, value, headers), came_ms) in enumerate(
                zip(some, (came_us // 1000).tolist(), strict=True), first
            )
        ]
        yield [Slice(HISTORY, past)]
        first, latest_us = first + len(some), int(came_us[-1])

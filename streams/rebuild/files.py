"""Files as the past before the log: streamed in their order, because a whole past need not fit into memory."""

from collections.abc import AsyncIterator, Iterable
from itertools import islice

from streams.events.decode import decode
from streams.events.facts import DecodeRules, Fact
from streams.history.reading import Past
from streams.history.replay import HISTORY
from streams.history.sources.source import Record
from streams.work import Slice

AT_ONCE = 10_000


async def batches(records: Iterable[Record], rules: DecodeRules) -> AsyncIterator[list[Slice]]:
    """The records, each as if it had come at the latest event time so far: silence never goes beyond what is told."""
    coming, offset, at_us = iter(records), 0, 0
    while some := list(islice(coming, AT_ONCE)):
        batch = []
        for topic, key, value, headers in some:
            told = decode(topic, value, headers, rules, None)
            at_us = max(at_us, told.at_us) if isinstance(told, Fact) else at_us
            batch.append(Past(value, key, headers, offset, at_us // 1000, topic))
            offset += 1
        yield [Slice(HISTORY, batch)]

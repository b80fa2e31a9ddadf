"""The records of a batch -> events as the kernel reads them, and what the others are.

Most records are plain orders: compiled code reads them all at once (streams/events/plain). Every other one is decoded by itself,
which gives the same for a plain one, only slower.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from scoring.layout import EVENT, Bytes, Ints, Records
from streams.events.columns import columns
from streams.events.decode import Told, decode
from streams.events.facts import DecodeRules, Fact
from streams.events.plain.batch import read_plain


class Source(Protocol):
    """What is read of a record."""

    @property
    def value(self) -> bytes | None:
        """An event's JSON."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """Those of CloudEvents say what the value is."""


class Caused(NamedTuple):
    """The event that caused something."""

    kind: int
    id: str  # the sender's


class Batch(NamedTuple):
    """What the records turned out to be; `at` and what `events` holds come in the order of the log."""

    at: Ints  # which records are events
    events: Records  # EVENT of each record that is one, customer and now_us 0; nothing of the others
    raw: bytes  # holds the ids
    ids: Ints  # shape (records, 4): where the customer's id starts and ends, then the event's; those of plain orders only
    told: Mapping[int, Told]  # records that were decoded one by one

    @property
    def data(self) -> Bytes:
        """`raw`, for compiled code."""
        return np.frombuffer(self.raw, np.uint8)

    def customer_id(self, record: int) -> bytes:
        """Whom an event is about."""
        start, end = self.ids[record, :2].tolist()
        return self.raw[start:end]

    def caused(self, records: Ints) -> list[Caused]:
        """What to say of events that something came of."""
        kinds, spans = self.events["kind"][records].tolist(), self.ids[records, 2:].tolist()
        return [
            Caused(kind, told.id if isinstance(told := self.told.get(record), Fact) else self.raw[start:end].decode())
            for record, kind, (start, end) in zip(records.tolist(), kinds, spans, strict=True)
        ]

    def type_of(self, record: int) -> str | None:
        """The type of an event that was decoded by itself, as every interaction is."""
        told = self.told.get(record)
        return told.type if isinstance(told, Fact) else None


NO_RECORDS = Batch(np.empty(0, np.int64), np.empty(0, EVENT), b"", np.empty((0, 4), np.int64), {})


def read_batch(sources: Sequence[tuple[str, Source]], rules: DecodeRules, wall_us: int | None) -> Batch:
    """Read each (topic, record). wall_us: now in live time, for events from the future; None in a replay."""
    read = read_plain([None if record.headers else record.value for _, record in sources], rules, wall_us)
    told = {}
    for i in np.flatnonzero(~read.plain).tolist():
        topic, record = sources[i]
        told[i] = decode(topic, record.value, record.headers, rules, wall_us)
    facts = {i: fact for i, fact in told.items() if isinstance(fact, Fact)}
    raw = read.raw
    if facts:
        at = np.fromiter(facts, np.int64, len(facts))
        read.events[at] = columns(list(facts.values()))
        ends = len(raw) + np.cumsum([len(fact.customer_id) for fact in facts.values()])
        read.ids[at, 1] = ends
        read.ids[at[1:], 0], read.ids[at[0], 0] = ends[:-1], len(raw)
        raw += b"".join(fact.customer_id for fact in facts.values())
        read.plain[at] = True
    return Batch(np.flatnonzero(read.plain), read.events, raw, read.ids, told)

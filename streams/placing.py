"""Which bucket a record belongs to, whether that bucket already has it, and who its customer is in the batch.

A record that is no event, or that belongs to another partition, counts in the bucket with its partition's number:
that bucket lies in the partition, whatever the partition count.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from scoring.grouping import buckets_at, differing, group
from scoring.hashing import flat
from scoring.layout import EVENT, Ints, Kind
from scoring.layout import Records as Packed
from streams.events.batch import Batch, Caused
from streams.events.refusals import Refusal
from streams.ownership import Partition
from streams.taking import Brought
from streams.versions import Versioned
from streams.work import Dead, Drawn, Forward, Record, Slice, Sweep, Ticks

Mask: TypeAlias = npt.NDArray[np.bool_]
Origin: TypeAlias = tuple[str, Record]  # topic and record


class Placed(NamedTuple):
    """What a batch asks of the buckets; `events`, `buckets` and `records` have one element an event."""

    customers: list[bytes]  # each once, those of a bucket together
    homes: Ints  # bucket of each customer
    groups: list[tuple[int, int, int]]  # bucket, then first and last + 1 of its customers
    events: Packed
    buckets: Ints
    records: Ints  # which record of the batch each event is; none for ticks
    origins: Sequence[Origin] = ()  # every record of the batch
    batch: Batch | None = None  # what they turned out to be
    dead: Sequence[Dead] = ()
    forwards: Sequence[Forward] = ()
    counts: Mapping[int, Counter[str]] = MappingProxyType({})  # by bucket: what is known before the kernel ran
    read: Mapping[str, int] = MappingProxyType({})  # topic -> next offset after the batch
    read_us: Mapping[str, int] = MappingProxyType({})  # topic -> the broker's time of its newest record
    idle: Sequence[int] = ()  # buckets to commit although nothing came for them
    versions: Sequence[Brought] = ()  # of model and boundaries
    swept: Mapping[int, int] = MappingProxyType({})  # bucket -> number of the version under which all were looked at

    def caused(self, events: Ints) -> list[Caused]:
        """What to say of events that something came of."""
        return self.batch.caused(self.records[events]) if self.batch else []

    def type_of(self, event: int) -> str | None:
        """Of an interaction."""
        return self.batch.type_of(int(self.records[event])) if self.batch else None

    def dead_of(self, owned: Partition, events: Sequence[int], refusal: Refusal) -> list[Dead]:
        """These events refused after all; ticks are nobody's record."""
        records = self.records[events].tolist() if self.batch else []
        origins = [self.origins[record] for record in records]
        return [Dead(topic, record, owned.number, refusal) for topic, record in origins]


_NO_ONE = np.empty(0, np.int64)
_NOTHING = Placed([], _NO_ONE, [], np.empty(0, EVENT), _NO_ONE, _NO_ONE)


def place(owned: Partition, slices: Sequence[Slice], origins: Sequence[Origin], batch: Batch) -> Placed:
    """Place what the records of all slices, one after another (`origins`), turned out to be."""
    starts = np.stack([owned.starts(topic) for topic, _ in slices])
    topic_of = np.repeat(np.arange(len(slices)), [len(records) for _, records in slices])
    offsets = np.fromiter((record.offset for _, record in origins), np.int64, len(origins))
    counts: dict[int, Counter[str]] = {}
    dead = _refused(owned, origins, batch, offsets >= starts[topic_of, owned.number], counts)

    at, data = batch.at, batch.data
    bucket = buckets_at(data, batch.ids[at])
    home = bucket % owned.partitions == owned.number
    fresh = offsets[at] >= starts[topic_of[at], np.where(home, bucket, owned.number)]
    forwards = _misrouted(owned, origins, batch, bucket, home, fresh, counts)

    mine = home & fresh
    at, buckets = at[mine], bucket[mine]
    grouped = group(data, batch.ids[at], buckets)
    events = batch.events[at]
    events["customer"] = grouped.customer
    customers = [batch.raw[start:end] for start, end in batch.ids[at[grouped.first], :2].tolist()]
    return Placed(
        customers,
        grouped.bucket,
        _groups(grouped.ends),
        events,
        buckets,
        at,
        origins,
        batch,
        dead,
        forwards,
        counts,
        read={topic: records[-1].offset + 1 for topic, records in slices if records},
        read_us={topic: records[-1].timestamp * 1000 for topic, records in slices if records},
        versions=_brought(origins, batch),
    )


def place_ticks(ticks: Ticks) -> Placed:
    """An event for each deadline that lets silence act, and nothing else."""
    return _ticked({due.customer_id: due.bucket for due in ticks.dues}, ticks.until_us)


def place_sweep(sweep: Sweep) -> Placed:
    """The same for customers without a deadline."""
    index = {customer_id: bucket for bucket, customer_id in sweep.customers}
    return _ticked(index, sweep.until_us)._replace(swept=sweep.swept)


def _ticked(index: Mapping[bytes, int], until_us: int) -> Placed:
    raw, ends = flat(list(index))
    ids = (
        np.stack((np.concatenate((np.zeros(1, np.int64), ends[:-1])), ends), axis=1)
        if index
        else np.zeros((0, 2), np.int64)
    )
    buckets = np.fromiter(index.values(), np.int64, len(index))
    grouped = group(raw, ids, buckets)
    events = np.zeros(len(index), EVENT)
    events["kind"] = Kind.TICK
    events["now_us"] = events["at_us"] = until_us
    events["customer"] = grouped.customer
    who = list(index)
    customers = [who[i] for i in grouped.first.tolist()]
    return Placed(customers, grouped.bucket, _groups(grouped.ends), events, buckets, _NO_ONE)


def place_idle(owned: Partition) -> Placed:
    """No event at all: buckets that lag behind what was read."""
    return _NOTHING._replace(idle=owned.idle())


def place_drawn(drawn: Drawn) -> Placed:
    """A version and nothing else."""
    return _NOTHING._replace(versions=[Brought(drawn.version)])


def _refused(
    owned: Partition, origins: Sequence[Origin], batch: Batch, fresh: Mask, counts: dict[int, Counter[str]]
) -> list[Dead]:
    dead = [
        Dead(*origins[i], owned.number, told)
        for i, told in batch.told.items()
        if isinstance(told, Refusal) and fresh[i]
    ]
    if dead:
        tally = counts.setdefault(owned.number, Counter())
        tally.update(f"dead.{d.refusal.reason}" for d in dead)
        tally["consumed"] += len(dead)
    return dead


def _brought(origins: Sequence[Origin], batch: Batch) -> list[Brought]:
    return [
        Brought(told, (origins[i][0], origins[i][1].offset))
        for i, told in batch.told.items()
        if isinstance(told, Versioned)
    ]


def _misrouted(
    owned: Partition,
    origins: Sequence[Origin],
    batch: Batch,
    buckets: Ints,
    home: Mask,
    fresh: Mask,
    counts: dict[int, Counter[str]],
) -> list[Forward]:
    """Count records whose key is not their customer; those of another partition are sent on, whatever their key."""
    forwards = []
    keys = [origins[i][1].key or b"" for i in batch.at.tolist()]
    odd = differing(batch.data, batch.ids[batch.at], *flat(keys))
    for i in np.flatnonzero((odd | ~home) & fresh).tolist():
        if home[i]:
            counts.setdefault(int(buckets[i]), Counter())["misrouted"] += 1
        else:
            record = int(batch.at[i])
            counts.setdefault(owned.number, Counter()).update(("misrouted", "forwarded"))
            to = int(buckets[i]) % owned.partitions
            forwards.append(Forward(*origins[record], to, batch.customer_id(record)))
    return forwards


def _groups(ends: Ints) -> list[tuple[int, int, int]]:
    """Bucket, first and last + 1 of its customers, of those that have any."""
    bounds = [0, *ends.tolist()]
    return [(b, start, end) for b, (start, end) in enumerate(pairwise(bounds)) if start < end]

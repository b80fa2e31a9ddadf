"""Which bucket a record belongs to, whether that bucket already has it, and who its customer is in the batch.

A record that is no event, or that belongs to another partition, counts in the bucket with its partition's number:
that bucket lies in the partition, whatever the partition count.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from scoring.hashing import buckets as buckets_of_ids
from scoring.layout import EVENT, Ints, Kind
from scoring.layout import Records as Packed
from streams.events.columns import columns
from streams.events.decode import Told
from streams.events.facts import Fact
from streams.events.refusals import Refusal
from streams.ownership import Partition
from streams.taking import Brought
from streams.versions import Versioned
from streams.work import Dead, Drawn, Forward, Record, Slice, Sweep, Ticks

Mask: TypeAlias = npt.NDArray[np.bool_]
Grouped: TypeAlias = tuple[list[bytes], Ints, list[tuple[int, int, int]]]  # customers, homes, groups
T = TypeVar("T")


class Placed(NamedTuple):
    """What a batch asks of the buckets; `events`, `buckets`, `facts` and `sources` have one element an event."""

    customers: list[bytes]  # each once, those of a bucket together
    homes: Ints  # bucket of each customer
    groups: list[tuple[int, int, int]]  # bucket, then first and last + 1 of its customers
    events: Packed
    buckets: Ints
    facts: Sequence[Fact] = ()  # none for ticks
    sources: Sequence[tuple[str, Record]] = ()  # none for ticks
    dead: Sequence[Dead] = ()
    forwards: Sequence[Forward] = ()
    counts: Mapping[int, Counter[str]] = MappingProxyType({})  # by bucket: what is known before the kernel ran
    read: Mapping[str, int] = MappingProxyType({})  # topic -> next offset after the batch
    read_us: Mapping[str, int] = MappingProxyType({})  # topic -> the broker's time of its newest record
    idle: Sequence[int] = ()  # buckets to commit although nothing came for them
    versions: Sequence[Brought] = ()  # of model and boundaries
    swept: Mapping[int, int] = MappingProxyType({})  # bucket -> number of the version under which all were looked at


_NO_ONE = np.empty(0, np.int64)
_NOTHING = Placed([], _NO_ONE, [], np.empty(0, EVENT), _NO_ONE)


def place(owned: Partition, slices: Sequence[Slice], told: Sequence[Told]) -> Placed:
    """Place what the records of all slices, one after another, turned out to be."""
    sources = [(topic, record) for topic, records in slices for record in records]
    starts = np.stack([owned.starts(topic) for topic, _ in slices])
    topic_of = np.repeat(np.arange(len(slices)), [len(records) for _, records in slices])
    offsets = np.fromiter((record.offset for _, record in sources), np.int64, len(sources))
    counts: dict[int, Counter[str]] = {}
    dead = _refused(owned, sources, told, offsets >= starts[topic_of, owned.number], counts)

    versions = [
        Brought(t, (topic, record.offset))
        for (topic, record), t in zip(sources, told, strict=True)
        if isinstance(t, Versioned)
    ]
    facts = [t for t in told if isinstance(t, Fact)]
    if len(facts) < len(told):
        are = np.fromiter((isinstance(t, Fact) for t in told), np.bool_, len(told))
        sources, topic_of, offsets = _only(sources, are), topic_of[are], offsets[are]
    distinct, customer, bucket_of = _customers(facts)
    bucket = bucket_of[customer]
    home = bucket % owned.partitions == owned.number
    fresh = offsets >= starts[topic_of, np.where(home, bucket, owned.number)]
    forwards = _misrouted(owned, sources, facts, bucket, fresh, counts)

    mine = home & fresh
    if not mine.all():
        facts, sources = _only(facts, mine), _only(sources, mine)
        distinct, customer, bucket_of = _customers(facts)
    grouped, customer = _grouped(distinct, customer, bucket_of)
    events = columns(facts)
    events["customer"] = customer
    buckets = grouped[1][customer]
    read = {topic: records[-1].offset + 1 for topic, records in slices if records}
    read_us = {topic: records[-1].timestamp * 1000 for topic, records in slices if records}
    return Placed(*grouped, events, buckets, facts, sources, dead, forwards, counts, read, read_us, versions=versions)


def place_ticks(ticks: Ticks) -> Placed:
    """An event for each deadline that lets silence act, and nothing else."""
    return _ticked({due.customer_id: due.bucket for due in ticks.dues}, ticks.until_us)


def place_sweep(sweep: Sweep) -> Placed:
    """The same for customers without a deadline."""
    index = {customer_id: bucket for bucket, customer_id in sweep.customers}
    return _ticked(index, sweep.until_us)._replace(swept=sweep.swept)


def _ticked(index: Mapping[bytes, int], until_us: int) -> Placed:
    grouped, customer = _grouped(list(index), np.arange(len(index)), np.fromiter(index.values(), np.int64, len(index)))
    events = np.zeros(len(index), EVENT)
    events["kind"] = Kind.TICK
    events["now_us"] = events["at_us"] = until_us
    events["customer"] = customer
    return Placed(*grouped, events, grouped[1][customer])


def place_idle(owned: Partition) -> Placed:
    """No event at all: buckets that lag behind what was read."""
    return _NOTHING._replace(idle=owned.idle())


def place_drawn(drawn: Drawn) -> Placed:
    """A version and nothing else."""
    return _NOTHING._replace(versions=[Brought(drawn.version)])


def _refused(
    owned: Partition,
    sources: Sequence[tuple[str, Record]],
    told: Sequence[Told],
    fresh: Mask,
    counts: dict[int, Counter[str]],
) -> list[Dead]:
    dead = [Dead(*sources[i], owned.number, t) for i, t in enumerate(told) if isinstance(t, Refusal) and fresh[i]]
    if dead:
        tally = counts.setdefault(owned.number, Counter())
        tally.update(f"dead.{d.refusal.reason}" for d in dead)
        tally["consumed"] += len(dead)
    return dead


def _misrouted(
    owned: Partition,
    sources: Sequence[tuple[str, Record]],
    facts: Sequence[Fact],
    buckets: Ints,
    fresh: Mask,
    counts: dict[int, Counter[str]],
) -> list[Forward]:
    """Count records whose key is not their customer; those of another partition are sent on, whatever their key."""
    forwards = []
    odd = [i for i, (fact, source) in enumerate(zip(facts, sources, strict=True)) if source[1].key != fact.customer_id]
    away = np.flatnonzero(buckets % owned.partitions != owned.number).tolist()
    for i in sorted({*odd, *away}):
        if not fresh[i]:
            continue
        partition = int(buckets[i]) % owned.partitions
        if partition == owned.number:
            counts.setdefault(int(buckets[i]), Counter())["misrouted"] += 1
        else:
            counts.setdefault(owned.number, Counter()).update(("misrouted", "forwarded"))
            forwards.append(Forward(*sources[i], partition, facts[i].customer_id))
    return forwards


def _customers(facts: Sequence[Fact]) -> tuple[list[bytes], Ints, Ints]:
    """Distinct customers, which of them each event is about, and the bucket of each."""
    index: dict[bytes, int] = {}
    customer = np.fromiter((index.setdefault(fact.customer_id, len(index)) for fact in facts), np.int64, len(facts))
    return list(index), customer, buckets_of_ids(list(index))


def _grouped(distinct: list[bytes], customer: Ints, bucket_of: Ints) -> tuple[Grouped, Ints]:
    """Put the customers of a bucket together; and which of them each event is about now."""
    order = np.argsort(bucket_of, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    homes = bucket_of[order]
    buckets, firsts = np.unique(homes, return_index=True)
    bounds = [*firsts.tolist(), len(order)]
    groups = list(zip(buckets.tolist(), bounds, bounds[1:], strict=False))
    return ([distinct[i] for i in order.tolist()], homes, groups), rank[customer]


def _only(items: Sequence[T], mask: Mask) -> list[T]:
    return [item for item, keep in zip(items, mask.tolist(), strict=True) if keep]

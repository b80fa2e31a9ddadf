"""A rebuilt bucket held against the live one, page by page, and the one commit that makes it fit to take its place."""

from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import nsmallest
from operator import attrgetter
from typing import NamedTuple

from state.store import Commit, Entry, Head, Owned, Store
from streams.clock import wall_us
from streams.config import TIER_CHANGES, ClockKind, Scoring
from streams.events.corrections import tier_corrected
from streams.events.messages import message
from streams.events.text import time_text
from streams.rebuild.comparing import ALL_MET, Compared, Correction, Difference, Numbers, compare
from streams.sweeping import parts
from streams.versions import versions_of

FIRST = 20  # customers who are named in a report, by id
_CORRECTED = "tier_changes.corrected"  # those among them that have no number
# how far a customer's numbers may be beyond what the bucket was told: a rebuild left numbers out
_LEFT_OUT_CHANGES, _LEFT_OUT_ALERTS = "left_out.changes", "left_out.alerts"
_TOLD = ("tier_changes", "silence_changes", "drift_alerts", "drift_withheld", "left_out.")


class Settled(NamedTuple):
    """What differs in a bucket, and what its shadow lacks."""

    bucket: int
    customers: int  # that the log tells of
    counts: Mapping[str, int]  # by kind of difference
    first: list[Difference]  # by id
    consumed: tuple[int, int]  # live, rebuilt
    commit: Commit
    as_rebuilt: list[tuple[bytes, bytes, int]]  # what the commit writes, as it is without it: id, ledger, deadline


class _Found:
    """What comparing page by page brings together."""

    def __init__(self) -> None:
        self.customers = 0
        self.counts: Counter[str] = Counter()
        self.first: list[Difference] = []
        self.raised: list[tuple[bytes, bytes]] = []
        self.kept: list[tuple[bytes, bytes, int]] = []
        self.as_rebuilt: list[tuple[bytes, bytes, int]] = []
        self.corrected: list[Correction] = []
        self.highest = Numbers(0, 0)
        self.met = ALL_MET

    def take(self, found: Compared) -> None:
        """One page more."""
        self.customers += found.customers
        for difference in found.differences:
            self.counts.update(difference.what)
        self.first = nsmallest(FIRST, [*self.first, *found.differences], key=attrgetter("customer_id"))
        self.raised += found.raised
        self.kept += found.kept
        self.as_rebuilt += found.as_rebuilt
        self.corrected += found.corrected
        self.highest = Numbers(*map(max, self.highest, found.highest))
        self.met = min(self.met, found.met)


async def settle(
    store: Store, shadow: Store, rebuilt: Owned, live: Owned, scoring: Scoring, clock: ClockKind
) -> Settled:
    """Look at everybody in both generations; nothing is written. `live`: as it is held for the switch."""
    bucket, found = rebuilt.bucket, _Found()
    unknown = _unknown(live.head, rebuilt.head, clock)
    clock_us = max(rebuilt.head.clock_us, live.head.clock_us)
    async for part in parts(store, [bucket]):
        if part:
            ids = [customer_id for customer_id, _ in part]
            blobs = (await shadow.load({bucket: ids}))[bucket]
            found.take(compare(ids, [blob for _, blob in part], blobs, clock_us, unknown))
    async for part in parts(shadow, [bucket]):
        there = (await store.load({bucket: [customer_id for customer_id, _ in part]}))[bucket]
        missing = [pair for pair, blob in zip(part, there, strict=True) if blob is None]
        if missing:
            ids = [customer_id for customer_id, _ in missing]
            found.take(compare(ids, [None] * len(ids), [blob for _, blob in missing], clock_us, unknown))
    entries = _entries(found.corrected, rebuilt, live.epoch, scoring)
    head = _head(rebuilt.head, live.head, found)
    return Settled(
        bucket=bucket,
        customers=found.customers,
        counts=found.counts,
        first=found.first,
        consumed=(live.head.counters.get("consumed", 0), head.counters.get("consumed", 0)),
        commit=Commit(
            bucket=bucket,
            epoch=rebuilt.epoch,
            head=head,
            states=[*found.raised, *((who, blob) for who, blob, _ in found.kept)],
            deadlines=[(who, due_us) for who, _, due_us in found.kept],
            outbox=entries,
        ),
        as_rebuilt=found.as_rebuilt,
    )


def _unknown(live: Head, rebuilt: Head, clock: ClockKind) -> Numbers:
    """From where the numbers go on of those whose last one nobody can read: no customer was told more than their bucket.

    In the stream's own time a log comes to the same numbers again. So where no more were told than it gives, they are the
    log's, and are given to the same once more when Redis falls back behind this rebuild.
    """
    most, logs = _most(live.counters), _most(rebuilt.counters)
    is_logs = clock == "stream" and logs.changes >= most.changes and logs.alerts >= most.alerts
    return Numbers(0, 0) if is_logs else most


def _most(counters: Mapping[str, int]) -> Numbers:
    """Beyond these, no number of the bucket's customers is."""
    counted = Counter(counters)
    return Numbers(
        counted["tier_changes"] - counted[_CORRECTED] + counted[_LEFT_OUT_CHANGES],
        counted["drift_alerts"] + counted["drift_withheld"] + counted[_LEFT_OUT_ALERTS],
    )


def _head(rebuilt: Head, live: Head, found: _Found) -> Head:
    """One commit further; what was told stays counted as told."""
    counters = {name: count for name, count in rebuilt.counters.items() if not name.startswith(_TOLD)}
    counters |= {name: count for name, count in live.counters.items() if name.startswith(_TOLD)}
    if corrections := len(found.corrected):
        counters |= {name: counters.get(name, 0) + corrections for name in ("tier_changes", _CORRECTED)}
    most = _most(counters)
    beyond = {
        _LEFT_OUT_CHANGES: found.highest.changes - most.changes,
        _LEFT_OUT_ALERTS: found.highest.alerts - most.alerts,
    }
    counters |= {name: counters.get(name, 0) + more for name, more in beyond.items() if more > 0}
    return rebuilt._replace(
        sequence=rebuilt.sequence + 1,
        clock_us=max(rebuilt.clock_us, live.clock_us),
        swept=min(rebuilt.swept, found.met),  # a worker sweeps on for those who stay and have not met it
        counters=counters,
    )


def _entries(corrected: Sequence[Correction], rebuilt: Owned, live_epoch: int, scoring: Scoring) -> list[Entry]:
    versions, sequence = versions_of(rebuilt.head.versions, scoring.first), rebuilt.head.sequence + 1
    entries = []
    for index, (customer_id, was, now) in enumerate(corrected):
        version = versions.named(int(now["terms"]))
        change = tier_corrected(customer_id, was, now, live_epoch, version, scoring, time_text(wall_us()))
        entries.append(Entry(sequence, index, TIER_CHANGES, customer_id, *message(change)))
    return entries

"""A rebuilt bucket held against the live one, page by page, and the one commit that makes it fit to take its place."""

from collections import Counter
from collections.abc import Mapping
from heapq import nsmallest
from typing import NamedTuple

from state.store import Commit, Entry, Head, Owned, Store
from streams.clock import wall_us
from streams.config import TIER_CHANGES, Scoring
from streams.events.corrections import tier_corrected
from streams.events.messages import message
from streams.events.out import TierChanged
from streams.events.text import time_text
from streams.rebuild.comparing import Compared, Correction, Difference, compare
from streams.sweeping import parts
from streams.versions import Versions, versions_of

FIRST = 20  # customers who are named in a report, by id
_TOLD = ("tier_changes", "silence_changes", "drift_alerts", "drift_withheld")


class Settled(NamedTuple):
    """What differs in a bucket, and what its shadow lacks."""

    bucket: int
    customers: int  # that the log tells of
    counts: Mapping[str, int]  # by kind of difference
    first: list[Difference]  # by id
    consumed: tuple[int, int]  # live, rebuilt
    commit: Commit
    as_rebuilt: list[tuple[bytes, bytes]]  # ledgers that the commit writes anew, as they are without it


async def settle(store: Store, shadow: Store, rebuilt: Owned, live: Owned, scoring: Scoring) -> Settled:
    """Look at everybody in both generations; nothing is written. `live`: as it is held for the switch."""
    bucket = rebuilt.bucket
    versions = versions_of(rebuilt.head.versions, scoring.first)
    sequence = rebuilt.head.sequence + 1
    counts: Counter[str] = Counter()
    first: list[Difference] = []
    entries: list[Entry] = []
    states: list[tuple[bytes, bytes]] = []
    as_rebuilt: list[tuple[bytes, bytes]] = []
    kept: list[tuple[bytes, bytes, int]] = []
    customers = 0

    def take(found: Compared) -> None:
        nonlocal first
        for difference in found.differences:
            counts.update(difference.what)
        first = nsmallest(FIRST, [*first, *found.differences], key=lambda difference: difference.customer_id)
        states.extend(found.raised)
        as_rebuilt.extend(found.as_rebuilt)
        kept.extend(found.kept)
        for correction in found.corrected:
            change = _change(correction, live.epoch, versions, scoring)
            entries.append(Entry(sequence, len(entries), TIER_CHANGES, correction.customer_id, *message(change)))

    async for part in parts(store, [bucket]):
        if part:
            ids = [customer_id for customer_id, _ in part]
            blobs = (await shadow.load({bucket: ids}))[bucket]
            take(compare(ids, [blob for _, blob in part], blobs))
    async for part in parts(shadow, [bucket]):
        customers += len(part)
        there = (await store.load({bucket: [customer_id for customer_id, _ in part]}))[bucket]
        missing = [pair for pair, blob in zip(part, there, strict=True) if blob is None]
        if missing:
            take(compare([who for who, _ in missing], [None] * len(missing), [blob for _, blob in missing]))

    head = _head(rebuilt.head, live.head, len(entries))
    return Settled(
        bucket=bucket,
        customers=customers,
        counts=counts,
        first=first,
        consumed=(live.head.counters.get("consumed", 0), head.counters.get("consumed", 0)),
        commit=Commit(
            bucket=bucket,
            epoch=rebuilt.epoch,
            head=head,
            states=[*states, *((who, blob) for who, blob, _ in kept)],
            deadlines=[(who, due_us) for who, _, due_us in kept],
            outbox=entries,
        ),
        as_rebuilt=as_rebuilt,
    )


def _head(rebuilt: Head, live: Head, corrections: int) -> Head:
    """One commit further; what was told stays counted as told."""
    counters = {name: count for name, count in rebuilt.counters.items() if not name.startswith(_TOLD)}
    counters |= {name: count for name, count in live.counters.items() if name.startswith(_TOLD)}
    if corrections:
        counters["tier_changes"] = counters.get("tier_changes", 0) + corrections
    return rebuilt._replace(
        sequence=rebuilt.sequence + 1,
        clock_us=max(rebuilt.clock_us, live.clock_us),
        counters=counters,
    )


def _change(told: Correction, epoch: int, versions: Versions, scoring: Scoring) -> TierChanged:
    version = versions.named(int(told.now["terms"]))
    return tier_corrected(told.customer_id, told.was, told.now, epoch, version, scoring, time_text(wall_us()))

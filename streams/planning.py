"""What each bucket of a batch must write. Pure: what the kernel made of the batch goes in, commits come out."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scoring.layout import BUCKETS, Cause, Kind, Records, Result
from scoring.ledgers import Ran
from state.store import Commit
from streams.config import Scoring
from streams.entries import entries
from streams.events.alerts import KINDS
from streams.events.refusals import Reason, Refusal
from streams.ownership import PARTITIONS, Partition, moved
from streams.placing import Mask, Placed
from streams.taking import Taking
from streams.work import Dead

RESULTS = len(Result)
_TOO_OLD = Refusal(Reason.TIME, "occurred before what the customer's ledger still remembers (EBBTIDE_FOLD_AFTER_DAYS)")


class Scored(NamedTuple):
    """A batch's ledgers after its events; `headers`, `packed` and `due_anew` have one element a customer."""

    headers: Records
    packed: list[bytes]  # as they are to be stored
    due_anew: Mask  # whose deadline the due index must be told
    ran: Ran


def too_old(owned: Partition, placed: Placed, ran: Ran) -> list[Dead]:
    """The events that the kernel refused."""
    return placed.dead_of(owned, np.flatnonzero(ran.results == Result.TOO_OLD).tolist(), _TOO_OLD)


def plan(
    owned: Partition,
    placed: Placed,
    taking: Taking,
    stored: Sequence[bytes | None],
    scored: Scored,
    scoring: Scoring,
) -> list[Commit]:
    """One commit a touched bucket. `stored`: the ledgers as loaded."""
    headers, ran = scored.headers, scored.ran
    packed, customers = scored.packed, placed.customers
    rows = (headers["rows"] > 0).tolist()  # a deadline or a refused event makes no customer of nobody
    anew = [p != s and (r or s is not None) for p, s, r in zip(packed, stored, rows, strict=True)]
    due_us = headers["due_us"].tolist()
    due_anew = scored.due_anew.tolist()
    groups = {bucket: range(first, end) for bucket, first, end in placed.groups}
    counts = _counts(placed, taking, ran)
    clocks = _clocks(placed, anew)
    outbox = entries(owned, placed, ran, taking.versions, scoring)
    read = {**owned.read, **placed.read, PARTITIONS: owned.partitions}

    def commit(bucket: int) -> Commit:
        mine = groups.get(bucket, range(0))
        head = moved(owned.heads[bucket], read, clocks.get(bucket, 0), counts.get(bucket, {}))
        return Commit(
            bucket=bucket,
            epoch=owned.epochs[bucket],
            head=head._replace(
                swept=max(head.swept, placed.swept.get(bucket, 0)), versions=taking.taken.get(bucket, head.versions)
            ),
            states=[(customers[c], packed[c]) for c in mine if anew[c]],
            deadlines=[(customers[c], due_us[c]) for c in mine if due_anew[c]],
            outbox=outbox.get(bucket, []),
            takes=bucket in taking.taken,
        )

    return [commit(bucket) for bucket in sorted({*groups, *counts, *placed.idle, *placed.swept, *taking.idle})]


def _counts(placed: Placed, taking: Taking, ran: Ran) -> dict[int, Counter[str]]:
    """What each bucket's counters grow by: what placing counted, and what the kernel made of the events."""
    counts = {bucket: Counter(counted) for bucket, counted in placed.counts.items()}
    for bucket, counted in taking.counts.items():
        counts.setdefault(bucket, Counter()).update(counted)
    table = np.bincount(placed.buckets * RESULTS + ran.results, minlength=BUCKETS * RESULTS).reshape(BUCKETS, RESULTS)
    homes = placed.homes[ran.changes["customer"]]
    changes = np.bincount(homes, minlength=BUCKETS)
    silences = np.bincount(homes[ran.changes["event"] == Cause.SILENCE], minlength=BUCKETS)
    folded = np.bincount(placed.homes, ran.folded, BUCKETS)
    orphans = np.bincount(placed.homes, ran.orphans, BUCKETS)
    for bucket, _, _ in placed.groups:
        applied, duplicate, conflict, old, _ = table[bucket].tolist()
        counts.setdefault(bucket, Counter()).update(
            {
                "consumed": applied + duplicate + conflict + old,
                "applied": applied,
                "duplicate": duplicate + conflict,
                "conflict": conflict,
                f"dead.{Reason.TIME}": old,
                "tier_changes": int(changes[bucket]),
                "silence_changes": int(silences[bucket]),
                "folded": int(folded[bucket]),
                "folded_orphans": int(orphans[bucket]),
            }
        )
    for bucket, kind in zip(placed.homes[ran.alerts["customer"]].tolist(), ran.alerts["alert"].tolist(), strict=True):
        counts[bucket].update(("drift_alerts", f"drift_alerts.{KINDS[kind]}"))
    interactions = (placed.events["kind"] >= Kind.CONTACT) & (ran.results == Result.APPLIED)
    for i in np.flatnonzero(interactions).tolist():
        counts[int(placed.buckets[i])][f"applied.{placed.type_of(i)}"] += 1
    return counts


def _clocks(placed: Placed, anew: Sequence[bool]) -> dict[int, int]:
    """How far each bucket's clock got; `anew`: whose ledger is another now.

    Where silence let nothing happen it did not move: which deadlines come early depends on where batches end.
    """
    now_us = placed.events["now_us"]
    if placed.batch is None:
        now_us = np.where(np.array(anew, np.bool_)[placed.events["customer"]], now_us, 0)
    latest = np.zeros(BUCKETS, np.int64)
    np.maximum.at(latest, placed.buckets, now_us)
    return {bucket: int(latest[bucket]) for bucket, _, _ in placed.groups}

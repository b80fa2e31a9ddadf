"""Live ledgers held against rebuilt ones: what differs, and what the rebuilt ones need before they take their place. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scoring.errors import LedgerCorruptError
from scoring.layout import NEVER_US, Ints, Record, Records, Tier
from scoring.ledgers import Ledgers, open_ledgers, pack_ledgers
from streams.placing import Mask

FACTS = (
    "rows",
    "orders",
    "purchase_days",
    "held",
    "credits",
    "cost",
    "marketing",
    "first_us",
    "last_us",
    "interactions",
    "refunds",
    "costless",
    "folded_rows",
)
DIFFERENCES = ("facts", "tier", "damaged", "missing", "extra")  # in a report
ALL_MET = np.iinfo(np.int64).max  # more than any number of terms
NOBODY = pack_ledgers(open_ledgers([None], np.zeros(1, np.int64)))[0]  # a ledger without a row is as good as none


class Numbers(NamedTuple):
    """Of a customer's changes and alerts; of many customers, the largest."""

    changes: int
    alerts: int


class Difference(NamedTuple):
    """A customer who is not the same."""

    customer_id: bytes
    what: tuple[str, ...]  # of DIFFERENCES
    before: Record | None  # header; None: damaged or missing
    after: Record | None  # None: the log tells nothing of this customer


class Correction(NamedTuple):
    """A tier to be told."""

    customer_id: bytes
    was: Record | None  # None: what was told last is not known
    now: Record


class Compared(NamedTuple):
    """Some customers of a bucket."""

    differences: list[Difference]
    customers: int  # of whom the log tells
    raised: list[tuple[bytes, bytes]]  # rebuilt ledgers that have to be another: id, ledger
    kept: list[tuple[bytes, bytes, int]]  # live ledgers that stay: id, ledger, deadline
    as_rebuilt: list[tuple[bytes, bytes, int]]  # what both are without that: NOBODY where there is none
    corrected: list[Correction]
    highest: Numbers  # afterwards
    met: int  # number of the terms that all have met who stay to be swept; ALL_MET where nobody does


def compare(
    ids: Sequence[bytes],
    live: Sequence[bytes | None],
    rebuilt: Sequence[bytes | None],
    clock_us: int,
    unknown: Numbers,
) -> Compared:
    """Of each customer the live and the rebuilt ledger; None: there is none. `clock_us`: as far as the rebuilt bucket is.

    A number of a change or an alert is never given twice: the rebuilt ledger goes on from the larger, and from no less than
    `unknown` where no live ledger says which was the last. One with other facts does not say it either: it may have begun
    anew. A tier that differs, or that was told by a ledger that nobody can read any more, is told beside these numbers:
    they are the log's, and a life that reads it again gives them to what the log says.

    Where a deadline came due that no worker has met yet, or a sweep had not come yet, the rebuilt ledger is past it, and nobody
    was told. Such a ledger stays as it is, so that whoever takes the bucket back lets silence act, sweeps, and tells of it.
    """
    before, damaged = _opened(live)
    after, _ = _opened(rebuilt)
    old, new = before.headers, after.headers
    there = np.array([blob is not None for blob in live], np.bool_)
    told = (new["rows"] > 0) | (new["folded_rows"] > 0)
    missing, extra = told & ~there, there & ~told
    both = there & told & ~damaged
    facts = both & np.logical_or.reduce([old[name] != new[name] for name in FACTS])
    waits = both & ~facts & _has_more_to_tell(old, new, clock_us)
    both &= ~waits
    tier = both & (old["tier"] != new["tier"])
    corrected = tier | ((missing | damaged) & told & (new["tier"] != Tier.NONE))
    unread, kept = told & (missing | damaged | facts), extra | waits
    sequence = np.maximum.reduce([np.where(kept, 0, new["sequence"]), old["sequence"], unread * unknown.changes])
    alerts = np.maximum.reduce([np.where(kept, 0, new["alerts"]), old["alerts"], unread * unknown.alerts])
    raised = told & ~kept & ((sequence != new["sequence"]) | (alerts != new["alerts"]))
    new["sequence"], new["alerts"] = sequence, alerts
    packed = pack_ledgers(after) if raised.any() else []

    table = np.stack([facts, tier, damaged, missing, extra], axis=1)

    def known(i: int) -> Record | None:
        return old[i] if there[i] and not damaged[i] else None

    def difference(i: int) -> Difference:
        what = tuple(name for name, differs in zip(DIFFERENCES, table[i].tolist(), strict=True) if differs)
        return Difference(ids[i], what, known(i), new[i] if told[i] else None)

    return Compared(
        differences=[difference(i) for i in _where(np.logical_or.reduce(table, axis=1))],
        customers=int(told.sum()),
        raised=[(ids[i], packed[i]) for i in _where(raised)],
        kept=[(ids[i], live[i] or b"", int(old["due_us"][i])) for i in _where(kept)],
        as_rebuilt=[
            (ids[i], rebuilt[i] or NOBODY, int(new["due_us"][i]) if told[i] else NEVER_US)
            for i in _where(raised | kept)
        ],
        corrected=[Correction(ids[i], known(i), new[i]) for i in _where(corrected)],
        highest=Numbers(int(sequence.max(initial=0)), int(alerts.max(initial=0))),
        met=int(old["terms"][(extra | waits & _unswept(old, new)) & (old["tier"] != Tier.NONE)].min(initial=ALL_MET)),
    )


def _has_more_to_tell(old: Records, new: Records, clock_us: int) -> Mask:
    """Whose rebuilt ledger is past a deadline or a sweep that the live one has not met."""
    overdue = (old["terms"] == new["terms"]) & (old["due_us"] <= clock_us) & (old["due_us"] < new["due_us"])
    found: Mask = overdue | _unswept(old, new)
    return found


def _unswept(old: Records, new: Records) -> Mask:
    found: Mask = (old["terms"] < new["terms"]) & (old["tier"] != Tier.NONE)  # who has no tier is never swept
    return found


def _where(mask: Mask) -> list[int]:
    found: list[int] = np.flatnonzero(mask).tolist()
    return found


def _opened(blobs: Sequence[bytes | None]) -> tuple[Ledgers, Mask]:
    """The ledgers, the damaged ones as if there were none; and which those are."""
    nothing_more: Ints = np.zeros(len(blobs), np.int64)
    damaged = np.zeros(len(blobs), np.bool_)
    try:
        return open_ledgers(blobs, nothing_more), damaged
    except LedgerCorruptError as error:
        damaged[list(error.indices)] = True
        readable = [None if spoilt else blob for blob, spoilt in zip(blobs, damaged.tolist(), strict=True)]
        return open_ledgers(readable, nothing_more), damaged

"""Live ledgers held against rebuilt ones: what differs, and what the rebuilt ones need before they take their place. Pure."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from scoring.errors import LedgerCorruptError
from scoring.layout import Ints, Record, Tier
from scoring.ledgers import Ledgers, open_ledgers, pack_ledgers

Mask: TypeAlias = npt.NDArray[np.bool_]
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
    raised: list[tuple[bytes, bytes]]  # rebuilt ledgers that have to be another: id, ledger
    as_rebuilt: list[tuple[bytes, bytes]]  # the same before
    corrected: list[Correction]
    kept: list[tuple[bytes, bytes, int]]  # live ledgers that stay: id, ledger, deadline


def compare(
    ids: Sequence[bytes], live: Sequence[bytes | None], rebuilt: Sequence[bytes | None], clock_us: int
) -> Compared:
    """Of each customer the live and the rebuilt ledger; None: there is none. `clock_us`: as far as the rebuilt bucket is.

    A number of a change or an alert is never given twice: the rebuilt ledger goes on from the larger. A tier that differs,
    or that was told by a ledger that nobody can read any more, is told beside these numbers: they are the log's, and a life
    that reads it again gives them to what the log says.

    Where a deadline came due that no worker has met yet, the rebuilt ledger is past it, and nobody was told. Such a ledger stays
    as it is, so that whoever takes the bucket back lets silence act and tells of it.
    """
    before, damaged = _opened(live)
    after, _ = _opened(rebuilt)
    old, new = before.headers, after.headers
    missing = np.array([blob is None for blob in live], np.bool_)
    extra = np.array([blob is None for blob in rebuilt], np.bool_)
    both = ~(missing | extra | damaged)
    waits = both & (old["due_us"] <= clock_us) & (old["due_us"] < new["due_us"]) & (old["terms"] == new["terms"])
    waits &= ~np.logical_or.reduce([old[name] != new[name] for name in FACTS])
    both &= ~waits
    facts = both & np.logical_or.reduce([old[name] != new[name] for name in FACTS])
    tier = both & (old["tier"] != new["tier"])
    corrected = tier | ((missing | damaged) & ~extra & (new["tier"] != Tier.NONE))
    sequence = np.maximum(new["sequence"], old["sequence"])
    alerts = np.maximum(new["alerts"], old["alerts"])
    raised = ~(extra | waits) & ((sequence != new["sequence"]) | (alerts != new["alerts"]))
    new["sequence"], new["alerts"] = sequence, alerts
    packed = pack_ledgers(after) if raised.any() else []

    table = np.stack([facts, tier, damaged, missing, extra], axis=1)

    def known(i: int) -> Record | None:
        return None if missing[i] or damaged[i] else old[i]

    def difference(i: int) -> Difference:
        what = tuple(name for name, differs in zip(DIFFERENCES, table[i].tolist(), strict=True) if differs)
        return Difference(ids[i], what, known(i), None if extra[i] else new[i])

    return Compared(
        differences=[difference(i) for i in _where(np.logical_or.reduce(table, axis=1))],
        raised=[(ids[i], packed[i]) for i in _where(raised)],
        as_rebuilt=[(ids[i], rebuilt[i] or b"") for i in _where(raised)],
        corrected=[Correction(ids[i], known(i), new[i]) for i in _where(corrected)],
        kept=[(ids[i], live[i] or b"", int(old["due_us"][i])) for i in _where(extra & ~missing | waits)],
    )


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

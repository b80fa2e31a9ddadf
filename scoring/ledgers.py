"""A batch of ledgers as the rest of the program sees it: open what was stored, run events through it, pack it again."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scoring.by_address import terms_by_address
from scoring.checksum import CHECK_BYTES, intact
from scoring.codec import HEADER_ROOM, ROW_ROOM, SCORES, pack_one, stored_rows, unpack_header, unpack_one
from scoring.compiled import compiled
from scoring.drift import Told
from scoring.errors import LedgerCorruptError, LedgerNewerError
from scoring.hashing import flat
from scoring.kernel import ALERTS_AN_EVENT, CHANGES_AN_EVENT, run_kernel
from scoring.layout import ALERT, CHANGE, HEADER, INPUTS, LAYOUT, NEVER_US, ROW, Bytes, Floats, Ints, Record, Records
from scoring.terms import Limits, Terms


class Ledgers(NamedTuple):
    """A batch of customers in one flat buffer: ledger c has headers[c] and the room rows[starts[c]:starts[c + 1]]."""

    headers: Records
    rows: Records
    starts: Ints


class Ran(NamedTuple):
    """What a run gave: a Result an event, CHANGE and ALERT records in the order of their events, and what was folded."""

    results: Bytes
    changes: Records
    alerts: Records
    folded: Ints  # shape (customers,): rows let go
    orphans: Ints  # of them, refunds and cancellations whose order never came


@compiled
def _unpack_all(
    data: Bytes, ends: Ints, scores: Floats, headers: Records, rows: Records, starts: Ints, damaged: Bytes
) -> None:
    start = 0
    for c in range(len(ends)):
        headers[c].customer = c
        headers[c].due_us = NEVER_US
        headers[c].oldest_us = NEVER_US
        if ends[c] > start:
            room = rows[starts[c] : starts[c + 1]]
            damaged[c] = unpack_one(data, start, ends[c], scores, headers[c], room) < 0
        start = ends[c]


@compiled
def _pack_all(headers: Records, rows: Records, starts: Ints, scores: Floats, out: Bytes, ends: Ints) -> None:
    at = 0
    for c in range(len(headers)):
        at = pack_one(headers[c], rows[starts[c] : starts[c + 1]], scores, out, at)
        ends[c] = at


def open_ledgers(blobs: Sequence[bytes | None], extra: Ints) -> Ledgers:
    """Unpack stored ledgers (None: a new customer); extra[c], shape (n,), is how many events will come for customer c.

    Raises LedgerNewerError where one is of a later layout; else LedgerCorruptError, with the indices, where bytes are none.
    """
    data, ends = flat([blob or b"" for blob in blobs])
    counts = np.empty(len(ends), np.int64)
    stored_rows(data, ends, counts)
    starts = np.zeros(len(ends) + 1, np.int64)
    np.cumsum(counts + extra, out=starts[1:])
    headers = np.zeros(len(ends), HEADER)
    rows = np.empty(starts[-1], ROW)
    damaged = np.zeros(len(ends), np.uint8)
    _unpack_all(data, ends, np.empty(SCORES), headers, rows, starts, damaged)
    if damaged.any():
        raise _refused(blobs, np.flatnonzero(damaged).tolist())
    return Ledgers(headers, rows, starts)


def _refused(blobs: Sequence[bytes | None], damaged: Sequence[int]) -> LedgerCorruptError | LedgerNewerError:
    """What to say of bytes that could not be read."""
    read = [blob for blob in (blobs[i] for i in damaged) if blob]
    later = [blob[0] for blob in read if blob[0] > LAYOUT and intact(np.frombuffer(blob, np.uint8), 0, len(blob))]
    return LedgerNewerError(max(later)) if later else LedgerCorruptError(damaged)


def run(ledgers: Ledgers, events: Records, old: Terms, new: Terms, limits: Limits) -> Ran:
    """Run EVENT records, in the order of the log, through their ledgers, which change in place.

    `new` terms are in force from new.from_us on, `old` ones before; the same twice where there is but one version.
    """
    results = np.empty(len(events), np.uint8)
    told = Told(
        np.empty(len(events) * CHANGES_AN_EVENT, CHANGE),
        np.empty(len(events) * ALERTS_AN_EVENT, ALERT),
        np.zeros(2, np.int64),
    )
    headers = ledgers.headers
    folded, orphans = headers["folded_rows"].copy(), headers["folded_orphans"].copy()
    scratch = np.zeros(3, INPUTS)
    old, new = terms_by_address(old), terms_by_address(new)
    run_kernel(events, headers, ledgers.rows, ledgers.starts, old, new, limits, scratch, results, told)
    return Ran(
        results,
        told.changes[: told.counts[0]],
        told.alerts[: told.counts[1]],
        headers["folded_rows"] - folded,
        headers["folded_orphans"] - orphans,
    )


def pack_ledgers(ledgers: Ledgers) -> list[bytes]:
    """Every ledger of the batch as it is to be stored."""
    n = len(ledgers.headers)
    ends = np.empty(n, np.int64)
    out = np.empty(n * HEADER_ROOM + int(ledgers.headers["rows"].sum()) * ROW_ROOM, np.uint8)
    _pack_all(ledgers.headers, ledgers.rows, ledgers.starts, np.empty(SCORES), out, ends)
    data = out[: ends[-1] if n else 0].tobytes()
    bounds = [0, *ends.tolist()]
    return [data[bounds[c] : bounds[c + 1]] for c in range(n)]


def open_one(blob: bytes) -> tuple[Record, Records]:
    """Header and rows of one stored ledger. Raises as open_ledgers does."""
    ledgers = open_ledgers([blob], np.zeros(1, np.int64))
    return ledgers.headers[0], ledgers.rows


def peek(blob: bytes) -> Record:
    """The header of one stored ledger, without its rows. Raises as open_ledgers does."""
    headers = np.zeros(1, HEADER)
    data = np.frombuffer(blob, np.uint8)
    end = len(data) - CHECK_BYTES
    if not intact(data, 0, len(data)) or unpack_header(data, 0, end, np.empty(SCORES), headers[0]) < 0:
        raise _refused([blob], [0])
    return headers[0]

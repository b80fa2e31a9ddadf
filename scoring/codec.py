"""A ledger as it is stored: a byte that names its layout, the header, then the rows, in variable-length integers, then a checksum.

In the kernel a row takes 48 bytes and is addressed; at rest it takes about 20, which is most of what Redis holds for a customer.
Numbers are LEB128 (7 bits a byte), signed ones zigzagged first; times in whole seconds drop their microseconds.

Written is LAYOUT, read is every layout from OLDEST on. Whatever comes: the first byte names it, and the checksum ends it, so
that a release tells a newer layout from damage. Layout 1 knew no versions, no drift and no discounts: what it lacks is 0, as
it is of a customer who was never looked at under any version.
"""

import numpy as np

from scoring.checksum import CHECK_BYTES, checksum, intact
from scoring.compiled import compiled
from scoring.layout import (
    ARREARS,
    COST_NAMED,
    LAYOUT,
    NEVER_US,
    Bytes,
    Floats,
    Ints,
    Kind,
    Level,
    Record,
    Records,
    Tier,
)
from scoring.leb128 import (
    BAD,
    read_hash,
    read_int,
    read_time,
    read_uint,
    write_hash,
    write_int,
    write_time,
    write_uint,
)

OLDEST = 1
SCORES = 3  # floats of a header that are stored as they are: value, P(alive), peak
HEADER_ROOM = 320  # bytes that no packed header exceeds
ROW_ROOM = 64  # nor a packed row

_PLACED = int(Kind.PLACED)
_CANCELLED = int(Kind.CANCELLED)
_REFUND = int(Kind.REFUND)
_CREDIT = int(Kind.CREDIT)
_INTERACTION = int(Kind.INTERACTION)
_CORRECTION = int(Kind.CORRECTION)
_HIGH = int(Tier.HIGH)
_LOST = int(Level.LOST)
# a row's first byte: three bits of kind, then
_MARKS = COST_NAMED | ARREARS  # << 3
_HAS_SUB = 32
_HAS_DISCOUNT = 64


@compiled
def _pack_header(h: Record, out: Bytes, at: int) -> int:
    out[at] = LAYOUT
    at = write_uint(out, at + 1, h.rows)
    at = write_uint(out, at, h.orders)
    at = write_uint(out, at, h.purchase_days)
    at = write_int(out, at, h.held)
    at = write_int(out, at, h.credits)
    at = write_int(out, at, h.cost)
    at = write_int(out, at, h.marketing)
    at = write_time(out, at, h.first_us)
    at = write_time(out, at, h.last_us - h.first_us)
    at = write_uint(out, at, h.interactions)
    at = write_uint(out, at, h.refunds)
    at = write_uint(out, at, h.costless)
    at = write_uint(out, at, h.tier)
    at = write_uint(out, at, h.sequence)
    at = write_time(out, at, h.clock_us - h.last_us)
    at = write_time(out, at, h.clock_us - h.since_us)
    at = write_time(out, at, 0 if h.due_us == NEVER_US else h.due_us)
    at = write_uint(out, at, h.terms)
    at = write_uint(out, at, h.level)
    at = write_uint(out, at, h.alerts)
    at = write_time(out, at, h.warned_us)
    at = write_uint(out, at, h.folded_rows)
    if h.folded_rows > 0:
        at = write_uint(out, at, h.folded_orders)
        at = write_time(out, at, h.folded_first_us)
        at = write_time(out, at, h.folded_last_us)
        at = write_uint(out, at, h.folded_orphans)
    return at


@compiled
def _unpack_header(data: Bytes, at: int, end: int, h: Record) -> int:
    if at >= end or data[at] < OLDEST or data[at] > LAYOUT:
        return BAD
    layout = data[at]
    h.rows, at = read_uint(data, at + 1, end)
    h.orders, at = read_uint(data, at, end)
    h.purchase_days, at = read_uint(data, at, end)
    h.held, at = read_int(data, at, end)
    h.credits, at = read_int(data, at, end)
    h.cost, at = read_int(data, at, end)
    h.marketing, at = read_int(data, at, end)
    h.first_us, at = read_time(data, at, end)
    since_first, at = read_time(data, at, end)
    h.last_us = h.first_us + since_first
    h.interactions, at = read_uint(data, at, end)
    h.refunds, at = read_uint(data, at, end)
    h.costless, at = read_uint(data, at, end)
    h.tier, at = read_uint(data, at, end)
    h.sequence, at = read_uint(data, at, end)
    since_last, at = read_time(data, at, end)
    h.clock_us = h.last_us + since_last
    in_tier, at = read_time(data, at, end)
    h.since_us = h.clock_us - in_tier
    due_us, at = read_time(data, at, end)
    h.due_us = NEVER_US if due_us == 0 else due_us
    if layout > 1:
        h.terms, at = read_uint(data, at, end)
        h.level, at = read_uint(data, at, end)
        h.alerts, at = read_uint(data, at, end)
        h.warned_us, at = read_time(data, at, end)
    h.folded_rows, at = read_uint(data, at, end)
    if h.folded_rows > 0:
        h.folded_orders, at = read_uint(data, at, end)
        h.folded_first_us, at = read_time(data, at, end)
        h.folded_last_us, at = read_time(data, at, end)
        h.folded_orphans, at = read_uint(data, at, end)
    return at if h.tier <= _HIGH and h.level <= _LOST else BAD  # they index


@compiled
def _tag_of_1(tag: int) -> int:
    """A row's first byte in layout 1, which had one mark and no discount, as it is now."""
    return (tag & 15) | (tag & 16) << 1


@compiled
def _has_money(kind: int, marks: int) -> bool:
    return kind not in (_CANCELLED, _INTERACTION) or (marks & ARREARS) != 0


@compiled
def pack_one(h: Record, rows: Records, scores: Floats, out: Bytes, at: int) -> int:
    """Write one ledger at out[at:], which has room for HEADER_ROOM + rows * ROW_ROOM; returns the index after it.

    `scores` is a scratch of SCORES floats through which value, P(alive) and peak become bytes.
    """
    start = at
    at = _pack_header(h, out, at)
    scores[0], scores[1], scores[2] = h.value, h.p_alive, h.peak
    raw = scores.view(np.uint8)
    for i in range(len(raw)):
        out[at + i] = raw[i]
    at += len(raw)
    for i in range(h.rows):
        row = rows[i]
        has_sub = row.kind == _REFUND or row.kind == _CORRECTION or (row.kind == _PLACED and row.sub != 0)
        has_discount = row.kind == _PLACED and row.discount != 0
        tag = row.kind | (row.marks << 3) | (_HAS_SUB if has_sub else 0) | (_HAS_DISCOUNT if has_discount else 0)
        out[at] = tag
        at = write_hash(out, at + 1, row.group)
        if has_sub:
            at = write_hash(out, at, row.sub)
        at = write_time(out, at, row.at_us - h.first_us)
        if _has_money(row.kind, row.marks):
            at = write_uint(out, at, row.amount)
            at = write_uint(out, at, row.cost)
        if has_discount:
            at = write_uint(out, at, row.discount)
    check = checksum(out, start, at)
    for i in range(CHECK_BYTES):
        out[at + i] = (check >> (8 * i)) & 255
    return at + CHECK_BYTES


@compiled
def unpack_header(data: Bytes, at: int, end: int, scores: Floats, h: Record) -> int:
    """Read the header of the ledger in data[at:end] into h, which is all 0; returns the index after it, -1 where it is no
    ledger."""
    start = at
    at = _unpack_header(data, at, end, h)
    if at < 0:
        return BAD
    scores[2] = 0.0
    raw = scores.view(np.uint8)
    stored = len(raw) if data[start] > 1 else len(raw) - 8  # layout 1 had no peak
    if at + stored > end:
        return BAD
    for i in range(stored):
        raw[i] = data[at + i]
    h.value, h.p_alive, h.peak = scores[0], scores[1], scores[2]
    return at + stored


@compiled
def unpack_one(data: Bytes, at: int, end: int, scores: Floats, h: Record, rows: Records) -> int:
    """Read a whole ledger; `rows` has room for as many as `stored_rows` said. Returns -1 where it is no ledger."""
    if not intact(data, at, end):
        return BAD
    end -= CHECK_BYTES
    layout = data[at]
    at = unpack_header(data, at, end, scores, h)
    if at < 0 or h.rows > len(rows):
        return BAD
    h.oldest_us = NEVER_US
    newest_us = NEVER_US
    for i in range(h.rows):
        if at < 0 or at >= end:
            return BAD
        row = rows[i]
        tag = int(data[at]) if layout > 1 else _tag_of_1(int(data[at]))
        row.kind = tag & 7
        row.marks = (tag >> 3) & _MARKS
        row.group, at = read_hash(data, at + 1, end)
        row.sub = row.group if row.kind == _CREDIT else np.uint64(0)
        if tag & _HAS_SUB:
            row.sub, at = read_hash(data, at, end)
        since_first, at = read_time(data, at, end)
        row.at_us = h.first_us + since_first
        row.amount = 0
        row.cost = 0
        row.discount = 0
        if _has_money(row.kind, row.marks):
            row.amount, at = read_uint(data, at, end)
            row.cost, at = read_uint(data, at, end)
        if tag & _HAS_DISCOUNT:
            row.discount, at = read_uint(data, at, end)
        if i > 0 and rows[i - 1].group == row.group:
            newest_us = max(newest_us, row.at_us)
        else:
            h.oldest_us = min(h.oldest_us, newest_us)
            newest_us = row.at_us
    h.oldest_us = min(h.oldest_us, newest_us)
    return at if at == end else BAD


@compiled
def stored_rows(data: Bytes, ends: Ints, out: Ints) -> None:
    """How many rows each ledger in the flat buffer says it has (0 where there is none); what to allocate for."""
    start = 0
    for i in range(len(ends)):
        out[i] = 0
        if ends[i] > start:
            n, at = read_uint(data, start + 1, ends[i])
            # a row takes at least 10 bytes: a corrupt count must not make us allocate the moon
            out[i] = n if at > 0 and n <= (ends[i] - start) // 10 else 0
        start = ends[i]

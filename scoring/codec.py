"""A ledger as it is stored: one version byte, the header, then the rows, in variable-length integers, then a checksum.

In the kernel a row takes 48 bytes and is addressed; at rest it takes about 20, which is most of what Redis holds for a customer.
Numbers are LEB128 (7 bits a byte), signed ones zigzagged first; times in whole seconds drop their microseconds.
"""

import numpy as np

from scoring.compiled import compiled
from scoring.layout import COST_NAMED, NEVER_US, Bytes, Floats, Ints, Kind, Record, Records

VERSION = 1
HEADER_ROOM = 256  # bytes that no packed header exceeds
ROW_ROOM = 56  # nor a packed row

_PLACED = int(Kind.PLACED)
_CANCELLED = int(Kind.CANCELLED)
_REFUND = int(Kind.REFUND)
_CREDIT = int(Kind.CREDIT)
_INTERACTION = int(Kind.INTERACTION)
_HAS_SUB = 16
_BAD = -1
_CHECK_BYTES = 4
_LOW = 0xFFFFFFFF
_PRIME = 16777619  # FNV's


@compiled
def checksum(data: Bytes, start: int, end: int) -> int:
    """32 bits over data[start:end]: FNV-1a in four lanes, whose multiplications do not wait for one another."""
    a, b, c, d = 0x811C9DC5, 0x811C9DC6, 0x811C9DC7, 0x811C9DC8
    i = start
    while i + 4 <= end:
        a = ((a ^ int(data[i])) * _PRIME) & _LOW
        b = ((b ^ int(data[i + 1])) * _PRIME) & _LOW
        c = ((c ^ int(data[i + 2])) * _PRIME) & _LOW
        d = ((d ^ int(data[i + 3])) * _PRIME) & _LOW
        i += 4
    while i < end:
        a = ((a ^ int(data[i])) * _PRIME) & _LOW
        i += 1
    for lane in (b, c, d, end - start):
        a = ((a ^ lane) * _PRIME) & _LOW
    return a ^ (a >> 15)


@compiled
def intact(data: Bytes, start: int, end: int) -> bool:
    """Whether data[start:end] ends in the checksum of what is before it."""
    if end - start <= _CHECK_BYTES:
        return False
    found = 0
    for i in range(_CHECK_BYTES):
        found |= int(data[end - _CHECK_BYTES + i]) << (8 * i)
    return found == checksum(data, start, end - _CHECK_BYTES)


@compiled
def write_uint(out: Bytes, at: int, value: int) -> int:
    """LEB128 of a non-negative int64; returns the index after it."""
    while value > 127:
        out[at] = 128 | (value & 127)
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@compiled
def read_uint(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """(value, index after it); the index is -1 where the bytes end too early or the number has more than 63 bits."""
    value = 0
    shift = 0
    while 0 <= at < end and shift < 63:
        byte = int(data[at])
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    return 0, _BAD


@compiled
def write_int(out: Bytes, at: int, value: int) -> int:
    """Zigzag, then LEB128; for |value| < 2^61."""
    return write_uint(out, at, value * 2 if value >= 0 else -value * 2 - 1)


@compiled
def read_int(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """The inverse of write_int."""
    value, at = read_uint(data, at, end)
    return (-(value + 1) // 2 if value & 1 else value // 2), at


@compiled
def write_time(out: Bytes, at: int, value_us: int) -> int:
    """A time or a difference of times: in seconds where it is whole seconds."""
    seconds = value_us // 1_000_000
    if seconds * 1_000_000 == value_us:
        return write_int(out, at, seconds * 2)
    return write_int(out, at, value_us * 2 + 1)


@compiled
def read_time(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """The inverse of write_time."""
    value, at = read_int(data, at, end)
    if value & 1:
        return (value - 1) // 2, at
    return value // 2 * 1_000_000, at


@compiled
def _write_hash(out: Bytes, at: int, value: int) -> int:
    word = np.uint64(value)
    for i in range(8):
        out[at + i] = np.uint8((word >> np.uint64(8 * i)) & np.uint64(255))
    return at + 8


@compiled
def _read_hash(data: Bytes, at: int, end: int) -> tuple[np.uint64, int]:
    word = np.uint64(0)
    if at < 0 or at + 8 > end:
        return word, _BAD
    for i in range(8):
        word |= np.uint64(data[at + i]) << np.uint64(8 * i)
    return word, at + 8


@compiled
def _pack_header(h: Record, out: Bytes, at: int) -> int:
    out[at] = VERSION
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
    at = write_uint(out, at, h.folded_rows)
    if h.folded_rows > 0:
        at = write_uint(out, at, h.folded_orders)
        at = write_time(out, at, h.folded_first_us)
        at = write_time(out, at, h.folded_last_us)
        at = write_uint(out, at, h.folded_orphans)
    return at


@compiled
def _unpack_header(data: Bytes, at: int, end: int, h: Record) -> int:
    if at >= end or data[at] != VERSION:
        return _BAD
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
    h.folded_rows, at = read_uint(data, at, end)
    if h.folded_rows > 0:
        h.folded_orders, at = read_uint(data, at, end)
        h.folded_first_us, at = read_time(data, at, end)
        h.folded_last_us, at = read_time(data, at, end)
        h.folded_orphans, at = read_uint(data, at, end)
    return at


@compiled
def pack_one(h: Record, rows: Records, scores: Floats, out: Bytes, at: int) -> int:
    """Write one ledger at out[at:], which has room for HEADER_ROOM + rows * ROW_ROOM; returns the index after it.

    `scores` is a scratch of two floats through which value and P(alive) become bytes.
    """
    start = at
    at = _pack_header(h, out, at)
    scores[0], scores[1] = h.value, h.p_alive
    raw = scores.view(np.uint8)
    for i in range(16):
        out[at + i] = raw[i]
    at += 16
    for i in range(h.rows):
        row = rows[i]
        has_sub = row.kind == _REFUND or (row.kind == _PLACED and row.sub != 0)
        out[at] = row.kind | (row.marks << 3) | (_HAS_SUB if has_sub else 0)
        at = _write_hash(out, at + 1, row.group)
        if has_sub:
            at = _write_hash(out, at, row.sub)
        at = write_time(out, at, row.at_us - h.first_us)
        if row.kind != _CANCELLED and row.kind != _INTERACTION:
            at = write_uint(out, at, row.amount)
            at = write_uint(out, at, row.cost)
    check = checksum(out, start, at)
    for i in range(_CHECK_BYTES):
        out[at + i] = (check >> (8 * i)) & 255
    return at + _CHECK_BYTES


@compiled
def unpack_header(data: Bytes, at: int, end: int, scores: Floats, h: Record) -> int:
    """Read the header of the ledger in data[at:end] into h; returns the index after it, -1 where it is no ledger."""
    at = _unpack_header(data, at, end, h)
    if at < 0 or at + 16 > end:
        return _BAD
    raw = scores.view(np.uint8)
    for i in range(16):
        raw[i] = data[at + i]
    h.value, h.p_alive = scores[0], scores[1]
    return at + 16


@compiled
def unpack_one(data: Bytes, at: int, end: int, scores: Floats, h: Record, rows: Records) -> int:
    """Read a whole ledger; `rows` has room for as many as `stored_rows` said. Returns -1 where it is no ledger."""
    if not intact(data, at, end):
        return _BAD
    end -= _CHECK_BYTES
    at = unpack_header(data, at, end, scores, h)
    if at < 0 or h.rows > len(rows):
        return _BAD
    h.oldest_us = NEVER_US
    newest_us = NEVER_US
    for i in range(h.rows):
        if at < 0 or at >= end:
            return _BAD
        row = rows[i]
        tag = int(data[at])
        row.kind = tag & 7
        row.marks = (tag >> 3) & COST_NAMED
        row.group, at = _read_hash(data, at + 1, end)
        row.sub = row.group if row.kind == _CREDIT else np.uint64(0)
        if tag & _HAS_SUB:
            row.sub, at = _read_hash(data, at, end)
        since_first, at = read_time(data, at, end)
        row.at_us = h.first_us + since_first
        row.amount = 0
        row.cost = 0
        if row.kind != _CANCELLED and row.kind != _INTERACTION:
            row.amount, at = read_uint(data, at, end)
            row.cost, at = read_uint(data, at, end)
        if i > 0 and rows[i - 1].group == row.group:
            newest_us = max(newest_us, row.at_us)
        else:
            h.oldest_us = min(h.oldest_us, newest_us)
            newest_us = row.at_us
    h.oldest_us = min(h.oldest_us, newest_us)
    return at if at == end else _BAD


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

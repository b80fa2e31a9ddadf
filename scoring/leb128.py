"""Numbers at rest: LEB128 (7 bits a byte), signed ones zigzagged first; times in whole seconds drop their microseconds.

Readers give the value and the index after it, or -1 for the index where the bytes are none; that passes through all readers.
"""

import numpy as np

from scoring.compiled import compiled
from scoring.layout import Bytes

BAD = -1
_MOST_S = 1 << 40  # 36,000 years: sums of such times, in microseconds, are still numbers of 64 bits
_MOST_US = _MOST_S * 1_000_000


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
    return 0, BAD


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
    """The inverse of write_time; -1 for the index also where it lies 36,000 years away."""
    value, at = read_int(data, at, end)
    if value & 1:
        us = (value - 1) // 2
        return (us, at) if abs(us) <= _MOST_US else (0, BAD)
    seconds = value // 2
    return (seconds * 1_000_000, at) if abs(seconds) <= _MOST_S else (0, BAD)


@compiled
def write_hash(out: Bytes, at: int, value: int) -> int:
    """64 bits, the lowest byte first; returns the index after them."""
    word = np.uint64(value)
    for i in range(8):
        out[at + i] = np.uint8((word >> np.uint64(8 * i)) & np.uint64(255))
    return at + 8


@compiled
def read_hash(data: Bytes, at: int, end: int) -> tuple[np.uint64, int]:
    """The inverse of write_hash."""
    word = np.uint64(0)
    if at < 0 or at + 8 > end:
        return word, BAD
    for i in range(8):
        word |= np.uint64(data[at + i]) << np.uint64(8 * i)
    return word, at + 8

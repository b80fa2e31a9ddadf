"""Hashes over many strings at once: Kafka's murmur2 (placement) and 64-bit FNV-1a (identity inside a ledger).

Inside the kernels, strings are one flat buffer of bytes and the end of each in it.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scoring.compiled import compiled
from scoring.layout import BUCKETS, Bytes, Ints

_LOW = 0xFFFFFFFF
_M = 0x5BD1E995
_FNV_OFFSET, _FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)


@compiled
def murmur2(data: Bytes, start: int, end: int) -> int:
    """Kafka's murmur2 of data[start:end], without its sign: what the default partitioner takes modulo the partitions."""
    n = end - start
    h = (0x9747B28C ^ n) & _LOW
    i = start
    while end - i >= 4:
        k = int(data[i]) | int(data[i + 1]) << 8 | int(data[i + 2]) << 16 | int(data[i + 3]) << 24
        k = (k * _M) & _LOW
        k = ((k ^ (k >> 24)) * _M) & _LOW
        h = ((h * _M) & _LOW) ^ k
        i += 4
    rest = end - i
    if rest >= 3:
        h ^= int(data[i + 2]) << 16
    if rest >= 2:
        h ^= int(data[i + 1]) << 8
    if rest >= 1:
        h = ((h ^ int(data[i])) * _M) & _LOW
    h = ((h ^ (h >> 13)) * _M) & _LOW
    return (h ^ (h >> 15)) & 0x7FFFFFFF


@compiled
def identity(data: Bytes, start: int, end: int) -> np.uint64:
    """FNV-1a, 64 bits, with murmur3's finaliser, so that short ids differ in every bit."""
    return _finished(_fnv(_FNV_OFFSET, data, start, end))


@compiled
def tagged_identity(tag: int, data: Bytes, start: int, end: int) -> np.uint64:
    """`identity` of the byte `tag` followed by data[start:end]."""
    return _finished(_fnv((_FNV_OFFSET ^ np.uint64(tag)) * _FNV_PRIME, data, start, end))


@compiled
def _fnv(h: np.uint64, data: Bytes, start: int, end: int) -> np.uint64:
    for i in range(start, end):
        h = (h ^ np.uint64(data[i])) * _FNV_PRIME
    return h


@compiled
def _finished(h: np.uint64) -> np.uint64:
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return h ^ (h >> np.uint64(33))


@compiled
def same(data: Bytes, start: int, end: int, other: Bytes, first: int, last: int) -> bool:
    """Whether data[start:end] and other[first:last] are the same bytes."""
    i = 0
    if end - start == last - first:
        while start + i < end and data[start + i] == other[first + i]:
            i += 1
        return start + i == end
    return False


@compiled
def _buckets(data: Bytes, ends: Ints, out: Ints) -> None:
    start = 0
    for i in range(len(ends)):
        out[i] = murmur2(data, start, ends[i]) % BUCKETS
        start = ends[i]


@compiled
def _identities(data: Bytes, ends: Ints, out: npt.NDArray[np.uint64]) -> None:
    start = 0
    for i in range(len(ends)):
        out[i] = identity(data, start, ends[i])
        start = ends[i]


def flat(strings: Sequence[bytes]) -> tuple[Bytes, Ints]:
    """All strings in one buffer, and where each ends."""
    lengths = np.fromiter(map(len, strings), np.int64, len(strings))
    return np.frombuffer(b"".join(strings), np.uint8), np.cumsum(lengths)


def buckets(customer_ids: Sequence[bytes]) -> Ints:
    """The bucket, 0..255, of each customer id (UTF-8)."""
    data, ends = flat(customer_ids)
    out = np.empty(len(ends), np.int64)
    _buckets(data, ends, out)
    return out


def bucket_of(customer_id: bytes) -> int:
    """One customer's bucket."""
    return int(buckets([customer_id])[0])


def identities(strings: Sequence[bytes]) -> npt.NDArray[np.uint64]:
    """A 64-bit hash of each string."""
    data, ends = flat(strings)
    out = np.empty(len(ends), np.uint64)
    with np.errstate(over="ignore"):  # the product wraps on purpose; only uncompiled NumPy scalars would warn
        _identities(data, ends, out)
    return out

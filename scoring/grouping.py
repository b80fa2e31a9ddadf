"""Which customer each event of a batch is about, and the customers bucket by bucket, without an object for each."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.compiled import compiled
from scoring.hashing import identity, murmur2, same
from scoring.layout import BUCKETS, Bytes, Ints


class Grouped(NamedTuple):
    """`first` and `bucket` have one element a customer, those of a bucket together and in the order in which they came."""

    customer: Ints  # of each event
    first: Ints  # the first event of each customer
    bucket: Ints  # of each customer
    ends: Ints  # shape (BUCKETS,): where the customers of each bucket end


def group(data: Bytes, ids: Ints, buckets: Ints) -> Grouped:
    """`ids`, shape (n, 2): where each event's customer id starts and ends in `data`; `buckets`: where it belongs."""
    n = len(ids)
    grouped = Grouped(np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64), np.zeros(BUCKETS, np.int64))
    slots = np.full(2 << int(n).bit_length(), -1, np.int64)  # at most half full
    with np.errstate(over="ignore"):  # hashes wrap on purpose; only uncompiled NumPy scalars would warn
        distinct = _group(data, ids, buckets, slots, np.empty(n, np.int64), *grouped)
    return grouped._replace(first=grouped.first[:distinct], bucket=grouped.bucket[:distinct])


def buckets_at(data: Bytes, ids: Ints) -> Ints:
    """The bucket of each customer id, given as for `group`."""
    out = np.empty(len(ids), np.int64)
    _buckets_at(data, ids, out)
    return out


def differing(data: Bytes, ids: Ints, keys: Bytes, key_ends: Ints) -> npt.NDArray[np.bool_]:
    """Whether each customer id is another text than the key of its record; keys are one flat buffer and the end of each."""
    out = np.empty(len(ids), np.bool_)
    _differing(data, ids, keys, key_ends, out)
    return out


@compiled
def _buckets_at(data: Bytes, ids: Ints, out: Ints) -> None:
    for i in range(len(ids)):
        out[i] = murmur2(data, ids[i, 0], ids[i, 1]) % BUCKETS


@compiled
def _differing(data: Bytes, ids: Ints, keys: Bytes, key_ends: Ints, out: npt.NDArray[np.bool_]) -> None:
    start = 0
    for i in range(len(ids)):
        out[i] = not same(data, ids[i, 0], ids[i, 1], keys, start, key_ends[i])
        start = key_ends[i]


@compiled
def _group(
    data: Bytes,
    ids: Ints,
    buckets: Ints,
    slots: Ints,
    firsts: Ints,
    customer: Ints,
    first: Ints,
    bucket: Ints,
    ends: Ints,
) -> int:
    """Number the customers as they come, then again by bucket. Returns how many there are."""
    distinct = 0
    for i in range(len(ids)):
        positive = np.int64(identity(data, ids[i, 0], ids[i, 1]) >> np.uint64(1))  # uint64 with int64 would be a float
        slot = int(positive & (len(slots) - 1))
        while slots[slot] >= 0:
            known = firsts[slots[slot]]
            if same(data, ids[i, 0], ids[i, 1], data, ids[known, 0], ids[known, 1]):
                break
            slot = (slot + 1) & (len(slots) - 1)
        if slots[slot] < 0:
            slots[slot] = distinct
            firsts[distinct] = i
            ends[buckets[i]] += 1
            distinct += 1
        customer[i] = slots[slot]
    for b in range(1, BUCKETS):
        ends[b] += ends[b - 1]
    for c in range(distinct - 1, -1, -1):  # the last ones first, from the end of their bucket downwards
        b = buckets[firsts[c]]
        ends[b] -= 1
        slots[c] = ends[b]
        first[ends[b]], bucket[ends[b]] = firsts[c], b
    for c in range(distinct):
        ends[buckets[firsts[c]]] += 1
    for i in range(len(ids)):
        customer[i] = slots[customer[i]]
    return distinct

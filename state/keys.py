"""The names of what Redis holds. All keys of a bucket share one hash tag: one slot on Redis Cluster.

<namespace>:{<bucket>}:head     hash    epoch, sequence, head (codec.py)
<namespace>:{<bucket>}:states   hash    customer id -> packed ledger: a third cheaper than a key each, and enumerable
<namespace>:{<bucket>}:due      zset    customer id, scored with its deadline in microseconds
<namespace>:{<bucket>}:outbox   stream  entries under the explicit id <sequence>-<index>
"""

from typing import NamedTuple

from redis.crc import key_slot

from scoring.layout import BUCKETS
from state.errors import StateError

LAST_EXACT_US = 2**53  # scores are doubles; a deadline after the year 2255 is as good as none and is not indexed


class Keys(NamedTuple):
    """One bucket's keys, in the order in which the scripts take them, and their slot."""

    head: bytes
    states: bytes
    due: bytes
    outbox: bytes
    slot: int


def keys_of(namespace: str) -> list[Keys]:
    """The keys of every bucket."""
    if not namespace or "{" in namespace or "}" in namespace:
        raise StateError(
            f"The namespace {namespace!r} cannot prefix Redis keys: choose one without braces (EBBTIDE_NAMESPACE)."
        )
    return [_keys(f"{namespace}:{{{bucket}}}:".encode()) for bucket in range(BUCKETS)]


def _keys(prefix: bytes) -> Keys:
    return Keys(prefix + b"head", prefix + b"states", prefix + b"due", prefix + b"outbox", key_slot(prefix))

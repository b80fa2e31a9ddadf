"""The names of what Redis holds. All keys of a bucket share one hash tag: one slot on Redis Cluster.

<namespace>:{<bucket>}:head     hash    epoch, sequence, head (codec.py), versions
<namespace>:{<bucket>}:states   hash    customer id -> packed ledger: a third cheaper than a key each, and enumerable
<namespace>:{<bucket>}:due      zset    customer id, scored with its deadline in microseconds or an earlier one
<namespace>:{<bucket>}:outbox   stream  entries under the explicit id <sequence>-<index>
<namespace>:{<bucket>}:census   string  what its customers were worth at an instant

While a bucket is rebuilt, its shadow lies under <namespace>~rebuild, that of a dry run under <namespace>~dry, in the same slot.
"""

from typing import NamedTuple

from redis.crc import key_slot

from scoring.layout import BUCKETS
from state.errors import StateError

LAST_EXACT_US = 2**53  # scores are doubles; a deadline after the year 2255 is as good as none and is not indexed
GRANTS_KEPT_S = 8 * 86_400
SHADOW, DRY = "~rebuild", "~dry"  # behind a namespace; settings allow no ~ in one


class Keys(NamedTuple):
    """One bucket's keys, the first four in the order in which the scripts take them, and their slot."""

    head: bytes
    states: bytes
    due: bytes
    outbox: bytes
    census: bytes
    slot: int


class GrantKeys(NamedTuple):
    """The keys that a day's grants are decided on, in the order in which the script takes them, and their slot."""

    granted: bytes
    asked: bytes
    asked_yesterday: bytes
    slot: int


def grant_keys(namespace: str, day: int) -> GrantKeys:
    """The keys of one day."""
    prefix = f"{namespace}:{{budget}}:"
    names = (f"{day}:granted", f"{day}:asked", f"{day - 1}:asked")
    granted, asked, yesterday = ((prefix + name).encode() for name in names)
    return GrantKeys(granted, asked, yesterday, key_slot(granted))


def keys_of(namespace: str) -> list[Keys]:
    """The keys of every bucket."""
    if not namespace or "{" in namespace or "}" in namespace:
        raise StateError(
            f"The namespace {namespace!r} cannot prefix Redis keys: choose one without braces (EBBTIDE_NAMESPACE)."
        )
    return [_keys(f"{namespace}:{{{bucket}}}:".encode()) for bucket in range(BUCKETS)]


def _keys(prefix: bytes) -> Keys:
    head, states, due, outbox, census = (prefix + name for name in (b"head", b"states", b"due", b"outbox", b"census"))
    return Keys(head, states, due, outbox, census, key_slot(prefix))

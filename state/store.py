"""What a store promises. `redis_store.py` keeps it on Redis, Valkey and Redis Cluster, tests/fakes in memory.

Customers map to 256 buckets. A bucket has one owner at a time, known by an epoch, and one line of commits, numbered by
`sequence`. A commit is all or nothing: states, deadlines, outbox and head move together, or none of them does.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

import msgspec

from scoring.budget import Candidate


class Head(NamedTuple):
    """Where a bucket stands. `sequence` numbers its commits; the rest moves with it."""

    sequence: int  # 0: nothing was ever committed
    offsets: Mapping[str, int]  # topic (without prefix) -> next offset to apply; absent: from the beginning
    clock_us: int  # the stream's clock of this bucket, microseconds; 0 before the first event
    counters: Mapping[str, int]  # absolute totals of this bucket: consumed, applied, duplicate, dead.<reason>, ...
    swept: int = 0  # every customer of the bucket was looked at under the terms of this number
    versions: bytes = b""  # what customers are judged by, packed (streams/versions.py); empty: nothing was ever taken


class Owned(NamedTuple):
    """A bucket as its new owner finds it."""

    bucket: int
    epoch: int
    head: Head


class Held(NamedTuple):
    """By whom a bucket is held, and how many commits it has."""

    epoch: int
    sequence: int


class Switch(NamedTuple):
    """A bucket's shadow in the place of what is live: both as whoever switches holds them."""

    bucket: int
    live: Held
    shadow: Held


class Entry(msgspec.Struct, frozen=True):  # a named tuple cannot have an `index`
    """One message in a bucket's outbox: written by commit `sequence`, `index`-th in it, from 0."""

    sequence: int
    index: int
    topic: str  # without prefix
    key: bytes  # customer id, UTF-8
    value: bytes  # the CloudEvents data, JSON
    headers: Sequence[tuple[str, bytes]]


class Commit(NamedTuple):
    """One bucket's batch: from `head.sequence - 1` to `head.sequence`, under `epoch`."""

    bucket: int
    epoch: int
    head: Head  # as it is after this commit
    states: Sequence[tuple[bytes, bytes]]  # customer id -> packed ledger
    deadlines: Sequence[tuple[bytes, int]]  # customer id -> due, microseconds; NEVER_US removes it
    outbox: Sequence[Entry]  # their sequence is head.sequence
    takes: bool = False  # whether head.versions is new: what is as it was is not written again


class Sent(msgspec.Struct, frozen=True):
    """How far a bucket's outbox was published: everything up to and including this entry, by the owner of `epoch`."""

    epoch: int
    sequence: int
    index: int


class Outcome(Enum):
    """What became of a commit."""

    DONE = "done"  # written now, or found already written by a re-sent copy of the same commit
    STALE = "stale"  # somebody else took the bucket over: stop writing it
    BEHIND = "behind"  # the store lost its last moments, or all: acquire again and seek back


class Census(NamedTuple):
    """What one bucket's customers were worth at an instant: a part of what boundaries are drawn from."""

    at_us: int
    told: bytes  # a packed histogram


class Due(NamedTuple):
    """A customer whose entry has come: at the ledger's deadline, or before it."""

    bucket: int
    customer_id: bytes
    due_us: int


class Store(Protocol):
    """Every method raises state.errors.StoreUnavailable where the server does not answer; only that may be retried."""

    async def acquire(self, buckets: Sequence[int]) -> list[Owned]:
        """Take the buckets over: their epoch grows, so that whoever had them before is refused from now on."""

    async def load(self, wanted: Mapping[int, Sequence[bytes]]) -> dict[int, list[bytes | None]]:
        """The packed ledgers of these customers by bucket, in the order asked; one round trip."""

    async def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        """Write each bucket's batch atomically; buckets are independent of one another. One round trip."""

    async def due(self, buckets: Sequence[int], until_us: int, limit: int) -> tuple[list[Due], dict[int, int]]:
        """Deadlines up to and including `until_us`, earliest first in each bucket, at most `limit` a bucket; and each
        bucket's earliest deadline after those returned (NEVER_US where none is left)."""

    async def outbox(self, buckets: Sequence[int], limit: int) -> dict[int, list[Entry]]:
        """The oldest entries not yet trimmed, at most `limit` a bucket, in order; one round trip."""

    async def trim(self, upto: Mapping[int, Sent]) -> None:
        """Remove what was published of each bucket; idempotent. Under an epoch that no longer holds it removes nothing:
        after a rollback the same (sequence, index) can be another message, not yet published."""

    async def grant(self, limit: int, asked: Sequence[Candidate]) -> list[bool]:
        """Which of these drift alerts are told, at most `limit` a UTC day, by the rule of scoring/budget.py: those of a day
        one after another as they are given. Asked again, what was granted still is. One round trip."""

    async def heads(self) -> dict[int, Head]:
        """Every bucket's head that exists; for statistics, takes nothing over."""

    async def held(self) -> dict[int, Held]:
        """By whom every bucket that exists is held; one round trip."""

    def shadow(self, dry: bool = False) -> "Store":
        """Another generation of the same buckets, beside this one: what is rebuilt. Closed with this one. `dry`: one more,
        that nothing is ever switched from, so that it is in nobody's way."""

    async def drop(self, buckets: Sequence[int]) -> None:
        """Forget everything of these buckets."""

    async def switch(self, switches: Sequence[Switch]) -> list[Outcome]:
        """Put each bucket's shadow in the place of what is live, atomically: STALE where somebody took the live one over
        meanwhile, BEHIND where either is not as it was held. Messages not yet published stay, those of the shadow follow.
        The sequence grows beyond both, the epoch stays, so that every owner from before is refused. Idempotent."""

    async def state(self, customer_id: bytes) -> bytes | None:
        """One customer's packed ledger, or None."""

    def place(self, bucket: int) -> str:
        """The name under which the ledgers of a bucket lie, for an operator."""

    async def customers(self) -> int:
        """How many customers there are; one round trip."""

    def states(self, *buckets: int) -> AsyncIterator[tuple[bytes, bytes]]:
        """Every customer of these buckets, in no order, each at least once while nothing is written."""

    async def put_census(self, bucket: int, census: Census) -> None:
        """Keep a bucket's part of a census in the place of the one before. No commit: it may be lost, and is made again."""

    async def censuses(self) -> dict[int, Census]:
        """The newest part of every bucket that has one; one round trip."""

    async def close(self) -> None:
        """Give the connections back."""

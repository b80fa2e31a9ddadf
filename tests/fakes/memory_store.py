"""The store in memory, for tests without a server. It can fall back (rollback), lose all (wipe) and be away (down)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count

from msgspec import structs

from scoring.budget import Budget, Candidate
from scoring.hashing import bucket_of
from scoring.layout import NEVER_US
from state.codec import encode_entries
from state.errors import StoreUnavailable
from state.keys import LAST_EXACT_US
from state.store import Census, Commit, Due, Entry, Head, Held, Outcome, Owned, Sent, Switch


@dataclass
class _Bucket:
    epoch: int = 0
    head: Head = field(default_factory=lambda: Head(0, {}, 0, {}))
    states: dict[bytes, bytes] = field(default_factory=dict)
    due: dict[bytes, int] = field(default_factory=dict)
    outbox: list[Entry] = field(default_factory=list)
    census: Census | None = None


class MemoryStore:
    """See Store. `down` makes every call fail; remember() marks a point that rollback() returns to."""

    def __init__(self) -> None:
        self.down = False
        self._buckets: dict[int, _Bucket] = {}
        self._remembered: dict[int, _Bucket] = {}
        self._epochs = count(1)
        self._budget: Budget | None = None
        self._shadows: dict[bool, MemoryStore] = {}

    def remember(self) -> None:
        self._remembered = deepcopy(self._buckets)

    def rollback(self) -> None:
        self._buckets = deepcopy(self._remembered)

    def wipe(self) -> None:
        self._buckets = {}

    async def acquire(self, buckets: Sequence[int]) -> list[Owned]:
        for bucket in buckets:
            self._there().setdefault(bucket, _Bucket()).epoch = next(self._epochs)
        return [Owned(b, self._buckets[b].epoch, self._buckets[b].head) for b in buckets]

    async def load(self, wanted: Mapping[int, Sequence[bytes]]) -> dict[int, list[bytes | None]]:
        return {b: [self._bucket(b).states.get(customer_id) for customer_id in ids] for b, ids in wanted.items()}

    async def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        return [self._commit(self._there().get(commit.bucket), commit) for commit in commits]

    def _commit(self, held: _Bucket | None, new: Commit) -> Outcome:
        sequence = new.head.sequence
        if held is None or held.epoch < new.epoch:
            return Outcome.BEHIND
        if held.epoch > new.epoch or held.head.sequence > sequence:
            return Outcome.STALE
        if held.head.sequence == sequence:
            same = held.head._replace(versions=b"") == new.head._replace(versions=b"")
            return Outcome.DONE if same else Outcome.BEHIND
        if held.head.sequence < sequence - 1:
            return Outcome.BEHIND
        encode_entries(sequence, new.outbox)  # refuses what is numbered otherwise
        held.head = new.head if new.takes else new.head._replace(versions=held.head.versions)
        held.states.update(new.states)
        held.due.update(new.deadlines)
        held.due = {customer_id: at for customer_id, at in held.due.items() if at < LAST_EXACT_US}
        held.outbox += new.outbox
        return Outcome.DONE

    async def due(self, buckets: Sequence[int], until_us: int, limit: int) -> tuple[list[Due], dict[int, int]]:
        found, following = [], {}
        for bucket in buckets:
            waiting = sorted((at, customer_id) for customer_id, at in self._bucket(bucket).due.items())
            due = [Due(bucket, customer_id, at) for at, customer_id in waiting if at <= until_us][:limit]
            found += due
            following[bucket] = next((at for at, _ in waiting[len(due) :]), NEVER_US)
        return found, following

    async def outbox(self, buckets: Sequence[int], limit: int) -> dict[int, list[Entry]]:
        return {bucket: self._bucket(bucket).outbox[:limit] for bucket in buckets}

    async def trim(self, upto: Mapping[int, Sent]) -> None:
        for bucket, sent in upto.items():
            held = self._bucket(bucket)
            if held.epoch == sent.epoch:
                held.outbox = [e for e in held.outbox if (e.sequence, e.index) > (sent.sequence, sent.index)]

    async def grant(self, limit: int, asked: Sequence[Candidate]) -> list[bool]:
        self._there()
        if self._budget is None:
            self._budget = Budget(limit)
        return [self._budget.grant(candidate) for candidate in asked]

    async def heads(self) -> dict[int, Head]:
        return {bucket: held.head for bucket, held in sorted(self._there().items())}

    async def held(self) -> dict[int, Held]:
        return {bucket: Held(held.epoch, held.head.sequence) for bucket, held in sorted(self._there().items())}

    def shadow(self, dry: bool = False) -> "MemoryStore":
        return self._shadows.setdefault(dry, MemoryStore())

    async def drop(self, buckets: Sequence[int]) -> None:
        for bucket in buckets:
            self._there().pop(bucket, None)

    async def switch(self, switches: Sequence[Switch]) -> list[Outcome]:
        return [self._switch(switch, self._bucket(switch.bucket)) for switch in switches]

    def _switch(self, switch: Switch, live: _Bucket) -> Outcome:
        there = self.shadow()._buckets
        new = there.get(switch.bucket, _Bucket())
        if live.epoch != switch.live.epoch:
            return Outcome.STALE
        if live.head.sequence > switch.live.sequence:
            return Outcome.DONE
        if (live.head.sequence, new.epoch, new.head.sequence) != (switch.live.sequence, *switch.shadow):
            return Outcome.BEHIND
        sequence = max(live.head.sequence, new.head.sequence) + 1
        live.head, live.states, live.due = new.head._replace(sequence=sequence), new.states, new.due
        live.outbox += [structs.replace(e, sequence=sequence, index=i) for i, e in enumerate(new.outbox)]
        del there[switch.bucket]
        return Outcome.DONE

    async def state(self, customer_id: bytes) -> bytes | None:
        return self._bucket(bucket_of(customer_id)).states.get(customer_id)

    def place(self, bucket: int) -> str:
        return f"memory:{{{bucket}}}:states"

    async def customers(self) -> int:
        return sum(len(held.states) for held in self._there().values())

    async def states(self, *buckets: int) -> AsyncIterator[tuple[bytes, bytes]]:
        for bucket in buckets:
            for pair in list(self._bucket(bucket).states.items()):
                yield pair

    async def put_census(self, bucket: int, census: Census) -> None:
        self._there().setdefault(bucket, _Bucket()).census = census

    async def censuses(self) -> dict[int, Census]:
        return {bucket: held.census for bucket, held in self._there().items() if held.census}

    async def close(self) -> None:
        pass

    def _there(self) -> dict[int, _Bucket]:
        if self.down:
            raise StoreUnavailable("The store in memory is down.")
        return self._buckets

    def _bucket(self, bucket: int) -> _Bucket:
        return self._there().get(bucket, _Bucket())

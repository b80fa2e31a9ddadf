"""The store on Redis, Valkey and Redis Cluster; store.py says what it promises, keys.py what lies where."""

from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import chain

from redis.asyncio.connection import parse_url
from redis.exceptions import NoScriptError

from scoring.budget import Candidate, day_of, elapsed_share
from scoring.layout import BUCKETS, NEVER_US
from state import codec, fitness
from state.cluster_wire import ClusterWire
from state.errors import StateError
from state.keys import DRY, GRANTS_KEPT_S, LAST_EXACT_US, SHADOW, grant_keys, keys_of
from state.scripts import ACQUIRE, COMMIT, GRANT, SWITCH, TRIM, Script
from state.store import Census, Commit, Due, Entry, Head, Held, Outcome, Owned, Sent, Switch
from state.wire import Command, Reply, Request, ServerWire, Wire, checked

TIMEOUT_S = 5.0
SCAN_AT_ONCE = 1000
SCANNED_TOGETHER = 32  # buckets in one round trip


class RedisStore:
    """All of a namespace's buckets on one server or one cluster."""

    def __init__(self, wire: Wire, namespace: str, address: str) -> None:
        """Use connect() to get one."""
        self._wire = wire
        self._namespace = namespace
        self._keys = keys_of(namespace)
        self._address = address
        self._spent: dict[int, int] = {}  # the largest epoch that this process held of each bucket

    @classmethod
    async def connect(cls, url: str, namespace: str, timeout_s: float = TIMEOUT_S) -> "RedisStore":
        """Reach the server or, where it belongs to one, its whole cluster; refuse one that cannot hold the memory.

        `url` is redis://, rediss:// or unix://; each round trip ends within `timeout_s`.
        """
        try:
            arguments = dict(parse_url(url))
        except ValueError:
            raise StateError("EBBTIDE_REDIS_URL is not of the form redis://[user:password@]host:port[/db].") from None
        server = ServerWire(arguments, timeout_s)
        wire: Wire = server
        try:
            info = checked(server.address, await server.send([("INFO",)]))[0]
            if fitness.facts_of(info).get("cluster_enabled") == "1":
                await server.close()
                wire = ClusterWire(arguments, timeout_s)
            store = cls(wire, namespace, server.address)
            await store._refuse_the_unfit()
        except BaseException:
            await wire.close()
            raise
        return store

    async def warnings(self) -> list[str]:
        """What an operator should change although it works; for `doctor`."""
        facts = await self._facts()
        return [f"Redis at {address} {text}" for address in facts for text in fitness.warnings(facts[address])]

    async def acquire(self, buckets: Sequence[int]) -> list[Owned]:
        """See Store. Epochs are the server's clock in microseconds, or one more than the last."""
        replies = await self._run(
            ACQUIRE, [(self._keys[b].slot, self._keys[b][:4], (self._spent.get(b, 0),)) for b in buckets]
        )
        return [self._owned(bucket, reply) for bucket, reply in zip(buckets, replies, strict=True)]

    async def load(self, wanted: Mapping[int, Sequence[bytes]]) -> dict[int, list[bytes | None]]:
        """See Store."""
        asked = {bucket: ids for bucket, ids in wanted.items() if ids}
        replies = await self._exchange(
            [Request(self._keys[b].slot, ("HMGET", self._keys[b].states, *ids)) for b, ids in asked.items()]
        )
        return {bucket: [] for bucket in wanted} | dict(zip(asked, replies, strict=True))

    async def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        """See Store."""
        replies = await self._run(
            COMMIT, [(self._keys[c.bucket].slot, self._keys[c.bucket][:4], _values(c)) for c in commits]
        )
        return [Outcome(reply.decode()) for reply in replies]

    async def due(self, buckets: Sequence[int], until_us: int, limit: int) -> tuple[list[Due], dict[int, int]]:
        """See Store."""
        requests = []
        for bucket in buckets:
            keys = self._keys[bucket]
            come = ("ZRANGE", keys.due, "-inf", until_us, "BYSCORE", "LIMIT", 0, limit + 1, "WITHSCORES")
            later = ("ZRANGE", keys.due, f"({until_us}", "+inf", "BYSCORE", "LIMIT", 0, 1, "WITHSCORES")
            requests += [Request(keys.slot, come), Request(keys.slot, later)]
        replies = await self._exchange(requests)
        found, following = [], {}
        for i, bucket in enumerate(buckets):
            due = [Due(bucket, who, codec.decode_score(at)) for who, at in _pairs(replies[2 * i])]
            found += due[:limit]
            later_us = [codec.decode_score(at) for _, at in _pairs(replies[2 * i + 1])]
            following[bucket] = next((at for _, _, at in due[limit:]), min(later_us, default=NEVER_US))
        return found, following

    async def outbox(self, buckets: Sequence[int], limit: int) -> dict[int, list[Entry]]:
        """See Store."""
        replies = await self._exchange(
            [Request(self._keys[b].slot, ("XRANGE", self._keys[b].outbox, "-", "+", "COUNT", limit)) for b in buckets]
        )
        return {
            bucket: [
                codec.decode_entry(entry, fields[-1], self._keys[bucket].outbox.decode()) for entry, fields in reply
            ]
            for bucket, reply in zip(buckets, replies, strict=True)
        }

    async def trim(self, upto: Mapping[int, Sent]) -> None:
        """See Store."""
        await self._run(
            TRIM,
            [
                (
                    self._keys[b].slot,
                    (self._keys[b].head, self._keys[b].outbox),
                    (sent.epoch, f"{sent.sequence}-{sent.index + 1}"),
                )
                for b, sent in upto.items()
            ],
        )

    async def grant(self, limit: int, asked: Sequence[Candidate]) -> list[bool]:
        """See Store."""
        days: dict[int, list[int]] = {}
        for i, candidate in enumerate(asked):
            days.setdefault(day_of(candidate.at_us), []).append(i)
        keys = {day: grant_keys(self._namespace, day) for day in days}
        replies = await self._run(
            GRANT,
            [(keys[day].slot, keys[day][:3], _asking(limit, [asked[i] for i in here])) for day, here in days.items()],
        )
        granted = [False] * len(asked)
        for here, reply in zip(days.values(), replies, strict=True):
            for i, answer in zip(here, reply, strict=True):
                granted[i] = bool(answer)
        return granted

    async def heads(self) -> dict[int, Head]:
        """See Store."""
        replies = await self._exchange(
            [Request(k.slot, ("HMGET", k.head, "sequence", "head", "versions")) for k in self._keys]
        )
        stored = zip(range(BUCKETS), replies, strict=True)
        return {
            bucket: self._head(bucket, sequence, head, versions)
            for bucket, (sequence, head, versions) in stored
            if sequence is not None
        }

    async def held(self) -> dict[int, Held]:
        """See Store."""
        replies = await self._exchange([Request(k.slot, ("HMGET", k.head, "epoch", "sequence")) for k in self._keys])
        return {
            bucket: Held(int(epoch), int(sequence))
            for bucket, (epoch, sequence) in enumerate(replies)
            if sequence is not None
        }

    def shadow(self, dry: bool = False) -> "RedisStore":
        """See Store."""
        return RedisStore(self._wire, self._namespace + (DRY if dry else SHADOW), self._address)

    async def drop(self, buckets: Sequence[int]) -> None:
        """See Store."""
        keys = [self._keys[bucket] for bucket in buckets]
        await self._exchange([Request(k.slot, ("UNLINK", *k[:5])) for k in keys])

    async def switch(self, switches: Sequence[Switch]) -> list[Outcome]:
        """See Store."""
        shadow = keys_of(self._namespace + SHADOW)
        calls = [
            (self._keys[s.bucket].slot, (*self._keys[s.bucket][:4], *shadow[s.bucket][:4]), (*s.live, *s.shadow))
            for s in switches
        ]
        return [Outcome(reply.decode()) for reply in await self._run(SWITCH, calls)]

    async def state(self, customer_id: bytes) -> bytes | None:
        """See Store."""
        from scoring.hashing import bucket_of  # the kernel takes a second to load, and only this needs it

        bucket = bucket_of(customer_id)
        return (await self.load({bucket: [customer_id]}))[bucket][0]

    def place(self, bucket: int) -> str:
        """See Store."""
        return self._keys[bucket].states.decode()

    async def customers(self) -> int:
        """See Store."""
        return sum(await self._exchange([Request(keys.slot, ("HLEN", keys.states)) for keys in self._keys]))

    async def states(self, *buckets: int) -> AsyncIterator[tuple[bytes, bytes]]:
        """See Store."""
        for first in range(0, len(buckets), SCANNED_TOGETHER):
            cursors = dict.fromkeys(buckets[first : first + SCANNED_TOGETHER], b"0")
            while cursors:
                scans = [
                    Request(self._keys[b].slot, ("HSCAN", self._keys[b].states, cursor, "COUNT", SCAN_AT_ONCE))
                    for b, cursor in cursors.items()
                ]
                for bucket, (cursor, found) in zip(list(cursors), await self._exchange(scans), strict=True):
                    cursors[bucket] = cursor
                    if cursor == b"0":
                        del cursors[bucket]
                    for pair in _pairs(found):
                        yield pair

    async def put_census(self, bucket: int, census: Census) -> None:
        """See Store."""
        keys = self._keys[bucket]
        await self._exchange([Request(keys.slot, ("SET", keys.census, codec.encode_census(census)))])

    async def censuses(self) -> dict[int, Census]:
        """See Store."""
        replies = await self._exchange([Request(k.slot, ("GET", k.census)) for k in self._keys])
        decoded = {bucket: codec.decode_census(packed) for bucket, packed in enumerate(replies) if packed is not None}
        return {bucket: census for bucket, census in decoded.items() if census}

    async def close(self) -> None:
        """See Store."""
        await self._wire.close()

    async def _exchange(self, requests: Sequence[Request]) -> Sequence[Reply]:
        return checked(self._address, await self._wire.exchange(requests)) if requests else []

    async def _run(self, script: Script, calls: Sequence[tuple[int, Sequence[bytes], Command]]) -> Sequence[Reply]:
        """Run a script for each slot, with keys and arguments. Where the server does not know it (again), it did nothing and
        gets its text."""
        if not calls:
            return []
        requests = [
            Request(slot, ("EVALSHA", script.digest, len(keys), *keys, *arguments)) for slot, keys, arguments in calls
        ]
        replies = await self._wire.exchange(requests)
        unknown = [i for i, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
        if unknown:
            full = [Request(requests[i].slot, ("EVAL", script.text, *requests[i].command[2:])) for i in unknown]
            for i, reply in zip(unknown, await self._wire.exchange(full), strict=True):
                replies[i] = reply
        return checked(self._address, replies)

    def _owned(self, bucket: int, reply: Reply) -> Owned:
        if reply is None:
            raise StateError(
                f"Bucket {bucket} at {self._address} holds customers but no position: "
                f"{self._keys[bucket].head.decode()} was deleted. "
                "Restore Redis from a backup, or set another EBBTIDE_NAMESPACE to rebuild from Kafka."
            )
        epoch, sequence, head, versions = reply
        self._spent[bucket] = epoch
        return Owned(bucket, epoch, self._head(bucket, sequence, head, versions))

    def _head(self, bucket: int, sequence: bytes, packed: bytes | None, versions: bytes | None) -> Head:
        return codec.decode_head(sequence, packed or b"", versions or b"", self._keys[bucket].head.decode())

    async def _refuse_the_unfit(self) -> None:
        for address, facts in (await self._facts()).items():
            for text in fitness.objections(facts):
                raise StateError(f"Redis at {address} {text}.")

    async def _facts(self) -> dict[str, dict[str, str]]:
        replies = await self._wire.everywhere(("INFO",))
        checked(self._address, list(replies.values()))
        return {address: fitness.facts_of(info) for address, info in replies.items()}


def _values(commit: Commit) -> list[bytes | str | int]:
    """A commit as commit.lua takes it."""
    scored: list[bytes | int] = []
    gone: list[bytes] = []
    for customer_id, due_us in commit.deadlines:
        if due_us < LAST_EXACT_US:
            scored += (due_us, customer_id)
        else:
            gone.append(customer_id)
    entries = codec.encode_entries(commit.head.sequence, commit.outbox)
    counts = (2 * len(commit.states), len(scored), len(gone), len(entries))
    position = (commit.epoch, commit.head.sequence, codec.encode_head(commit.head))
    versions = commit.head.versions if commit.takes else b""
    return [*position, *counts, versions, *chain.from_iterable(commit.states), *scored, *gone, *entries]


def _asking(limit: int, asked: Sequence[Candidate]) -> list[str | int]:
    """A day's alerts as grant.lua takes them; repr gives every double whole."""
    values: list[str | int] = [limit, GRANTS_KEPT_S]
    for candidate in asked:
        values += (candidate.alert_id, repr(candidate.at_risk), repr(elapsed_share(candidate.at_us)))
    return values


def _pairs(flat: list[bytes]) -> list[tuple[bytes, bytes]]:
    return list(zip(flat[::2], flat[1::2], strict=True))

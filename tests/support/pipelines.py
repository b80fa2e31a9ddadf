"""A pipeline over the store in memory, with everything it tells kept in lists, and records by hand."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scoring.hashing import buckets
from scoring.layout import BUCKETS
from state.keys import LAST_EXACT_US
from state.store import Commit, Store
from streams.clock import Clock, by_event
from streams.config import DRIFT_ALERTS, ORDERS, TIER_CHANGES, Scoring, Version
from streams.events.facts import DecodeRules
from streams.ownership import Partition, acquire
from streams.patience import Patience
from streams.pipeline import Pipeline
from streams.work import Dead, Forward, Idle, Records, Slice, Ticks, Verdict
from tests.support.kernel import LIMITS, TERMS

SCORING = Scoring(Version(TERMS), LIMITS)


@dataclass
class Line:
    """A record as a partition holds it."""

    value: bytes | None
    key: bytes | None
    offset: int
    headers: Sequence[tuple[str, bytes]] = ()
    timestamp: int = 0
    partition: int = 0


class CrashError(Exception):
    """The process dies here."""


@dataclass
class Ears:
    """Messages and outbox of a pipeline."""

    dead: list[Dead] = field(default_factory=list)
    forwards: list[Forward] = field(default_factory=list)
    commits: list[Commit] = field(default_factory=list)

    async def tell(self, dead: Sequence[Dead], forwards: Sequence[Forward]) -> None:
        self.dead += dead
        self.forwards += forwards

    async def hand_over(self, commits: Sequence[Commit]) -> None:
        self.commits += commits

    @property
    def changes(self) -> list[dict[str, Any]]:
        """What was told about tiers, without when it was computed."""
        return self._on(TIER_CHANGES)

    @property
    def alerts(self) -> list[dict[str, Any]]:
        """The same about drift."""
        return self._on(DRIFT_ALERTS)

    def _on(self, topic: str) -> list[dict[str, Any]]:
        entries = [entry for commit in self.commits for entry in commit.outbox if entry.topic == topic]
        told = [json.loads(entry.value) for entry in entries]
        return [{k: v for k, v in message.items() if k != "emitted_at"} for message in told]


class Bench:
    """One worker's pipeline on one partition; `restart` is what a new process does after a crash."""

    def __init__(
        self, store: Store, *, number: int = 0, partitions: int = 1, clock: Clock = by_event, live: bool = True
    ) -> None:
        self.ears = Ears()
        self.store = store
        self._place = (number, partitions)
        self.pipeline = pipeline(store, self.ears, clock, live)
        self.owned = self.restart()

    def restart(self) -> Partition:
        number, partitions = self._place
        [self.owned] = asyncio.run(acquire(self.store, [number], partitions))
        return self.owned

    def feed(self, log: Sequence[Line], size: int = 5000, topic: str = ORDERS) -> Verdict:
        """The rest of the log from where this worker stands, in batches; the first verdict that is not DONE."""
        rest = [line for line in log if line.offset >= self.owned.read[topic]]
        for first in range(0, len(rest), size):
            verdict = asyncio.run(self.pipeline.run(self.owned, Records([Slice(topic, rest[first : first + size])])))
            if verdict is not Verdict.DONE:
                return verdict
        return Verdict.DONE

    def settle(self) -> Verdict:
        """Move the positions of idle buckets on."""
        return asyncio.run(self.pipeline.run(self.owned, Idle()))

    def silence(self, until_us: int) -> Verdict:
        """Fire everything that is due by then."""
        dues, _ = asyncio.run(self.store.due(list(self.owned.heads), until_us, 1000))
        return asyncio.run(self.pipeline.run(self.owned, Ticks(dues, until_us)))


def pipeline(store: Store, ears: Ears, clock: Clock = by_event, live: bool = True) -> Pipeline:
    """`live`: as a worker's, on a day after all events; else as a replay's."""
    wall = (lambda: LAST_EXACT_US) if live else None
    return Pipeline(store, DecodeRules(), SCORING, clock, ears, ears, wall, Patience())


def lines(events: Iterable[Mapping[str, Any] | bytes | None], start: int = 0) -> list[Line]:
    """Events as the records of a partition, keyed as they should be; bytes go in as they are."""
    return [
        Line(json.dumps(event).encode(), event["customer_id"].encode(), offset)
        if isinstance(event, Mapping)
        else Line(event, b"?", offset)
        for offset, event in enumerate(events, start)
    ]


def states(store: Store) -> dict[bytes, bytes]:
    """Every customer's packed ledger."""

    async def read() -> dict[bytes, bytes]:
        return {key: blob for bucket in range(BUCKETS) async for key, blob in store.states(bucket)}

    return asyncio.run(read())


def totals(store: Store) -> dict[str, int]:
    """The counters of all buckets together."""
    found: dict[str, int] = {}
    for head in asyncio.run(store.heads()).values():
        for name, count in head.counters.items():
            found[name] = found.get(name, 0) + count
    return found


def customer_in(partition: int, partitions: int, tag: str = "c") -> str:
    """An id that lives in this partition."""
    ids = [f"{tag}{i}" for i in range(50 * partitions)]
    return next(
        i for i, b in zip(ids, buckets([i.encode() for i in ids]).tolist(), strict=True) if b % partitions == partition
    )

"""Lanes of two partitions that really run, over the store in memory: for what looks after them beside the events."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from scoring.boundaries.policy import Policy, Rule
from scoring.layout import DAY_US
from streams.clock import by_event
from streams.config import COMMANDS, ORDERS
from streams.events.facts import DecodeRules
from streams.events.instants import instant_us
from streams.events.terms import ComputedFrom
from streams.events.terms_records import write_terms
from streams.keeper import FIRST_EVERY_US, Keeper
from streams.lanes import Lane, Lanes
from streams.ownership import acquire
from streams.patience import Patience
from streams.pipeline import Pipeline
from streams.versions import Versioned
from streams.work import Records, Slice
from tests.fakes.memory_store import MemoryStore
from tests.support.kernel import RULES
from tests.support.pipelines import SCORING, Ears, Line, lines
from tests.support.small_shop import START_US, shop

POLICY = Policy(Rule.SHARE, RULES)
NOW_US = START_US + 10 * DAY_US + 30_000_000


@dataclass
class Some:
    """One worker's lanes."""

    lanes: Lanes
    numbers: tuple[int, ...]

    def __iter__(self) -> Iterator[Lane]:
        return iter([lane for lane in self.lanes if lane.owned.number in self.numbers])


class World:
    """One or two workers' keepers on two partitions; what is published comes back when it is told to."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.store = MemoryStore()
        self.now_us = NOW_US
        self.published: list[Versioned] = []
        self.computed: list[ComputedFrom | None] = []
        self.scoring = replace(SCORING, policy=policy)
        self.ears = Ears()
        self.ends: list[object] = []
        self.fed = 0
        pipeline = Pipeline(self.store, DecodeRules(), self.scoring, by_event, self.ears, self.ears, None, Patience())
        self.lanes = Lanes(pipeline.run, 3, lambda _lane, end: self.ends.append(end))

    def reached_us(self, lane: Lane) -> dict[int, int]:
        return dict.fromkeys(lane.owned.heads, self.now_us)

    def keeper(self, *numbers: int) -> Keeper:
        """Of a worker with these partitions."""
        return Keeper(self.store, Some(self.lanes, numbers), self.reached_us, self.scoring, self.publish)

    async def publish(self, version: Versioned, computed: ComputedFrom | None) -> None:
        self.published.append(version)
        self.computed.append(computed)

    async def open(self) -> None:
        for owned in await acquire(self.store, [0, 1], 2):
            self.lanes.open(owned)

    async def feed(self, events: Sequence[dict[str, Any]]) -> None:
        log = lines(events, self.fed)
        self.fed += len(log)
        for lane in self.lanes:
            lane.put(lane.batch(Records([Slice(ORDERS, log)])).work)
        await self.done()

    async def deliver(self, *numbers: int) -> None:
        for lane in Some(self.lanes, numbers or (0, 1)):
            told = [Line(write_terms(v, "USD"), None, n) for n, v in enumerate(self.published)]
            lane.put(lane.batch(Records([Slice(COMMANDS, told)])).work)
        await self.done()

    async def done(self) -> None:
        async with asyncio.timeout(10):
            while any(lane.pending for lane in self.lanes):
                self.lanes.done.clear()
                await self.lanes.done.wait()
        assert self.ends == []


@asynccontextmanager
async def open_world(policy: Policy = POLICY) -> AsyncIterator[World]:
    """Both partitions worked on, until the block ends."""
    world = World(policy)
    await world.open()
    yield world
    await world.lanes.close()


EVENTS = [event for event in shop() if instant_us(event["occurred_at"], None, None) < NOW_US]
SLOT_US = NOW_US // FIRST_EVERY_US * FIRST_EVERY_US


def states_of(world: World) -> dict[bytes, bytes]:
    """Every customer's packed ledger."""
    return {who: blob for held in world.store._buckets.values() for who, blob in held.states.items()}

"""The instants at which a replay stops between two events: to take a census, and to let everybody meet a new version."""

from collections.abc import Awaitable, Callable

from scoring.boundaries.histogram import merged
from scoring.layout import BUCKETS, NEVER_US
from state.store import Store
from streams.census import FEWEST, counted, drawing, drawn, following_us
from streams.config import Scoring
from streams.history.reading import History
from streams.ownership import Partition
from streams.sweeping import parts, sweeps
from streams.versions import Versions, versions_of
from streams.work import Drawn, Work

SWEPT_AT_ONCE = 10_000  # customers; nothing waits meanwhile, and a commit of a bucket costs by the commit

Run = Callable[[Work], Awaitable[None]]


class Turns:
    """When the replay turns next, and what it does there. Censuses are those of a live worker, at exactly their instant."""

    def __init__(self, store: Store, scoring: Scoring, owned: Partition, history: History) -> None:
        self._store = store
        self._scoring = scoring
        self._owned = owned
        self._swept = scoring.first.terms.number  # the terms under which everybody was looked at
        self._census_us = self._following_us(_enough_us(history))

    def next_us(self) -> int:
        """The instant; what happens at it comes after the turn. NEVER_US where no turn is left."""
        terms = self._versions().new.terms
        return min(self._census_us, terms.from_us if terms.number > self._swept else NEVER_US)

    async def turn(self, at_us: int, run: Run) -> None:
        """Everything before `at_us` has happened, silence included."""
        versions = self._versions()
        if versions.new.terms.number > self._swept and versions.new.terms.from_us == at_us:
            async for sweep in sweeps(self._store, range(BUCKETS), versions, SWEPT_AT_ONCE):
                await run(sweep)
            self._swept = versions.new.terms.number
        if self._census_us == at_us:
            await self._census(at_us, run)

    async def _census(self, at_us: int, run: Run) -> None:
        versions = self._versions()
        if versions.drawn or await self._store.customers() >= FEWEST:
            model = versions.new.terms.model
            everyone = parts(self._store, range(BUCKETS))
            counts = [counted([blob for _, blob in part], at_us, model) async for part in everyone]
            version = drawn(merged(counts), at_us, versions, self._scoring)
            if version:
                await run(Drawn(version))
        self._census_us = self._following_us(at_us)

    def _following_us(self, at_us: int) -> int:
        policy = drawing(self._scoring)
        return following_us(at_us, policy, self._versions()) if policy and at_us < NEVER_US else NEVER_US

    def _versions(self) -> Versions:
        return versions_of(self._owned.versions, self._scoring.first)


def _enough_us(history: History) -> int:
    """Before this instant there cannot be enough customers for a census, so that no batch is cut for one."""
    seen: set[bytes] = set()
    unknown = 0
    for record, at_us in zip(history.records, history.at_us.tolist(), strict=True):
        if record.key is None:
            unknown += 1
        else:
            seen.add(record.key)
        if len(seen) + unknown >= FEWEST:
            return int(at_us)
    return NEVER_US

"""Boundaries of a live stream: every worker counts its own buckets at a census, and the one that owns bucket 0 draws the line.

Nothing here is needed for the state to be right. A part that is lost is counted again; a version that is published twice has
the same id. Only by the wall clock: in a stream's own time nobody knows when all from before a midnight has come, and what
comes out must not depend on it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping

from scoring.boundaries.histogram import Histogram, merged
from scoring.boundaries.policy import Policy
from scoring.errors import HistogramCorruptError
from state.errors import StoreUnavailable
from state.store import Census, Store
from streams.census import computed_from, counted, drawing, drawn, latest_us, settled
from streams.clock import elapsed_s
from streams.config import Scoring
from streams.events.terms import ComputedFrom
from streams.events.text import time_text
from streams.lanes import Lane
from streams.sweeping import parts
from streams.versions import Made, Versioned, Versions, lacking, versions_of

log = logging.getLogger(__name__)

LOOK_EVERY_S = 10.0
FIRST_EVERY_US = 5 * 60_000_000  # how often is looked whether there are enough customers for a first census
LACKING_S = 60.0  # until a version that is not everywhere is published again
PAUSE_S = 0.01  # between two parts of a bucket: live events come first

Publish = Callable[[Versioned, ComputedFrom | None], Awaitable[None]]


class Keeper:
    """Takes censuses of the buckets of one worker's lanes, and draws boundaries where bucket 0 is among them."""

    def __init__(
        self,
        store: Store,
        lanes: Iterable[Lane],
        reached_us: Callable[[Lane], Mapping[int, int]],
        scoring: Scoring,
        publish: Publish,
    ) -> None:
        self._store = store
        self._lanes = lanes
        self._reached_us = reached_us
        self._scoring = scoring
        self._publish = publish
        self._told: dict[int, tuple[Lane, int]] = {}  # by bucket, the census of which its part is stored
        self._drawn_us = 0  # the census of which the boundaries are drawn
        self._lacking: tuple[str, float, float] | None = (
            None  # a version that some partition lacks, since when, how long it may
        )
        self._settled: Made | None = None  # the boundaries in the place of which fixed ones were published

    async def run(self) -> None:
        """Look for ever."""
        while True:
            try:
                await self.look()
            except StoreUnavailable:
                log.debug("No census: the store does not answer")  # whoever needs it waits for it, and says so
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Count what is due, and draw boundaries once everything is counted."""
        policy = drawing(self._scoring)
        if policy:
            for lane in list(self._lanes):
                await self._count(lane, policy)
        for lane in list(self._lanes):
            if lane.open and 0 in lane.owned.heads:
                await self._draw(lane, policy)
                await self._spread()

    def _held(self, lane: Lane) -> Versions:
        return versions_of(lane.owned.versions, self._scoring.first)

    async def _count(self, lane: Lane, policy: Policy) -> None:
        held = self._held(lane)
        stored: Mapping[int, Census] | None = None
        for bucket, now_us in self._reached_us(lane).items():
            at_us = latest_us(now_us, policy, held, FIRST_EVERY_US)
            if self._told.get(bucket) == (lane, at_us) or at_us <= held.rules_made[0] or not lane.open:
                continue
            if stored is None:
                stored = await self._store.censuses()
            if bucket in stored and stored[bucket].at_us == at_us:  # counted before a restart, or by another owner
                self._told[bucket] = lane, at_us
                continue
            model = held.new.terms.model
            everyone = parts(self._store, [bucket])
            counts: list[Histogram] = []
            async for part in everyone:
                counts.append(await asyncio.to_thread(counted, [blob for _, blob in part], at_us, model))
                await asyncio.sleep(PAUSE_S)
            await self._store.put_census(bucket, Census(at_us, merged(counts).to_bytes()))
            self._told[bucket] = lane, at_us

    async def _spread(self) -> None:
        """Publish again what some partition still lacks: whoever published it died on the way.

        Or that partition has a long log to read before: each time, twice as long is waited, because copies are kept for ever.
        """
        version, now_s = lacking((await self._store.heads()).values()), elapsed_s()
        if version is None:
            self._lacking = None
        elif self._lacking is None or self._lacking[0] != version.id:
            self._lacking = (version.id, now_s, LACKING_S)
        elif now_s - self._lacking[1] >= self._lacking[2]:
            self._lacking = (version.id, now_s, 2 * self._lacking[2])
            await self._tell(version, None)

    async def _draw(self, lane: Lane, policy: Policy | None) -> None:
        held, now_us = self._held(lane), self._reached_us(lane)[0]
        if policy is None:
            version = settled(held, now_us, self._scoring)
            if version and self._settled != held.rules_made:  # once: until it is taken, a long log may have to be read
                await self._tell(version, None)
                self._settled = held.rules_made
            return
        at_us = latest_us(now_us, policy, held, FIRST_EVERY_US)
        if at_us <= max(self._drawn_us, held.rules_made[0]):
            return
        counts = await self._store.censuses()
        if any(bucket not in counts or counts[bucket].at_us != at_us for bucket in await self._store.heads()):
            return
        everyone = await asyncio.to_thread(_merged, [census.told for census in counts.values()])
        if everyone is None:
            log.warning("A part of the census of %s is damaged: boundaries stay until the next one", time_text(at_us))
        version = drawn(everyone, at_us, held, self._scoring) if everyone else None
        if everyone and version:
            await self._tell(version, computed_from(everyone, at_us, policy))
        self._drawn_us = at_us

    async def _tell(self, version: Versioned, computed: ComputedFrom | None) -> None:
        log.info("Version %s goes out, in force from %s", version.id, time_text(version.from_us))
        await self._publish(version, computed)


def _merged(told: Iterable[bytes]) -> Histogram | None:
    try:
        return merged(map(Histogram.from_bytes, told))
    except HistogramCorruptError:
        return None

"""Sweeps of a live worker: a new version in force meets everybody, at so many customers a second, behind live events."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping

from state.errors import StoreUnavailable
from state.store import Store
from streams.lanes import Lane
from streams.sweeping import sweeps
from streams.versions import unpack

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
BEHIND_S = 0.2  # that much later where live events wait


class Sweeper:
    """Finds buckets that were not swept under their partition's newest version. `reached_us`: by bucket, up to when silence
    may act; before it has come to where the version is in force there is nothing to look at."""

    def __init__(
        self, store: Store, lanes: Iterable[Lane], reached_us: Callable[[Lane], Mapping[int, int]], per_s: int
    ) -> None:
        self._store = store
        self._lanes = lanes
        self._reached_us = reached_us
        self._per_s = per_s
        self._sent: dict[int, tuple[Lane, int]] = {}  # by bucket, the version of which all work is on its way

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self.look()

    async def look(self) -> None:
        """Sweep what is to be swept now."""
        for lane in list(self._lanes):
            if lane.open and lane.owned.versions:
                try:
                    await self._sweep(lane)
                except StoreUnavailable:
                    return  # whoever needs it waits for it, and says so

    async def _sweep(self, lane: Lane) -> None:
        versions = unpack(lane.owned.versions)
        terms = versions.new.terms
        reached_us = self._reached_us(lane)
        buckets = [
            bucket
            for bucket, head in lane.owned.heads.items()
            if head.swept < terms.number
            and reached_us[bucket] >= terms.from_us
            and self._sent.get(bucket) != (lane, terms.number)
        ]
        if not buckets:
            return
        customers = 0
        async for sweep in sweeps(self._store, buckets, versions):
            if not lane.room:
                await asyncio.sleep(BEHIND_S)
            if not lane.open:
                return
            lane.put(lane.batch(sweep).work)
            self._sent |= dict.fromkeys(sweep.swept, (lane, terms.number))
            customers += len(sweep.customers)
            await asyncio.sleep(len(sweep.customers) / self._per_s)
        log.info("Version %s met %d more customers of partition %d", versions.new.id, customers, lane.owned.number)

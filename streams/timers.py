"""Silence on time: polls the due index of those buckets only that may have something due, and sends it down their lanes."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from math import ceil

from scoring.layout import NEVER_US
from state.store import Store
from streams.clock import elapsed_s
from streams.config import ClockKind
from streams.lanes import Lane
from streams.patience import Patience
from streams.work import Idle, Ticks

POLL_EVERY_S = 0.1
IDLE_EVERY_S = 1.0
QUIET_S = 1.0  # of the whole worker, before buckets advance to the latest of their clocks
AT_ONCE = 500  # deadlines of a bucket


class Timers:
    """The timers of a worker. `lags`: by topic, how many records of a partition are not applied yet; None: not known."""

    def __init__(
        self,
        store: Store,
        lanes: Iterable[Lane],
        lags: Callable[[Lane], Mapping[str, int] | None],
        clock: ClockKind,
        wall_us: Callable[[], int],
        patience: Patience,
    ) -> None:
        self._store = store
        self._lanes = lanes
        self._lags = lags
        self._clock = clock
        self._wall_us = wall_us
        self._patience = patience
        self._busy_s = self._looked_s = self._started_s = elapsed_s()
        self._quiet = False
        self._latest_us = 0  # of the clocks of all buckets
        self._settled_s: dict[int, float] = {}  # by lane: when its idle buckets last moved on

    async def run(self) -> None:
        """Poll for ever."""
        while True:
            await asyncio.sleep(POLL_EVERY_S)
            await self.poll()

    async def poll(self) -> None:
        """Fire what is due now; now and then, move the positions of idle buckets on."""
        lanes = [lane for lane in self._lanes if lane.open]
        self._quiet = self._is_quiet(lanes)
        clocks_us = (head.clock_us for lane in lanes for head in lane.owned.heads.values())
        self._latest_us = max(clocks_us, default=0)
        for lane in lanes:
            if not lane.ticks:  # what is under way is still in the due index
                until_us, buckets = self._due(lane)
                if buckets:
                    await self._fire(lane, until_us, buckets)
        self._settle(lanes)

    def _is_quiet(self, lanes: list[Lane]) -> bool:
        """Whether nothing waited for a while. The time in which the store kept a poll waiting does not count: nobody looked."""
        now_s = elapsed_s()
        unseen = now_s - self._looked_s > QUIET_S
        if unseen or any(lane.pending > lane.ticks or self._behind(lane) for lane in lanes):
            self._busy_s = now_s
        self._looked_s = now_s
        return now_s - self._busy_s >= QUIET_S

    def _settle(self, lanes: list[Lane]) -> None:
        """Move idle buckets on, a few lanes at a poll: all at once would hold live events up."""
        now_s = elapsed_s()
        since = {lane: now_s - self._settled_s.get(lane.owned.number, self._started_s) for lane in lanes}
        behind = [lane for lane in lanes if since[lane] >= IDLE_EVERY_S and lane.room and lane.owned.idle()]
        turns = ceil(len(lanes) * POLL_EVERY_S / IDLE_EVERY_S)
        for lane in sorted(behind, key=since.__getitem__, reverse=True)[:turns]:
            self._settled_s[lane.owned.number] = now_s
            lane.put(lane.batch(Idle()).work)

    def _behind(self, lane: Lane) -> list[str]:
        """Topics that hold records which are not applied yet, as far as is known."""
        lags = self._lags(lane)
        return list(lane.owned.topics) if lags is None else [topic for topic, lag in lags.items() if lag]

    def reached_us(self, lane: Lane) -> dict[int, int]:
        """By bucket, up to when silence may act: nothing from before that is still to come, as far as can be known."""
        owned = lane.owned
        if self._clock == "wall":
            # one topic may be read far ahead of the other: an order that still waits comes before the silence after it
            # and a producer whose clock is ahead brings no silence before its time
            until_us = min([self._wall_us(), *(owned.read_us[topic] for topic in self._behind(lane))])
            return dict.fromkeys(owned.heads, until_us)
        if self._quiet:
            return dict.fromkeys(owned.heads, self._latest_us)
        return {bucket: head.clock_us for bucket, head in owned.heads.items()}

    def _due(self, lane: Lane) -> tuple[int, list[int]]:
        """Up to when silence may act now, and the buckets that may have something due by then.

        One instant for the whole lane, that of the slowest such bucket: the others follow at the next poll, in one batch too.
        """
        owned, untils = lane.owned, self.reached_us(lane)
        may = {bucket: until_us for bucket, until_us in untils.items() if owned.next_due[bucket] <= until_us}
        until_us = min(may.values(), default=0)
        return until_us, [bucket for bucket in may if owned.next_due[bucket] <= until_us]

    async def _fire(self, lane: Lane, until_us: int, buckets: list[int]) -> None:
        next_due = lane.owned.next_due
        next_due.update(dict.fromkeys(buckets, NEVER_US))  # whatever is committed while we ask makes it earlier again
        dues, nexts_us = await self._patience(lambda: self._store.due(buckets, until_us, AT_ONCE))
        for bucket, next_us in nexts_us.items():
            next_due[bucket] = min(next_due[bucket], next_us)
        if dues:
            lane.put(lane.batch(Ticks(dues, until_us)).work)

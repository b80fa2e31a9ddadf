"""Refits of a live worker: the one that owns bucket 0 fits the model anew every so many days, and publishes what is no worse."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TypeVar, cast

from scoring.layout import BUCKETS, DAY_US
from state.errors import StoreUnavailable
from state.store import Store
from streams.census import SOON_US
from streams.config import Scoring
from streams.keeper import Publish
from streams.lanes import Lane
from streams.versions import versions_of

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
T = TypeVar("T")


class Refitter:
    """`reached_us` as for the Keeper. What was tried and not taken is forgotten when the worker ends, and tried again."""

    def __init__(
        self,
        store: Store,
        lanes: Iterable[Lane],
        reached_us: Callable[[Lane], Mapping[int, int]],
        every_days: int,
        scoring: Scoring,
        publish: Publish,
    ) -> None:
        self._store = store
        self._lanes = lanes
        self._reached_us = reached_us
        self._period_us = every_days * DAY_US
        self._scoring = scoring
        self._publish = publish
        self._tried_us = 0

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.look()
            except StoreUnavailable:
                continue  # whoever needs it waits for it, and says so

    async def look(self) -> None:
        """Fit where it is time."""
        for lane in list(self._lanes):
            if lane.open and 0 in lane.owned.heads:
                await self._fit(lane)

    async def _fit(self, lane: Lane) -> None:
        now_us = self._reached_us(lane)[0] // 1_000_000 * 1_000_000
        held = versions_of(lane.owned.versions, self._scoring.first)
        if max(self._tried_us, held.model_made[0]) >= now_us // self._period_us * self._period_us:
            return
        from streams.refit import refit  # half a second, and most workers never fit

        blobs = [blob async for _, blob in self._store.states(*range(BUCKETS))]
        self._tried_us = now_us
        version, why = await aside(lambda: refit(blobs, now_us, held, self._scoring))
        if version is None:
            log.info("Refit: the model in force stays (%s)", why)
            return
        log.info("Refit: %s goes out (%s)", version.id, why)
        # a fit takes its time: everybody is to have it before it is in force, and what came into force meanwhile was
        made_us = max(now_us, self._reached_us(lane)[0] // 1_000_000 * 1_000_000)
        await self._publish(version._replace(made_us=made_us, from_us=made_us + SOON_US), None)


async def aside(work: Callable[[], T]) -> T:
    """In a thread that the end of the process does not wait for, as it would for those of asyncio.to_thread."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def end(result: T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(cast(T, result))

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except Exception as raised:
            error = raised
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(end, result, error)

    threading.Thread(target=run, name="refit", daemon=True).start()
    return await done

"""Waiting for a server that does not answer: said aloud, and known to the watchdog, so that it is not taken for a stall."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from state.errors import StoreUnavailable
from streams.errors import BrokerUnavailable

log = logging.getLogger(__name__)
T = TypeVar("T")

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0
SAY_EVERY_S = 10.0


class Patience:
    """Repeats a call until its server answers. Only for what may be repeated: a load, the very same commit, a publication."""

    def __init__(self) -> None:
        self._waits: dict[int, str] = {}

    @property
    def reason(self) -> str | None:
        """What is being waited for, if anything."""
        return next(iter(self._waits.values()), None)

    async def __call__(self, call: Callable[[], Awaitable[T]]) -> T:
        """The call's result, once there is one; any error but a server's silence passes through."""
        pause_s, said_s, token = FIRST_PAUSE_S, float("-inf"), id(call)
        try:
            while True:
                try:
                    return await call()
                except (StoreUnavailable, BrokerUnavailable) as error:
                    self._waits[token] = str(error)
                    if time.monotonic() - said_s >= SAY_EVERY_S:
                        log.warning("Waiting: %s", error)
                        said_s = time.monotonic()
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        finally:
            if self._waits.pop(token, None):
                log.info("No longer waiting")

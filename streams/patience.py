"""Waiting for a server that does not answer: said aloud, and known to the watchdog, so that it is not taken for a stall."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from state.errors import StoreUnavailable
from streams.clock import elapsed_s
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
        self._said_s: dict[str, float] = {}

    @property
    def reason(self) -> str | None:
        """What is being waited for, if anything."""
        return next(iter(self._waits.values()), None)

    async def __call__(self, call: Callable[[], Awaitable[T]]) -> T:
        """The call's result, once there is one; any error but a server's silence passes through."""
        pause_s, token = FIRST_PAUSE_S, id(call)
        try:
            while True:
                try:
                    return await call()
                except (StoreUnavailable, BrokerUnavailable) as error:
                    self._waits[token] = str(error)
                    self._say(str(error))
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        finally:
            if self._waits.pop(token, None) and not self._waits:
                log.info("No longer waiting")

    def _say(self, reason: str) -> None:
        """Every now and then, however many calls wait for the same."""
        now_s = elapsed_s()
        if now_s - self._said_s.get(reason, float("-inf")) >= SAY_EVERY_S:
            self._said_s[reason] = now_s
            log.warning("Waiting: %s", reason)

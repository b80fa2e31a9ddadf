"""Ends a process that hangs, with a reason; whatever supervises it starts another. A thread, because the loop itself may hang."""

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5


@dataclass(slots=True)
class Vitals:
    """What the event loop tells of itself, about once a second."""

    beat_s: float = field(default_factory=monotonic)
    joined: bool = False
    waiting: str | None = None  # for a server that does not answer: no stall
    lags: dict[int, int] = field(
        default_factory=dict
    )  # partition -> records not applied; absent: unknown, or no open lane
    applied: dict[int, int] = field(default_factory=dict)  # assigned partition -> how far it got: any number that grows


class Watch:
    """Judges vitals: pure but for what it remembers."""

    def __init__(self, stall_after_s: float, now_s: float) -> None:
        self._stall_after_s = stall_after_s
        self._well_s = now_s  # when the group was last joined or something was waited for
        self._moved: dict[int, tuple[int, float]] = {}  # partition -> how far it got, and since when

    def verdict(self, vitals: Vitals, now_s: float) -> str | None:
        """Why the process should end, if it should."""
        patience_s = self._stall_after_s
        if now_s - vitals.beat_s > patience_s:
            return f"the event loop has been blocked for {now_s - vitals.beat_s:.0f} s"
        if vitals.joined or vitals.waiting:
            self._well_s = now_s
        elif now_s - self._well_s > patience_s:
            return f"the consumer group could not be joined for {patience_s:.0f} s"
        applied = vitals.applied.items()
        self._moved = {number: self._since(number, far, vitals, now_s) for number, far in applied}
        stuck = [number for number, (_, since_s) in self._moved.items() if now_s - since_s > patience_s]
        return (
            f"partitions {stuck} have not moved for {patience_s:.0f} s although records wait or may wait"
            if stuck
            else None
        )

    def _since(self, number: int, far: int, vitals: Vitals, now_s: float) -> tuple[int, float]:
        before, since_s = self._moved.get(number, (far, now_s))
        idle = vitals.waiting is not None or vitals.lags.get(number) == 0
        return (far, now_s) if idle or far != before else (far, since_s)


def exit_now(reason: str) -> None:
    """End the process at once: nothing in it can be trusted to end it properly."""
    log.critical("Ending this process: %s", reason)
    logging.shutdown()
    os._exit(1)


class Watchdog:
    """Looks at the vitals until it is stopped."""

    def __init__(self, vitals: Vitals, stall_after_s: float, end: Callable[[str], None] = exit_now) -> None:
        self._vitals = vitals
        self._watch = Watch(stall_after_s, monotonic())
        self._end = end
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_S):
            reason = self._watch.verdict(self._vitals, monotonic())
            if reason:
                self._end(reason)
                return

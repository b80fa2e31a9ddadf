"""Commands wait for their time: a version that is read before the orders from before it would judge them by what came later.

A worker that reads a long log again has all of `commands` within a second. So a record of it is handed on once the other
inputs of its partition are read up to the broker's time of it, or have nothing left to read; and once everybody has met the
version before it, where that was in force by then. So what is read again comes to the same.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from streams.config import COMMANDS, ClockKind
from streams.lanes import Lane
from streams.versions import unpack
from streams.work import Record

R = TypeVar("R", bound=Record)


class Holding:
    """What is held back. `lags`: by topic, how many records of a partition are not applied yet; None: not known.

    In a stream's own time nobody knows whether a version will ever be in force, so that none waits for its sweep.
    """

    def __init__(self, lags: Callable[[Lane], Mapping[str, int] | None], clock: ClockKind) -> None:
        self._lags = lags
        self._clock = clock
        self._held_ms: dict[int, int] = {}  # by partition, the broker's time of the first record that waits
        self._released: dict[int, int] = {}  # by partition, the offset behind what was handed on

    def waits(self, lane: Lane) -> bool:
        """Whether the time of the lane's next command is still to come."""
        number = lane.owned.number
        held_ms = self._held_ms.get(number)
        if held_ms is None:
            return False
        if not self._is_applied(lane):
            return True
        if self._is_early(lane, held_ms):
            lane.owned.advance({}, {COMMANDS: held_ms * 1000 - 1})  # silence may go on up to it
            return True
        del self._held_ms[number]
        return False

    def released(self, lane: Lane, records: Sequence[R]) -> Sequence[R]:
        """The records whose time has come, up to a version; the first of the others is to be read again."""
        number = lane.owned.number
        applied = self._is_applied(lane)
        for i, record in enumerate(records):
            if not applied or self._is_early(lane, record.timestamp):
                self._held_ms[number] = record.timestamp
                return records[:i]
            self._released[number] = record.offset + 1
            if record.key is None:  # a version: what comes after it comes after it was taken
                return records[: i + 1]
        return records

    def left(self, lane: Lane) -> int | None:
        """Records that could be read now; None where nobody knows."""
        lags = self._lags(lane)
        held = lane.owned.number in self._held_ms
        return None if lags is None else sum(lag for topic, lag in lags.items() if not (held and topic == COMMANDS))

    def forget(self, number: int) -> None:
        """The partition is read anew."""
        self._held_ms.pop(number, None)
        self._released.pop(number, None)

    def _is_applied(self, lane: Lane) -> bool:
        return lane.owned.read[COMMANDS] >= self._released.get(lane.owned.number, 0)

    def _is_early(self, lane: Lane, at_ms: int) -> bool:
        lags, read_us = self._lags(lane), lane.owned.read_us
        behind = (topic for topic in read_us if topic != COMMANDS and (lags is None or lags.get(topic)))
        return any(read_us[topic] // 1000 < at_ms for topic in behind) or self._is_sweeping(lane, at_ms)

    def _is_sweeping(self, lane: Lane, at_ms: int) -> bool:
        if self._clock != "wall" or not lane.owned.versions:
            return False
        terms = unpack(lane.owned.versions).new.terms
        in_force = terms.from_us < at_ms * 1000  # before it: silence goes on up to a command that waits
        return in_force and any(head.swept < terms.number for head in lane.owned.heads.values())

"""Commands wait for their time: a version that is read before the orders from before it would judge them by what came later.

A worker that reads a long log again has all of `commands` within a second. So a record of it is handed on once the other
inputs of its partition are read up to the broker's time of it, or have nothing left to read.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from streams.config import COMMANDS
from streams.lanes import Lane
from streams.work import Record

R = TypeVar("R", bound=Record)


class Holding:
    """What is held back. `lags`: by topic, how many records of a partition are not applied yet; None: not known."""

    def __init__(self, lags: Callable[[Lane], Mapping[str, int] | None]) -> None:
        self._lags = lags
        self._held_ms: dict[int, int] = {}  # by partition, the broker's time of the first record that waits

    def waits(self, lane: Lane) -> bool:
        """Whether the time of the lane's next command is still to come."""
        held_ms = self._held_ms.get(lane.owned.number)
        if held_ms is None or not self._is_early(lane, held_ms):
            self.forget(lane.owned.number)
            return False
        return True

    def released(self, lane: Lane, records: Sequence[R]) -> Sequence[R]:
        """The records whose time has come; the first of the others is to be read again."""
        for i, record in enumerate(records):
            if self._is_early(lane, record.timestamp):
                if i == 0:  # all before it is handed on: silence may go on up to it
                    self._held_ms[lane.owned.number] = record.timestamp
                    lane.owned.advance({}, {COMMANDS: record.timestamp * 1000 - 1})
                return records[:i]
        return records

    def forget(self, number: int) -> None:
        """The partition is read anew."""
        self._held_ms.pop(number, None)

    def _is_early(self, lane: Lane, at_ms: int) -> bool:
        lags, read_us = self._lags(lane), lane.owned.read_us
        behind = (topic for topic in read_us if topic != COMMANDS and (lags is None or lags.get(topic)))
        return any(read_us[topic] // 1000 < at_ms for topic in behind)

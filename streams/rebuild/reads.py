"""What is read again, and from where."""

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from streams.work import Slice


class Reads(Protocol):
    """A log of all inputs; log.py is Kafka's."""

    def read(self, partition: int, starts: Mapping[str, int], ends: Mapping[str, int]) -> AsyncIterator[list[Slice]]:
        """The records of all topics from `starts` up to, not including, `ends`, by the broker's time."""

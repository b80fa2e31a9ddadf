"""The inputs of a partition as one line, by the broker's time: as a worker that was never behind would have met them.

So a command comes when the orders and interactions from before it are read, as it waits in a worker (holding.py). Within a
second orders come before interactions, and those before commands: batches of few slices are what the pipeline is fast at.
"""

from collections import deque
from collections.abc import Sequence

from streams.config import COMMANDS
from streams.work import Record, Slice


class Merge:
    """Records of some topics, each in the order of its offsets."""

    def __init__(self, topics: Sequence[str]) -> None:
        self._waiting: dict[str, deque[Record]] = {topic: deque() for topic in topics}
        self._at_s = dict.fromkeys(topics, 0)  # of the first that waits; a topic's time never goes back
        self._through: set[str] = set()

    def put(self, topic: str, records: Sequence[Record]) -> None:
        """What was read of a topic, behind what was."""
        waiting = self._waiting[topic]
        if records and not waiting:
            self._follow(topic, records[0])
        waiting += records

    def end(self, topic: str) -> None:
        """Nothing more comes of a topic; what waits of it is still taken."""
        self._through.add(topic)

    @property
    def wanting(self) -> list[str]:
        """Topics of which something must be read, or the end be told, before anything can be taken."""
        return [topic for topic, waiting in self._waiting.items() if not waiting and topic not in self._through]

    @property
    def left(self) -> bool:
        """Whether anything waits or is still to come."""
        return any(self._waiting.values()) or bool(self.wanting)

    def take(self, most: int) -> list[Slice]:
        """The next records, as far as it is known that they are the next. A version comes alone: what is read behind it is
        judged by it."""
        taken: list[tuple[str, list[Record]]] = []
        count = 0
        while count < most and not self.wanting and (topic := self._next()):
            waiting = self._waiting[topic]
            alone = topic == COMMANDS and waiting[0].key is None
            if alone and taken:
                break
            if not taken or taken[-1][0] != topic:
                taken.append((topic, []))
            taken[-1][1].append(waiting.popleft())
            count += 1
            if waiting:
                self._follow(topic, waiting[0])
            if alone:
                break
        return [Slice(topic, records) for topic, records in taken]

    def _next(self) -> str | None:
        waiting = (topic for topic, records in self._waiting.items() if records)
        return min(waiting, key=self._at_s.__getitem__, default=None)

    def _follow(self, topic: str, record: Record) -> None:
        self._at_s[topic] = max(self._at_s[topic], record.timestamp // 1000)

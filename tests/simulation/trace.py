"""What happened, a line each: who, when in virtual seconds, what."""

import zlib
from collections import deque
from collections.abc import Callable

LINES = 400  # kept of a run


class Trace:
    """The last happenings, and a sum of all of them to compare two runs by."""

    def __init__(self, now_s: Callable[[], float], lines: int = LINES) -> None:
        self._now_s = now_s
        self.lines: deque[str] = deque(maxlen=lines)
        self.sum = 0

    def __call__(self, who: str, what: str) -> None:
        line = f"{self._now_s():9.3f}  {who:<8} {what}"
        self.lines.append(line)
        self.sum = hash_of(self.sum, line)


def hash_of(before: int, line: str) -> int:
    """The same in every process, as Python's own is not."""
    return zlib.crc32(line.encode(), before)

"""A wall clock that somebody else turns: with this folder on PYTHONPATH, a process adds the seconds that the file
$SOAK_CLOCK holds to what time.time and time.time_ns say. Monotonic clocks stay as they are, as they do in an NTP jump.
"""

import os
import time
from pathlib import Path

LOOK_EVERY_S = 0.05
_time_ns = time.time_ns


class Turned:
    """The seconds to add, read again every now and then."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._looked_s = float("-inf")
        self._ns = 0

    def time_ns(self) -> int:
        now_s = time.monotonic()
        if now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = now_s
            self._ns = int(float(self._file.read_text() or 0) * 1e9)
        return _time_ns() + self._ns


if "SOAK_CLOCK" in os.environ:
    _turned = Turned(Path(os.environ["SOAK_CLOCK"]))
    time.time_ns = _turned.time_ns
    time.time = lambda: _turned.time_ns() / 1e9

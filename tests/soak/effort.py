"""What a worker has taken of the machine so far (Linux: from /proc)."""

import time
from typing import NamedTuple

from benchmarks.processes import cpu_s, peak_bytes
from tests.soak.crew import Crew

LOOK_EVERY_S = 0.2


class Effort(NamedTuple):
    """What one worker took for a log that lay there already."""

    per_s: float
    cpu_s_a_million: float
    peak_mib: int

    def told(self, what: str) -> str:
        """For a table."""
        return f"{self.per_s:,.0f} {what}/s, {self.cpu_s_a_million:.0f} s CPU a million, {self.peak_mib} MiB"


def worked_off(crew: Crew, events: int) -> Effort:
    """Let a crew of one go on until so many are consumed; measured from its first commit on."""
    (worker,) = crew.workers
    crew.goes_on()
    began_s, began_cpu_s, before = time.monotonic(), cpu_s(worker.pid), crew.consumed()
    while crew.consumed() < events:
        crew.check()
        time.sleep(LOOK_EVERY_S)
    per_s = (events - before) / (time.monotonic() - began_s)
    a_million = (cpu_s(worker.pid) - began_cpu_s) / (events - before) * 1e6
    return Effort(per_s, a_million, peak_bytes(worker.pid) >> 20)

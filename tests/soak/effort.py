"""What a worker has taken of the machine so far (Linux: from /proc)."""

import os
import re
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

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
    began_s, began_cpu_s, before = time.monotonic(), cpu_s(worker), crew.consumed()
    while crew.consumed() < events:
        crew.check()
        time.sleep(LOOK_EVERY_S)
    per_s = (events - before) / (time.monotonic() - began_s)
    a_million = (cpu_s(worker) - began_cpu_s) / (events - before) * 1e6
    return Effort(per_s, a_million, peak_mib(worker))


def cpu_s(worker: "subprocess.Popen[bytes]") -> float:
    """Seconds of CPU, user and system."""
    fields = Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mib(worker: "subprocess.Popen[bytes]") -> int:
    """The most memory that was ever resident, MiB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{worker.pid}/status").read_text())
    return int(found[1]) // 1024 if found else 0

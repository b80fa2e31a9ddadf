"""What a worker has taken of the machine so far (Linux: from /proc)."""

import os
import re
import subprocess
from pathlib import Path


def cpu_s(worker: "subprocess.Popen[bytes]") -> float:
    """Seconds of CPU, user and system."""
    fields = Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mib(worker: "subprocess.Popen[bytes]") -> int:
    """The most memory that was ever resident, MiB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{worker.pid}/status").read_text())
    return int(found[1]) // 1024 if found else 0

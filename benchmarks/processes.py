"""What the kernel of the operating system says of other processes: CPU time, memory, who they are. Linux only."""

import os
import re
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid: int) -> float:
    """CPU seconds of a process so far, all threads, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_bytes(pid: int) -> int:
    """Memory it holds right now."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


def peak_bytes(pid: int) -> int:
    """The most it ever held."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    if not found:
        raise LookupError(f"the kernel tells no peak of {pid}")
    return int(found[1]) * 1024


def listening_on(port: int) -> int:
    """The process that listens on a loopback port."""
    inodes = {f"socket:[{inode}]" for inode in _listeners(port)}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and inodes & _sockets(entry / "fd"):
            return int(entry.name)
    raise LookupError(f"nobody of ours listens on port {port}")


def _listeners(port: int) -> set[str]:
    listen = "0A"
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == listen and int(fields[1].rpartition(":")[2], 16) == port:
                found.add(fields[9])
    return found


def _sockets(folder: Path) -> set[str]:
    found = set()
    try:
        for descriptor in folder.iterdir():
            found.add(str(descriptor.readlink()))
    except OSError:  # another user's, or it just ended
        return found
    return found

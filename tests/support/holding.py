"""Which partitions a worker holds, by what it has said (docs/operations.md, "What a worker logs")."""

import re

_SAID = re.compile(
    rb"(?P<got>Work on partitions \[(?P<numbers>[\d, ]*)\])|(?P<none>Gave back partitions)|(?P<stops>Worker stops)"
    rb"|(?:took over|A commit to) partition (?P<lost>\d+)"
)


def holding(log: bytes) -> set[int]:
    """Those it holds as its log ends; of a worker that was told to stop, those it held then."""
    held: set[int] = set()
    for said in _SAID.finditer(log):
        if said["stops"]:
            break
        if said["got"]:
            held |= set(map(int, said["numbers"].split(b",")))
        elif said["none"]:
            held.clear()
        else:
            held.discard(int(said["lost"]))
    return held

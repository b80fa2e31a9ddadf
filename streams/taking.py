"""What a partition's buckets make of the versions in a batch: each takes what its own head does not yet have.

The copies of a version lie in one partition of `commands`, and every bucket of that partition takes them, each with its own
commit. A bucket whose commit was lost takes them again when they are read again; the others have them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from streams.config import Version
from streams.ownership import Partition
from streams.versions import Versioned, Versions, pack, take, versions_of


class Brought(NamedTuple):
    """A version, and the topic and offset of the record that brought it; None: no record did."""

    version: Versioned
    place: tuple[str, int] | None = None


class Taking(NamedTuple):
    """The versions after a batch."""

    versions: Versions  # what the partition's customers are judged by in it
    taken: Mapping[int, bytes]  # bucket -> packed versions, new ones only
    idle: Sequence[int]  # buckets of which the position has to move
    counts: Mapping[int, Counter[str]]


def take_all(owned: Partition, brought: Sequence[Brought], first: Version) -> Taking:
    """Take what was brought, in its order. Counted, as refused records are, in the bucket with the partition's number."""
    held = versions_of(owned.versions, first)
    if not brought:
        return Taking(held, {}, (), {})
    taken: dict[int, bytes] = {}
    counts: Counter[str] = Counter()
    furthest = held
    for bucket, head in owned.heads.items():
        before = versions = versions_of(head.versions, first)
        for told, place in brought:
            if place and place[1] < owned.starts(place[0])[bucket]:
                continue
            after = take(versions, told)
            if place and bucket == owned.number:
                counts.update(("consumed", "duplicate" if after is versions else "applied"))
            versions = after
        if versions is not before:
            taken[bucket] = pack(versions)
            furthest = max(furthest, versions, key=lambda one: one.new.terms.number)
    return Taking(furthest, taken, list(owned.heads), {owned.number: counts} if counts else {})

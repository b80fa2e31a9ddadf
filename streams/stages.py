"""Which partitions a bucket's records lie in, one after another: the number of partitions may have been raised.

A head's offsets count in the partition that the bucket lies in now. From a raise on, they also say, under `<topic>@<partitions>`,
how far the bucket had come where it lay before: its records up to there are nowhere else.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from state.store import Head
from streams.errors import StreamsError
from streams.ownership import PARTITIONS

BEFORE = "@"  # between a topic and the number of partitions of an earlier stage


class Stage(NamedTuple):
    """What a bucket read, or has still to read, while the topics had so many partitions."""

    partition: int
    partitions: int
    ends: Mapping[str, int]  # topic -> offset up to which it read there


def raised(head: Head, bucket: int, partitions: int) -> Head:
    """The head of a bucket that goes on with so many partitions: one commit later, where it begins in its new partition.

    A bucket that stays in its partition goes on where it stands. Twice is once.
    """
    before = head.offsets[PARTITIONS]
    if before == partitions:
        return head
    here = _now(head)
    stays = bucket % before == bucket % partitions
    offsets = {name: offset for name, offset in head.offsets.items() if name not in here}
    offsets |= {f"{topic}{BEFORE}{before}": offset for topic, offset in here.items()}
    offsets |= here if stays else {}
    return head._replace(sequence=head.sequence + 1, offsets=offsets | {PARTITIONS: partitions})


def begun(heads: Mapping[int, Head], buckets: Iterable[int]) -> list[int]:
    """Those of these buckets that have a position; of the others nothing was ever applied."""
    return [bucket for bucket in buckets if bucket in heads and PARTITIONS in heads[bucket].offsets]


def refuse_added(heads: Iterable[Head], partitions: int) -> None:
    """Raises StreamsError where somebody went on with another number of partitions meanwhile; no position is another number."""
    for now in {head.offsets.get(PARTITIONS, partitions) for head in heads} - {partitions}:
        raise StreamsError(
            f"The state went on with {now} partitions while it was read with {partitions}: partitions were added meanwhile, or "
            "Redis came back from before that. What was switched stays; run it again."
        )


def stages(head: Head, bucket: int, topics: Sequence[str]) -> list[Stage]:
    """Where everything lies that the head has, in the order in which it was read; the last is where it reads now.

    Raises StreamsError where it has no position.
    """
    if PARTITIONS not in head.offsets:
        raise StreamsError(f"Bucket {bucket} has lost its position: Redis came back older, or empty. Run this again.")
    counts = sorted({int(name.partition(BEFORE)[2]) for name in head.offsets if BEFORE in name})
    past = [
        Stage(bucket % count, count, {topic: head.offsets.get(f"{topic}{BEFORE}{count}", 0) for topic in topics})
        for count in counts
    ]
    partitions = head.offsets[PARTITIONS]
    return [*past, Stage(bucket % partitions, partitions, {topic: head.offsets.get(topic, 0) for topic in topics})]


def _now(head: Head) -> dict[str, int]:
    return {name: offset for name, offset in head.offsets.items() if name != PARTITIONS and BEFORE not in name}

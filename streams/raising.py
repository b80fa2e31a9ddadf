"""More partitions for a state that has positions: each bucket goes on in the partition that it lies in afterwards.

What was written before stays where it is. A bucket's records up to its position are applied; those behind it are foreign in
that partition from then on, and its worker sends them on, as it does with any misrouted record. That nothing falls between
takes one thing: all buckets of a partition stand at one position. So they are brought there first.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from state.store import Commit, Head, Outcome, Owned, Store
from streams.broker.lag import Extents
from streams.config import INPUTS
from streams.errors import StreamsError
from streams.ownership import PARTITIONS, Partition, buckets_of
from streams.pipeline import Pipeline
from streams.rebuild.reads import Reads
from streams.stages import BEFORE, begun, raised
from streams.work import Idle, Records, Verdict, Work


class Left:
    """An outbox for the next worker: what is committed lies in the store until it publishes it."""

    async def hand_over(self, commits: Sequence[Commit]) -> None:
        """See Outbox."""


def counts_in(heads: Mapping[int, Head]) -> set[int]:
    """The numbers of partitions in which positions count."""
    return {heads[bucket].offsets[PARTITIONS] for bucket in begun(heads, heads)}


def steps(heads: Mapping[int, Head], partitions: int) -> list[tuple[int, int]]:
    """From which number of partitions to which, one after another, until every bucket has so many.

    More than one where Redis lost a bucket's last moments: it went where the others went, and what it lacks lies there, too.
    """
    left = counts_in(heads) - {partitions}
    been = {int(name.partition(BEFORE)[2]) for head in heads.values() for name in head.offsets if BEFORE in name}
    return list(pairwise(sorted({n for n in left | been if n >= min(left)} | {partitions}))) if left else []


async def even(store: Store, pipeline: Pipeline, log: Reads, held: Extents, before: int) -> int:
    """Bring all buckets of each of `before` partitions to the position of the foremost. Returns how many records that took.

    After a clean stop there is nothing to read; after a kill, what some buckets of a last batch have and others have not.
    """
    count = 0
    heads = await store.heads()
    for number, here in _left(heads, before):
        owned = Partition(number, before, await store.acquire(here))
        ends = _ends({**heads, **owned.heads}, number, before)
        for topic in INPUTS:
            owned.read[topic] = owned.read[topic] or min(held[topic][number].begin, ends[topic])
        _refuse_gone(owned, ends, held)
        async for slices in log.read(number, dict(owned.read), ends):
            await _run(pipeline, owned, Records(slices))
            count += sum(len(part.records) for part in slices)
        owned.advance(ends, {})
        await _run(pipeline, owned, Idle())
    return count


async def rewrite(store: Store, partitions: int) -> int:
    """Let every bucket that lies in one of fewer partitions go on with so many, one after another. How many it were.

    Raises StreamsError where those of a partition do not stand at one position: then somebody moved them after `even`.
    """
    count = 0
    heads = await store.heads()
    for before in sorted(n for n in counts_in(heads) if n < partitions):
        for number, here in _left(heads, before):
            acquired = await store.acquire(here)  # from now on they stay where they are
            heads |= {owned.bucket: owned.head for owned in acquired}
            _refuse_uneven(heads, number, before)
            for owned in acquired:
                if PARTITIONS in owned.head.offsets:
                    (outcome,) = await store.commit([_raised(owned, partitions)])
                    _refuse_others(outcome is Outcome.DONE)
                    count += 1
    return count


def _raised(owned: Owned, partitions: int) -> Commit:
    return Commit(owned.bucket, owned.epoch, raised(owned.head, owned.bucket, partitions), [], [], [])


def _left(heads: Mapping[int, Head], before: int) -> list[tuple[int, list[int]]]:
    """By partition, its buckets that have not gone on; without partitions of which nothing has been applied."""
    found = [
        (number, [b for b in buckets_of(number, before) if b not in heads or _count(heads[b], before) == before])
        for number in range(before)
    ]
    return [(number, here) for number, here in found if begun(heads, here)]


def _ends(heads: Mapping[int, Head], number: int, before: int) -> dict[str, int]:
    """Up to where a partition was read, by topic: the furthest of all its buckets. One that went on remembers it."""
    positions = [_position(heads[b], before) for b in buckets_of(number, before) if b in heads]
    return {topic: max(position[topic] for position in positions) for topic in INPUTS}


def _position(head: Head, before: int) -> dict[str, int]:
    """How far a bucket came while there were `before` partitions, by topic."""
    mark = "" if _count(head, before) == before else f"{BEFORE}{before}"
    return {topic: head.offsets.get(topic + mark, 0) for topic in INPUTS}


def _count(head: Head, before: int) -> int:
    return head.offsets.get(PARTITIONS, before)


async def _run(pipeline: Pipeline, owned: Partition, work: Work) -> None:
    _refuse_others(await pipeline.run(owned, work) is Verdict.DONE)


def _refuse_gone(owned: Partition, ends: Mapping[str, int], held: Extents) -> None:
    """Raises StreamsError where the log does not hold what some buckets have and others lack."""
    for topic, end in ends.items():
        read, there = owned.read[topic], held[topic][owned.number]
        if read < end and not there.begin <= read < end <= there.end:
            raise StreamsError(
                f"Some buckets of partition {owned.number} lack {topic} from offset {read} up to {end}, and the log holds "
                f"{there.begin} up to {there.end}: it is another log, or records were deleted. Restore a backup of Redis that "
                "is younger, or begin anew under another EBBTIDE_NAMESPACE."
            )


def _refuse_uneven(heads: Mapping[int, Head], number: int, before: int) -> None:
    """Raises StreamsError unless all buckets of a partition were read up to one position: what lies between would be nobody's."""
    ends = _ends(heads, number, before)
    uneven = [b for b in buckets_of(number, before) if b in heads and _position(heads[b], before) != ends]
    _refuse_others(all(_count(heads[b], before) > before for b in uneven))
    for bucket in uneven:
        raise StreamsError(
            f"Bucket {bucket} went on with more partitions from {_position(heads[bucket], before)}, while others of partition "
            f"{number} of {before} were read up to {ends}: what lies between it never gets. Begin anew under another "
            "EBBTIDE_NAMESPACE."
        )


def _refuse_others(done: bool) -> None:
    if not done:
        raise StreamsError(
            "A worker of this namespace runs, or Redis lost its last moments. Stop all workers, and run it again."
        )

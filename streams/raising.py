"""More partitions for a state that has positions: each bucket goes on in the partition that it lies in afterwards.

What was written before stays where it is. A bucket's records up to its position are applied; those behind it are foreign in
that partition from then on, and its worker sends them on, as it does with any misrouted record. That nothing falls between
takes one thing: all buckets of a partition stand at one position. So they are brought there first.
"""

from collections.abc import Mapping, Sequence

from scoring.layout import BUCKETS
from state.store import Commit, Head, Outcome, Owned, Store
from streams.broker.lag import Extents
from streams.config import INPUTS
from streams.errors import StreamsError
from streams.ownership import PARTITIONS, Partition
from streams.pipeline import Pipeline
from streams.rebuild.reads import Reads
from streams.stages import begun, raised
from streams.work import Idle, Records, Verdict, Work


class Left:
    """An outbox for the next worker: what is committed lies in the store until it publishes it."""

    async def hand_over(self, commits: Sequence[Commit]) -> None:
        """See Outbox."""


def counts_in(heads: Mapping[int, Head]) -> set[int]:
    """The numbers of partitions in which positions count."""
    return {heads[bucket].offsets[PARTITIONS] for bucket in begun(heads, heads)}


async def even(store: Store, pipeline: Pipeline, log: Reads, held: Extents, before: int) -> int:
    """Bring all buckets of each of `before` partitions to the position of the foremost. Returns how many records that took.

    After a clean stop there is nothing to read; after a kill, what some buckets of a last batch have and others have not.
    """
    count = 0
    heads = await store.heads()
    for number in range(before):
        here = [b for b in range(number, BUCKETS, before) if _count(heads.get(b), before) == before]
        if not begun(heads, here):
            continue
        owned = Partition(number, before, await store.acquire(here))
        ends = {topic: max(head.offsets.get(topic, 0) for head in owned.heads.values()) for topic in INPUTS}
        for topic in INPUTS:
            owned.read[topic] = owned.read[topic] or min(held[topic][number].begin, ends[topic])
        async for slices in log.read(number, dict(owned.read), ends):
            await _run(pipeline, owned, Records(slices))
            count += sum(len(part.records) for part in slices)
        owned.advance(ends, {})
        await _run(pipeline, owned, Idle())
    return count


async def rewrite(store: Store, partitions: int) -> int:
    """Let every bucket go on with so many partitions, one after another; those that do already are left. How many it were."""
    heads = await store.heads()
    wanted = [b for b in begun(heads, heads) if heads[b].offsets[PARTITIONS] != partitions]
    for owned in await store.acquire(wanted):
        (outcome,) = await store.commit([_raised(owned, partitions)])
        _refuse_others(outcome is Outcome.DONE)
    return len(wanted)


def _raised(owned: Owned, partitions: int) -> Commit:
    return Commit(owned.bucket, owned.epoch, raised(owned.head, owned.bucket, partitions), [], [], [])


def _count(head: Head | None, before: int) -> int:
    return head.offsets.get(PARTITIONS, before) if head else before


async def _run(pipeline: Pipeline, owned: Partition, work: Work) -> None:
    _refuse_others(await pipeline.run(owned, work) is Verdict.DONE)


def _refuse_others(done: bool) -> None:
    if not done:
        raise StreamsError(
            "A worker of this namespace runs, or Redis lost its last moments. Stop all workers, and run it again."
        )

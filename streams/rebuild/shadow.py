"""What happened, once more: records through the same pipeline into a shadow, silence between them, nobody told."""

from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from dataclasses import replace

from scoring.layout import BUCKETS
from state.store import Commit, Outcome, Owned, Sent, Store
from streams.clock import by_bucket, by_event, wall_us
from streams.config import ClockKind, Scoring
from streams.errors import StreamsError
from streams.events.facts import DecodeRules
from streams.history.replay import HISTORY
from streams.ownership import Partition
from streams.patience import Patience
from streams.pipeline import Pipeline
from streams.rebuild.times import by_their_time
from streams.stages import Stage, raised, refuse_added
from streams.sweeping import sweeps
from streams.versions import unpack
from streams.work import Dead, Forward, Idle, Records, Slice, Ticks, Verdict, Work

DUE_AT_ONCE = 1_000  # a bucket


class Nobody:
    """Messages and outbox of a past that was told long ago: the buckets count, and nothing goes out."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def tell(self, _dead: Sequence[Dead], _forwards: Sequence[Forward]) -> None:
        """See Messages."""

    async def hand_over(self, commits: Sequence[Commit]) -> None:
        """See Outbox."""
        lasts = ((commit, commit.outbox[-1]) for commit in commits)
        await self._store.trim({c.bucket: Sent(c.epoch, last.sequence, last.index) for c, last in lasts})


class Shadow:
    """Buckets of a shadow generation, which nobody else writes."""

    def __init__(
        self,
        store: Store,
        rules: DecodeRules,
        scoring: Scoring,
        clock: ClockKind,
        progress: Callable[[int], None] = lambda _records: None,
    ) -> None:
        """`progress` hears of records that are through."""
        nobody = Nobody(store)
        self.store = store
        self._owned: dict[int, Owned] = {}
        self._clock = clock
        self._progress = progress
        self._rules = rules
        self._came_us = 0  # the broker's time of what is run: what was from the future then, still is
        scoring = replace(scoring, muted=True, drift_budget=0)  # a budget was spent on what was told then
        self._pipeline = Pipeline(
            store,
            rules,
            scoring,
            by_event if clock == "wall" else by_bucket,
            nobody,
            nobody,
            lambda: self._came_us,
            Patience(),
        )

    async def begin(self, buckets: Sequence[int]) -> None:
        """Forget all that rebuilds before this one left, and take their place: one that still runs ends."""
        await self.store.drop(range(BUCKETS))
        self._owned = {owned.bucket: owned for owned in await self.store.acquire(buckets)}

    async def end(self) -> None:
        """Forget what is left, of dry runs and where it broke off; not what a later rebuild took over."""
        held = await self.store.held()
        ours = [b for b, owned in self._owned.items() if b in held and held[b].epoch == owned.epoch]
        await self.store.drop(ours)

    async def refuse_if_taken(self, bucket: int) -> None:
        """Raises StreamsError where a bucket is not ours any more: what was read of it may be another's, or nothing."""
        held = (await self.store.held()).get(bucket)
        _refuse_others(held is not None and held.epoch == self._owned[bucket].epoch)

    def owned(self, bucket: int) -> Owned:
        """A bucket as it stands."""
        return self._owned[bucket]

    def open(self, buckets: Sequence[int], stage: Stage) -> Partition:
        """These buckets in the partition of a stage. What is done to it has to be `kept`."""
        refuse_added((self._owned[b].head for b in buckets), stage.partitions)
        return Partition(stage.partition, stage.partitions, [self._owned[b] for b in buckets], tuple(stage.ends))

    async def run(self, owned: Partition, batches: AsyncIterable[list[Slice]], ends: Mapping[str, int]) -> None:
        """Records up to `ends`, the silence between them, and new versions for whoever they do not touch."""
        async for slices in batches:
            records = [record for part in slices for record in part.records]
            now_us = wall_us()
            read_us = min(max(record.timestamp for record in records) * 1000, now_us)
            for part, came_us in by_their_time(slices, self._rules, now_us):
                self._came_us = came_us
                await self._run(owned, Records(part))
            if self._clock == "wall":
                reached_us = dict.fromkeys(owned.heads, read_us)
            else:
                reached_us = {bucket: head.clock_us for bucket, head in owned.heads.items()}
            await self.silence(owned, reached_us)
            self._progress(len(records))
        owned.advance(ends, {})
        await self._run(owned, Idle())
        self.keep(owned)

    async def files(self, buckets: Sequence[int], batches: AsyncIterable[list[Slice]]) -> None:
        """Files before the log: all buckets at once, and no position of theirs is left."""
        owned = self.open(buckets, Stage(0, 1, {HISTORY: 0}))
        await self.run(owned, batches, {})
        for bucket in buckets:
            epoch, head = self._owned[bucket].epoch, self._owned[bucket].head
            bare = head._replace(sequence=head.sequence + 1, offsets={})
            await self.commit(Commit(bucket, epoch, bare, [], [], []))

    async def silence(self, owned: Partition, reached_us: Mapping[int, int]) -> None:
        """Let silence act up to an instant a bucket, and let everybody meet the version in force by then."""
        while may := {b: us for b, us in reached_us.items() if owned.next_due[b] <= us}:
            until_us = min(may.values())
            buckets = [b for b in may if owned.next_due[b] <= until_us]
            dues, following = await self.store.due(buckets, until_us, DUE_AT_ONCE)
            owned.next_due.update(following)
            if dues:
                await self._run(owned, Ticks(dues, until_us))
        await self._sweep(owned, reached_us)

    async def commit(self, commit: Commit) -> None:
        """A commit beside the pipeline, of a bucket that is through."""
        (outcome,) = await self.store.commit([commit])
        _refuse_others(outcome is Outcome.DONE)
        self._owned[commit.bucket] = self._owned[commit.bucket]._replace(head=commit.head)

    async def raise_to(self, bucket: int, partitions: int) -> None:
        """Go on where the bucket went on when the number of partitions was raised."""
        epoch, head = self._owned[bucket].epoch, raised(self._owned[bucket].head, bucket, partitions)
        if head.sequence > self._owned[bucket].head.sequence:
            await self.commit(Commit(bucket, epoch, head, [], [], []))

    def keep(self, owned: Partition) -> None:
        """What became of an opened partition's buckets."""
        for bucket, head in owned.heads.items():
            self._owned[bucket] = self._owned[bucket]._replace(head=head)

    async def _sweep(self, owned: Partition, reached_us: Mapping[int, int]) -> None:
        if not owned.versions:
            return
        versions = unpack(owned.versions)
        terms = versions.new.terms
        buckets = [
            b for b, head in owned.heads.items() if head.swept < terms.number and reached_us.get(b, 0) >= terms.from_us
        ]
        if buckets:
            async for sweep in sweeps(self.store, buckets, versions):
                await self._run(owned, sweep)

    async def _run(self, owned: Partition, work: Work) -> None:
        _refuse_others(await self._pipeline.run(owned, work) is Verdict.DONE)


def _refuse_others(done: bool) -> None:
    if not done:
        raise StreamsError(
            "Another rebuild took this one's place, or Redis lost its last moments. What was switched stays; run the rebuild "
            "again where neither is the case any more."
        )

"""A partition's buckets from the log, and in the place of what is live, while workers go on.

What is rebuilt stands exactly where the live bucket stands, so that the worker who goes on afterwards applies nothing twice,
and what differs is what was wrong. The rebuild takes a bucket over for the moment it needs for that, as any worker would.
"""

from collections.abc import Callable, Mapping, Sequence

from state.store import Commit, Head, Held, Outcome, Owned, Sent, Store, Switch
from streams.broker.lag import Extents
from streams.clock import wall_us
from streams.config import INPUTS, ORDERS, ClockKind, Scoring
from streams.errors import StreamsError
from streams.rebuild.reads import Reads
from streams.rebuild.settling import Settled, settle
from streams.rebuild.shadow import Shadow
from streams.stages import Stage, refuse_added, stages
from streams.versions import unpack

FEW = 5_000  # records that may be left to read when buckets are taken over
PASSES = 20
ATTEMPTS = 20


class Rebuild:
    """The rebuild of some buckets; `dry`: stop before the switch."""

    def __init__(
        self,
        store: Store,
        shadow: Shadow,
        kafka: Reads,
        held: Extents,
        scoring: Scoring,
        clock: ClockKind,
        told: Callable[[Settled], None],
        dry: bool = False,
    ) -> None:
        """`held`: what the log holds. `told` hears of each bucket that is through."""
        self._store = store
        self._shadow = shadow
        self._log = kafka
        self._held = held
        self._scoring = scoring
        self._clock = clock
        self._told = told
        self._dry = dry

    async def run(self, buckets: Sequence[int]) -> None:
        """Buckets of one partition: 1. read what they read  2. take over  3. read the rest  4. compare  5. switch.

        A crash before 5 leaves a shadow that the next rebuild drops, and buckets that their worker takes over again; at 5
        each bucket is switched by itself and whole.
        """
        # 1. read what they read, up to close behind them
        await self._past(buckets)
        await self._follow(buckets)
        left = list(buckets)
        for _ in range(ATTEMPTS):
            # 2. take over: their worker is refused, and takes them over again after a session timeout
            live = await self._take_over(left)
            await self._together({bucket: head for bucket, (_, head) in live.items()})
            # 3. to 5. of each bucket; once more those that were taken from us meanwhile
            left = [bucket for bucket in left if not await self._finish(bucket, *live[bucket])]
            if not left:
                return
        raise StreamsError(
            f"Buckets {', '.join(map(str, left))} are written or taken over again and again meanwhile: stop the workers, and run "
            "the rebuild again for these."
        )

    async def _past(self, buckets: Sequence[int]) -> None:
        """What they read while the topics had fewer partitions."""
        heads = await self._heads(buckets)
        of = {bucket: stages(heads[bucket], bucket, INPUTS) for bucket in buckets}
        for count in sorted({stage.partitions for passed in of.values() for stage in passed}):
            here = {b: stage for b in buckets for stage in of[b][:-1] if stage.partitions == count}
            if not here:
                continue
            number = next(iter(here.values())).partition
            ends = {topic: max(stage.ends[topic] for stage in here.values()) for topic in INPUTS}
            await self._read(list(here), Stage(number, count, ends))
            for bucket in here:
                following = next(stage.partitions for stage in of[bucket] if stage.partitions > count)
                await self._shadow.raise_to(bucket, following)

    async def _follow(self, buckets: Sequence[int]) -> None:
        """Up to where the slowest of them stands, until that is close behind the workers."""
        for _ in range(PASSES):
            if await self._together(await self._heads(buckets)) <= FEW:
                return

    async def _together(self, heads: Mapping[int, Head]) -> int:
        """All of these buckets up to where the slowest of them stands; how many offsets that were."""
        lasts = [stages(head, bucket, INPUTS)[-1] for bucket, head in heads.items()]
        ends = {topic: min(last.ends[topic] for last in lasts) for topic in INPUTS}
        return await self._read(list(heads), lasts[0]._replace(ends=ends))

    async def _read(self, buckets: Sequence[int], stage: Stage) -> int:
        """Read on up to the ends of a stage; how many offsets that were."""
        owned = self._shadow.open(buckets, stage)
        for topic in INPUTS:
            if not owned.read[topic]:  # the log may begin later, where files gave what was before
                owned.read[topic] = min(self._held[topic][stage.partition].begin, stage.ends[topic])
        ahead = {topic: read for topic, read in owned.read.items() if read > stage.ends[topic]}
        if ahead:
            raise StreamsError("Redis came back older while this rebuilt it. Run the rebuild again.")
        starts = dict(owned.read)
        await self._shadow.run(owned, self._log.read(stage.partition, starts, stage.ends), stage.ends)
        return sum(stage.ends[topic] - starts[topic] for topic in INPUTS)

    async def _take_over(self, buckets: Sequence[int]) -> dict[int, tuple[Held, Head]]:
        if self._dry:
            heads = await self._heads(buckets)
            return {bucket: (Held(0, heads[bucket].sequence), heads[bucket]) for bucket in buckets}
        owned = await self._store.acquire(buckets)
        refuse_added((o.head for o in owned), len(self._held[ORDERS]))
        return {o.bucket: (Held(o.epoch, o.head.sequence), o.head) for o in owned}

    async def _heads(self, buckets: Sequence[int]) -> dict[int, Head]:
        there = await self._store.heads()
        heads = {bucket: there.get(bucket, Head(0, {}, 0, {})) for bucket in buckets}
        refuse_added(heads.values(), len(self._held[ORDERS]))  # their positions would count where `held` knows nothing
        return heads

    async def _finish(self, bucket: int, held: Held, live: Head) -> bool:
        """Whether the bucket is through; False where somebody else wrote it meanwhile."""
        if self._dry:  # nothing holds the worker up: as late as can be
            held, live = (await self._take_over([bucket]))[bucket]
        # 3. read the rest: exactly what the live bucket has, and silence as far as its clock
        await self._read([bucket], stages(live, bucket, INPUTS)[-1])
        await self._silence(bucket, live)
        # 4. compare, which takes as long as the bucket is large
        if not self._dry and not await self._holds(bucket, held):
            return False
        rebuilt, lived = self._shadow.owned(bucket), Owned(bucket, held.epoch, live)
        settled = await settle(self._store, self._shadow.store, rebuilt, lived, self._scoring, self._clock)
        if self._dry:
            await self._shadow.refuse_if_taken(bucket)  # as a switch would
            through = (await self._store.held()).get(bucket, held).sequence == held.sequence
        else:
            through = await self._switch(bucket, held, settled)
        if through:
            self._told(settled)
        return through

    async def _silence(self, bucket: int, live: Head) -> None:
        epoch, head = self._shadow.owned(bucket).epoch, self._shadow.owned(bucket).head
        if live.versions and not head.versions:  # versions that no record on the log brings stay in force
            head = head._replace(sequence=head.sequence + 1, versions=live.versions)
            await self._shadow.commit(Commit(bucket, epoch, head, [], [], [], takes=True))
        owned = self._shadow.open([bucket], stages(live, bucket, INPUTS)[-1])
        # a producer whose clock is ahead brings no silence before its time
        reached_us = min(live.clock_us, wall_us()) if self._clock == "wall" else live.clock_us
        if owned.versions:
            terms = unpack(owned.versions).new.terms
            reached_us = max(reached_us, terms.from_us if live.swept >= terms.number else 0)
        await self._shadow.silence(owned, {bucket: reached_us})
        self._shadow.keep(owned)

    async def _switch(self, bucket: int, held: Held, settled: Settled) -> bool:
        # 5. switch
        if not await self._holds(bucket, held):
            return False
        before = self._shadow.owned(bucket)
        await self._shadow.commit(settled.commit)
        rebuilt = Held(before.epoch, settled.commit.head.sequence)
        (outcome,) = await self._store.switch([Switch(bucket, held, rebuilt)])
        if outcome is Outcome.BEHIND:
            raise StreamsError("Redis lost its last moments, or another rebuild took this one's place. Run it again.")
        if outcome is Outcome.STALE:  # in this very moment: as if nothing had been told
            await self._undo(bucket, settled, before.head)
        return outcome is Outcome.DONE

    async def _holds(self, bucket: int, held: Held) -> bool:
        return (await self._store.held()).get(bucket) == held

    async def _undo(self, bucket: int, settled: Settled, head: Head) -> None:
        epoch, sequence = settled.commit.epoch, settled.commit.head.sequence
        if settled.commit.outbox:
            upto = Sent(epoch, sequence, len(settled.commit.outbox) - 1)
            await self._shadow.store.trim({bucket: upto})
        again = head._replace(sequence=sequence + 1)
        states = [(who, blob) for who, blob, _ in settled.as_rebuilt]
        deadlines = [(who, due_us) for who, _, due_us in settled.as_rebuilt]
        await self._shadow.commit(Commit(bucket, epoch, again, states, deadlines, []))


def refuse_a_log_that_lost_its_beginning(held: Extents, buckets: Sequence[int], heads: Mapping[int, Head]) -> None:
    """Raises StreamsError where records that a bucket once read are gone: what came of them could not be rebuilt."""
    for bucket in buckets:
        for stage in stages(heads[bucket], bucket, INPUTS):
            for topic in INPUTS:
                begin = held[topic][stage.partition].begin
                if begin:
                    raise StreamsError(
                        f"Partition {stage.partition} of {topic} begins at offset {begin}: what was before is deleted, and the "
                        "log alone does not give the state again. Name files with the whole past: ebbtide rebuild FILE..."
                    )


def refuse_a_log_that_ends_before(held: Extents, buckets: Sequence[int], heads: Mapping[int, Head]) -> None:
    """Raises StreamsError where a bucket read further than the log goes: it would be waited for, for ever."""
    for bucket in buckets:
        for stage in stages(heads[bucket], bucket, INPUTS):
            for topic, read in stage.ends.items():
                end = held[topic][stage.partition].end
                if read > end:
                    raise StreamsError(
                        f"Partition {stage.partition} of {topic} ends at offset {end}, and bucket {bucket} has read up to {read}: "
                        "this is another log, or the broker lost some of it. Nothing was changed."
                    )

"""The rebuild of chosen buckets, put together: what may be rebuilt, files first, then the log, partition by partition."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ebbtide.settings import Settings
from ebbtide.wiring import connect_store, decode_rules, scoring_of, topics_of
from streams.broker.lag import Extents, extents
from streams.config import INPUTS, ORDERS
from streams.errors import StreamsError
from streams.history.sources.source import Record
from streams.ownership import refuse_another_count
from streams.rebuild.files import batches
from streams.rebuild.log import Log
from streams.rebuild.rebuild import Rebuild, refuse_a_log_that_ends_before, refuse_a_log_that_lost_its_beginning
from streams.rebuild.settling import Settled
from streams.rebuild.shadow import Shadow
from streams.stages import begun

Progress = Callable[[int, float], None]  # records done, and what share that is


class Rebuilt(NamedTuple):
    """What became of a rebuild."""

    buckets: Sequence[Settled]  # each that is through
    nothing: Sequence[int]  # buckets of which nothing was ever computed
    records: int  # read

    @property
    def differences(self) -> Counter[str]:
        """Customers who differ, by what."""
        total: Counter[str] = Counter()
        for settled in self.buckets:
            total.update(settled.counts)
        return total


async def rebuilt(
    settings: Settings, wanted: Sequence[int], files: Iterable[Record] | None, dry: bool, progress: Progress
) -> Rebuilt:
    """Rebuild these buckets. Raises an error that says why where it cannot be; what is switched by then stays."""
    topics, scoring, rules = topics_of(settings), scoring_of(settings), decode_rules(settings)
    kafka = settings.need_kafka()
    store = await connect_store(settings)
    try:
        heads = await store.heads()
        held = await extents(kafka, topics)  # after the heads, which workers move on: no position is beyond it
        partitions = _partitions(held)
        buckets = begun(heads, wanted)
        refuse_another_count((heads[bucket] for bucket in buckets), partitions)
        refuse_a_log_that_ends_before(held, buckets, heads)
        if files is None:
            refuse_a_log_that_lost_its_beginning(held, buckets, heads)
        meter = _Meter(progress, _records(held, buckets))
        shadow = Shadow(store.shadow(dry), rules, scoring, settings.clock, meter)
        through: list[Settled] = []
        try:
            await shadow.begin(buckets)
            if files is not None:
                await shadow.files(buckets, batches(files, rules))
            async with Log(kafka, topics) as log:
                rebuild = Rebuild(store, shadow, log, held, scoring, settings.clock, through.append, dry)
                for number in range(partitions):
                    if here := [bucket for bucket in buckets if bucket % partitions == number]:
                        await rebuild.run(here)
        finally:
            await shadow.end()
    finally:
        await store.close()
    return Rebuilt(through, [b for b in wanted if b not in buckets], meter.done)


def _partitions(held: Extents) -> int:
    counts = {len(held[topic]) for topic in INPUTS}
    if len(counts) > 1 or 0 in counts:
        raise StreamsError("The input topics are missing, or have not equally many partitions. See: ebbtide doctor")
    return len(held[ORDERS])


def _records(held: Extents, buckets: Sequence[int]) -> int:
    """About how many records are read."""
    partitions = len(held[ORDERS])
    numbers = {bucket % partitions for bucket in buckets}
    return sum(held[topic][number].end - held[topic][number].begin for topic in INPUTS for number in numbers)


class _Meter:
    """Counts records that are through."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.done = 0
        self._progress = progress
        self._total = total

    def __call__(self, records: int) -> None:
        self.done += records
        self._progress(self.done, min(1.0, self.done / max(1, self._total)))

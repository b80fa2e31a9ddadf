"""The buckets of one partition as this worker owns them: where each stands, and where reading resumes."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

import numpy as np

from scoring.layout import BUCKETS, Ints
from state.store import Commit, Head, Held, Owned, Store
from streams.config import INPUTS
from streams.errors import StreamsError
from streams.versions import newest
from streams.work import Verdict

PARTITIONS = "partitions"  # beside the topics in a head's offsets: how many partitions they count in
UNKNOWN_DUE_US = 0  # ask the store
NEVER = np.iinfo(np.int64).max  # the offset from which on a bucket of others is applied


class Partition:
    """What is known of an owned partition; changed only by its own lane, after the store has it."""

    def __init__(self, number: int, partitions: int, owned: Sequence[Owned], topics: Sequence[str] = INPUTS) -> None:
        self.number = number
        self.partitions = partitions
        self.topics = tuple(topics)
        self.epochs = {o.bucket: o.epoch for o in owned}
        self.heads = {o.bucket: o.head for o in owned}
        self.read = {topic: self.resume(topic) for topic in topics}  # next offset that was not yet looked at
        self.read_us = dict.fromkeys(topics, 0)  # the broker's time of the newest record applied
        self.next_due = dict.fromkeys(self.heads, UNKNOWN_DUE_US)
        self.versions = newest(self.heads.values())  # packed; what the partition's customers are judged by
        # of buckets that are not among them nothing is to be applied
        self._starts = {topic: np.full(BUCKETS, NEVER) for topic in topics}
        for bucket, head in self.heads.items():
            self._start(bucket, head)

    def resume(self, topic: str) -> int:
        """Where to read on: the least position of the buckets. What others of them already have is skipped by `starts`."""
        return min((head.offsets.get(topic, 0) for head in self.heads.values()), default=0)

    def starts(self, topic: str) -> Ints:
        """Shape (BUCKETS,): the first offset that each owned bucket does not yet have."""
        return self._starts[topic]

    def idle(self) -> list[int]:
        """Buckets whose stored position lags behind what was read, because nothing came for them."""
        behind = [self._starts[topic] < offset for topic, offset in self.read.items()]
        return np.flatnonzero(np.logical_or.reduce(behind)).tolist()

    def committed(self, commit: Commit) -> None:
        """The store has this commit."""
        self.heads[commit.bucket] = commit.head
        if commit.takes:
            self.versions = newest(self.heads.values())
        self._start(commit.bucket, commit.head)
        if commit.deadlines:
            _, earliest_us = min(commit.deadlines, key=itemgetter(1))
            self.next_due[commit.bucket] = min(self.next_due[commit.bucket], earliest_us)

    def _start(self, bucket: int, head: Head) -> None:
        for topic, starts in self._starts.items():
            starts[bucket] = head.offsets.get(topic, 0)

    def advance(self, read: Mapping[str, int], read_us: Mapping[str, int]) -> None:
        """A whole batch is done."""
        self.read.update({topic: max(self.read[topic], offset) for topic, offset in read.items()})
        self.read_us.update({topic: max(self.read_us[topic], us) for topic, us in read_us.items()})

    def due_up_to(self, until_us: int) -> list[int]:
        """Buckets that may have a deadline up to then."""
        return [bucket for bucket, due_us in self.next_due.items() if due_us <= until_us]


def buckets_of(partition: int, partitions: int) -> range:
    """The buckets that live in a partition: both are the same hash, taken modulo powers of two."""
    return range(partition, BUCKETS, partitions)


async def acquire(
    store: Store, numbers: Sequence[int], partitions: int, topics: Sequence[str] = INPUTS
) -> list[Partition]:
    """Take over the buckets of these partitions; whoever had them before is refused from now on.

    Raises StreamsError where the state was made from topics of another number of partitions: an offset says nothing there.
    """
    wanted = [bucket for number in numbers for bucket in buckets_of(number, partitions)]
    owned = {o.bucket: o for o in await store.acquire(wanted)}
    refuse_another_count((o.head for o in owned.values()), partitions)
    return [Partition(n, partitions, [owned[b] for b in buckets_of(n, partitions)], topics) for n in numbers]


def refuse_another_count(heads: Iterable[Head], partitions: int) -> None:
    """Raises StreamsError where positions count in another number of partitions."""
    for before in {head.offsets.get(PARTITIONS, partitions) for head in heads} - {partitions}:
        added = f"Stop all workers and run: ebbtide partitions {partitions}." if partitions > before else ""
        raise StreamsError(
            f"The input topics have {partitions} partitions, and the state was made when they had {before}: its positions do "
            f"not carry over. {added or 'Set EBBTIDE_NAMESPACE to begin anew beside it.'}"
        )


async def strayed(store: Store, partitions: Sequence[Partition]) -> list[tuple[Partition, Verdict]]:
    """Those that the store knows otherwise: BEHIND where it lost what it had confirmed, TAKEN where a bucket was taken over.

    A commit would find it, too, but none comes while nothing happens.
    """
    confirmed = [(p, {b: Held(p.epochs[b], head.sequence) for b, head in p.heads.items()}) for p in partitions]
    stored = await store.held()
    found = []
    for partition, held in confirmed:
        there = {bucket: stored.get(bucket, Held(0, 0)) for bucket in held}
        if any(there[b].epoch < h.epoch or there[b].sequence < h.sequence for b, h in held.items()):
            found.append((partition, Verdict.BEHIND))
        elif any(there[b].epoch > h.epoch for b, h in held.items()):
            found.append((partition, Verdict.TAKEN))
    return found


def moved(head: Head, read: Mapping[str, int], clock_us: int, counts: Mapping[str, int]) -> Head:
    """The head after one more commit; nothing in it ever moves back."""
    offsets = dict(head.offsets)
    for topic, offset in read.items():
        offsets[topic] = max(offsets.get(topic, 0), offset)
    counters = dict(head.counters)
    for name, count in counts.items():
        if count:
            counters[name] = counters.get(name, 0) + count
    return head._replace(
        sequence=head.sequence + 1, offsets=offsets, clock_us=max(head.clock_us, clock_us), counters=counters
    )

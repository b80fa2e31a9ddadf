"""One lane a partition: its work runs first in, first out; several lanes run at once, so that waiting for Redis is hidden."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterator
from typing import NamedTuple

from streams.ownership import Partition
from streams.work import Records, Sweep, Ticks, Verdict, Work

Run = Callable[[Partition, Work], Awaitable[Verdict]]
Ended = Callable[["Lane", Verdict | BaseException], None]

QUEUED = 3  # batches of one partition read ahead, the one at work included
MOST = 60_000  # records that all lanes together hold, at some 500 bytes
JOIN_BELOW = 1_000  # records: small batches cost by the batch, so those that queue up are run as one
GRACE_S = 1.5  # for a batch at work when its lane closes; after that it is abandoned whole


class Lane:
    """One partition's work."""

    def __init__(self, owned: Partition, run: Run, slots: asyncio.Semaphore, done: asyncio.Event, ended: Ended) -> None:
        self.owned = owned
        self.pending = 0  # batches on their way to the lane, in it, or at work
        self.ticks = 0  # those of them that are deadlines, or a sweep
        self.held = 0  # records in them
        self.open = True
        self._run = run
        self._slots = slots
        self._done = done
        self._ended = ended
        self._queue: deque[Work | None] = deque()
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._work())

    @property
    def room(self) -> bool:
        """Whether another batch may come."""
        return self.open and self.pending < QUEUED

    def batch(self, work: Work) -> "Batch":
        """Announce work that will be put."""
        self.pending += 1
        self.ticks += isinstance(work, Ticks | Sweep)
        self.held += _size(work)
        return Batch(self, work)

    def put(self, work: Work) -> None:
        """Queue announced work; dropped where the lane has closed meanwhile, because its partition is read again."""
        if self.open:
            self._queue.append(work)
            self._news.set()

    async def close(self) -> None:
        """Finish the batch at work or abandon it whole; what is queued is dropped."""
        self.open = False
        self._queue.clear()
        self._queue.append(None)
        self._news.set()
        _, late = await asyncio.wait([self._task], timeout=GRACE_S)
        if late:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        try:
            while (work := await self._next()) is not None:
                async with self._slots:
                    work, batches = self._joined(work)
                    verdict = await self._run(self.owned, work)
                self.pending -= batches
                self.ticks -= isinstance(work, Ticks | Sweep)
                self.held -= _size(work)
                self._done.set()
                if verdict is not Verdict.DONE:
                    self.end(verdict)
                    return
        except Exception as error:
            self.end(error)

    def end(self, end: Verdict | BaseException) -> None:
        """Nothing more is done here; what is queued is dropped."""
        self.open = False
        self._queue.clear()
        self._ended(self, end)

    async def _next(self) -> Work | None:
        while not self._queue:
            self._news.clear()
            await self._news.wait()
        return self._queue.popleft()

    def _joined(self, work: Work) -> tuple[Work, int]:
        """With the records queued behind it, up to a size; and how many batches that were."""
        batches = 1
        while isinstance(work, Records) and self._queue and isinstance(self._queue[0], Records):
            if _size(work) >= JOIN_BELOW:
                break
            work = Records([*work.slices, *self._queue[0].slices])
            self._queue.popleft()
            batches += 1
        return work, batches


def _size(work: Work) -> int:
    return sum(len(records) for _, records in work.slices) if isinstance(work, Records) else 0


class Batch(NamedTuple):
    """Work on its way to its lane."""

    lane: Lane
    work: Work


class Lanes:
    """The lanes of all owned partitions."""

    def __init__(self, run: Run, in_flight: int, ended: Ended) -> None:
        self.done = asyncio.Event()  # set whenever a batch ends
        self._run = run
        self._slots = asyncio.Semaphore(in_flight)
        self._ended = ended
        self._lanes: dict[int, Lane] = {}

    def __iter__(self) -> Iterator[Lane]:
        return iter(list(self._lanes.values()))

    def current(self, lane: Lane) -> bool:
        """Whether this is still the lane of its partition."""
        return self._lanes.get(lane.owned.number) is lane

    def ready(self, batch: int) -> dict[int, Lane]:
        """By partition, the lanes that may get a batch of up to so many records; together they never hold more than `MOST`.

        Where much is held already, none reads ahead, so that the room goes to partitions of which nothing is here yet.
        """
        held = sum(lane.held for lane in self if lane.open)
        if held and held + batch > MOST:
            return {}
        ahead = held <= MOST / 2
        return {n: lane for n, lane in self._lanes.items() if lane.room and (ahead or not lane.held)}

    def open(self, owned: Partition) -> None:
        """Begin to work on a partition."""
        self._lanes[owned.number] = Lane(owned, self._run, self._slots, self.done, self._ended)

    async def close(self, numbers: Collection[int] | None = None) -> None:
        """Stop working on these partitions, or on all."""
        leaving = [self._lanes.pop(n) for n in list(self._lanes) if numbers is None or n in numbers]
        await asyncio.gather(*(lane.close() for lane in leaving))

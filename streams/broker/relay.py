"""The outbox to the broker: at least once, in order within a bucket, trimmed only after the acknowledgement."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from state.store import Commit, Entry, Sent, Store
from streams.broker.publishing import Message, Publishing
from streams.config import Topics
from streams.ownership import Partition
from streams.patience import Patience

ROUND = 5_000  # entries published together
WAITING = 20_000  # entries on their way at most; beyond them the pipeline waits
LEFTOVERS = 1_000  # read at once of each bucket
TRIM_EVERY_S = 0.1


class Relay:
    """The `Outbox` of a live worker: entries come from memory right after their commit, leftovers from the store."""

    def __init__(
        self,
        store: Store,
        publisher: Publishing,
        topics: Topics,
        patience: Patience,
        told: Callable[[Commit], None] = lambda _commit: None,
    ) -> None:
        """`told` hears of each commit that was handed over, once."""
        self._store = store
        self._publisher = publisher
        self._topics = topics
        self._patience = patience
        self._told = told
        self._queue: deque[Commit] = deque()
        self._waiting = 0  # entries in the queue or being published
        self._sent: dict[int, Sent] = {}  # published, not yet trimmed
        self._news = asyncio.Event()
        self._progress = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Entries on their way."""
        return self._waiting

    async def hand_over(self, commits: Sequence[Commit]) -> None:
        """Take over what was committed; waits while too much is on its way."""
        for commit in commits:
            self._queue.append(commit)
            self._told(commit)
            self._waiting += len(commit.outbox)
        if commits:
            self._news.set()
        while self._waiting > WAITING:
            await self._next_progress()

    async def recover(self, owned: Sequence[Partition]) -> None:
        """Publish what former owners left behind, before anything newer of these buckets."""
        await self.flush()
        epochs = {bucket: epoch for partition in owned for bucket, epoch in partition.epochs.items()}
        left = list(epochs)
        while left:
            found = await self._patience(partial(self._store.outbox, left, LEFTOVERS))
            await self._publish([(bucket, entry) for bucket, entries in found.items() for entry in entries])
            ends = {bucket: entries[-1] for bucket, entries in found.items() if entries}
            sent = {bucket: Sent(epochs[bucket], end.sequence, end.index) for bucket, end in ends.items()}
            await self._patience(partial(self._store.trim, sent))
            left = [bucket for bucket, entries in found.items() if len(entries) == LEFTOVERS]

    async def flush(self) -> None:
        """Returns when everything handed over is published and trimmed."""
        while self._waiting:
            await self._next_progress()
        await self._trim()

    async def run(self) -> None:
        """Publish for ever; both ends are cancelled together."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._publish_all())
            tasks.create_task(self._trim_all())

    async def _publish_all(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._queue:
                commits = self._next_round()
                await self._publish([(commit.bucket, entry) for commit in commits for entry in commit.outbox])
                for commit in commits:
                    last = commit.outbox[-1]
                    self._sent[commit.bucket] = Sent(commit.epoch, last.sequence, last.index)
                    self._waiting -= len(commit.outbox)
                self._progress.set()

    def _next_round(self) -> list[Commit]:
        commits, entries = [], 0
        while self._queue and entries < ROUND:
            commits.append(self._queue.popleft())
            entries += len(commits[-1].outbox)
        return commits

    async def _publish(self, entries: Sequence[tuple[int, Entry]]) -> None:
        messages = []
        for bucket, entry in entries:
            topic = self._topics.full(entry.topic)
            partition = await self._publisher.partition_of(topic, entry.key, bucket)
            messages.append(Message(topic, partition, entry.key, entry.value, entry.headers))
        await self._publisher.publish(messages)

    async def _trim_all(self) -> None:
        while True:
            await asyncio.sleep(TRIM_EVERY_S)
            await self._trim()

    async def _trim(self) -> None:
        sent, self._sent = self._sent, {}
        if sent:
            await self._patience(partial(self._store.trim, sent))

    async def _next_progress(self) -> None:
        self._progress.clear()
        await self._progress.wait()

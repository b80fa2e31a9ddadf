"""The demo: the sample goes into an embedded broker, a worker of the usual kind scores it, its tier changes are read back."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from ebbtide.cli.stats import summarize
from ebbtide.errors import EbbtideError
from ebbtide.settings import Settings
from ebbtide.wiring import connect_store, decode_rules, embedded_config, scoring_of, topics_of
from scoring.layout import BUCKETS, DAY_US
from state.store import Store
from streams.broker.topics import ensure_topics, partition_counts
from streams.config import TIER_CHANGES
from streams.events.out import TierChanged
from streams.history.reading import History, read_history
from streams.history.send import at_once, at_speed, open_sender
from streams.history.sources.cdnow import Cdnow
from streams.worker import Worker

JOIN_WITHIN_S = 30.0
THROUGH_WITHIN_S = 60.0  # after the last event was sent
LOOK_EVERY_S = 0.1
SAMPLE = "cdnow_sample.csv.gz"
T = TypeVar("T")


class Board(Protocol):
    """Where the demo shows what happens."""

    def total(self, events: int) -> None:
        """How many events there are."""

    def sent(self, events: int) -> None:
        """How many of them are on the broker."""

    def changed(self, change: TierChanged) -> None:
        """A customer's tier rose or fell."""


def with_its_tiers(settings: Settings) -> Settings:
    """These settings with boundaries that suit the sample, unless they name others."""
    if settings.tiers is not None:
        return settings
    return settings.model_copy(update={"tiers": Path(str(files("ebbtide") / "demo_tiers.toml"))})


def sample(settings: Settings) -> History:
    """The CDNOW sample in the order of time."""
    with as_file(files("ebbtide.data") / SAMPLE) as path:
        return read_history(Cdnow(path).records(), decode_rules(settings))


async def stream_sample(settings: Settings, days_per_s: float | None, board: Board) -> dict[str, Any]:
    """Run a worker on these settings, send the sample at so many days a second (None: as fast as it goes), and sum up.

    Returns when every event is applied, no silence is due any more, and every tier change came back from the broker.
    """
    past = sample(settings)
    board.total(len(past.records))
    store = await connect_store(settings)
    try:
        async with _working(settings, store) as worker, _watching(settings, board) as seen:
            dues = at_once(past.as_read())
            if days_per_s is not None:
                dues = at_speed(zip(past.at_us.tolist(), past.as_read(), strict=True), days_per_s * DAY_US / 1e6)
            started = time.perf_counter()
            async with open_sender(settings.need_kafka(), topics_of(settings)) as sender:
                await worker.meanwhile(sender.run(dues, board.sent))
            elapsed_s = await worker.meanwhile(_consumed(store, len(past.records))) - started
            summary = await worker.meanwhile(_through(store, seen))
    finally:
        await store.close()
    rate = round(len(past.records) / elapsed_s, 1)
    return summary | {"events": len(past.records), "elapsed_s": round(elapsed_s, 3), "events_per_s": rate}


class _Working:
    """A worker in this process: nothing is left behind, however the process ends."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._running = asyncio.create_task(worker.run())

    async def meanwhile(self, work: Coroutine[Any, Any, T]) -> T:
        """Await something that the worker must be there for; an error where it ends before that."""
        doing = asyncio.create_task(work)
        try:
            await asyncio.wait((doing, self._running), return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
            await self._running
            raise EbbtideError("The demo's worker ended early. To see its log: ebbtide up")
        finally:
            doing.cancel()

    async def joined(self) -> None:
        """The group has given its assignment."""
        for _ in range(round(JOIN_WITHIN_S / LOOK_EVERY_S)):
            if self._worker.ingest.joined:
                return
            await asyncio.sleep(LOOK_EVERY_S)
        raise EbbtideError(f"The worker did not join its group within {JOIN_WITHIN_S:.0f} s. Try again.")

    async def stop(self) -> None:
        """Leave the group and end."""
        self._worker.stop()
        await asyncio.wait([self._running])


@asynccontextmanager
async def _working(settings: Settings, store: Store) -> AsyncIterator[_Working]:
    partitions = await ensure_topics(settings.need_kafka(), topics_of(settings))
    working = _Working(
        Worker(embedded_config(settings), partitions, store, decode_rules(settings), scoring_of(settings))
    )
    try:
        await working.meanwhile(working.joined())
        yield working
    finally:
        await working.stop()


@asynccontextmanager
async def _watching(settings: Settings, board: Board) -> AsyncIterator[set[str]]:
    """Reads tier-changes from the broker; gives the ids seen so far, each of which was shown once."""
    topic = topics_of(settings).full(TIER_CHANGES)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.need_kafka(), enable_auto_commit=False, auto_offset_reset="earliest"
    )
    seen: set[str] = set()

    async def watch() -> None:
        decode = msgspec.json.Decoder(TierChanged).decode
        while True:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    change = decode(record.value)
                    if change.id not in seen:  # the relay tells at least once
                        seen.add(change.id)
                        board.changed(change)

    await consumer.start()
    count = (await partition_counts(settings.need_kafka(), topics_of(settings)))[TIER_CHANGES]
    consumer.assign([TopicPartition(topic, n) for n in range(count)])  # all of it, without a group
    watching = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError, KafkaError):
            await watching
        await consumer.stop()


async def _consumed(store: Store, events: int) -> float:
    """When all events were applied."""
    while True:
        heads = await store.heads()
        if sum(head.counters.get("consumed", 0) for head in heads.values()) >= events:
            return time.perf_counter()
        await asyncio.sleep(LOOK_EVERY_S)


async def _through(store: Store, seen: set[str]) -> dict[str, Any]:
    """The counters, once silence has acted up to the last event and every change was seen on the broker."""
    try:
        async with asyncio.timeout(THROUGH_WITHIN_S):
            while True:
                heads = await store.heads()
                latest_us = max(head.clock_us for head in heads.values())
                due, _ = await store.due(range(BUCKETS), latest_us, 1)
                summary = summarize((await store.heads()).values(), await store.customers())
                if not due and len(seen) >= summary["tier_changes"]:
                    return summary
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        raise EbbtideError("Not every tier change came back from the broker. Try again: ebbtide demo --once") from None

"""One worker: its parts, how they start, and how they end within five seconds."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from time import monotonic

from scoring.errors import ScoringError
from state.errors import StateError, StoreUnavailable
from state.store import Store
from streams.broker.ingest import Ingest
from streams.broker.publishing import Publisher
from streams.broker.telling import Telling
from streams.broker.topics import ensure_topics
from streams.broker.versioning import publish_copies
from streams.clock import by_bucket, by_event, elapsed_s
from streams.collector import spare_the_collector
from streams.config import Scoring, StreamsConfig
from streams.errors import BrokerUnavailable, StreamsError
from streams.events.facts import DecodeRules
from streams.keeper import Keeper
from streams.lanes import Lane, Lanes
from streams.metrics import Metrics
from streams.ownership import strayed
from streams.parts import LIVE, Parts
from streams.patience import Patience
from streams.pipeline import Pipeline
from streams.refitter import Refitter
from streams.sweeper import Sweeper
from streams.timers import Timers
from streams.warm import warm_up
from streams.watchdog import Vitals
from streams.work import Verdict

log = logging.getLogger(__name__)

PART_WITHIN_S = 0.8  # flush, leave the group, close the producer: each
LOOK_EVERY_S = 1.0
ANSWER_WITHIN_S = 2.0  # what is only asked for and told by the way: without a coordinator it would wait for ever
ASK_EVERY_S = 5.0
CANCEL_AGAIN_S = 1.0
LOST = {
    Verdict.STALE: "A commit to partition %d was refused",
    Verdict.TAKEN: "Another worker took over partition %d",
}
FORESEEN = (ScoringError, StateError, StreamsError)  # one line that says what to do; of all else, where it happened


async def run_worker(config: StreamsConfig, store: Store, rules: DecodeRules, scoring: Scoring) -> int:
    """Work until SIGTERM or SIGINT: exit code 0; 1 where something went wrong that a new process may repair.

    Raises StreamsError at once where Kafka does not answer or its topics do not fit, StateError where a newer release wrote
    the state: before it joins the group, which would settle anew each time it is started. The store stays open.
    """
    await store.heads()
    partitions = await ensure_topics(config.kafka, config.topics)
    warm_up(scoring)
    spare_the_collector()
    worker = Worker(config, partitions, store, rules, scoring)
    with _signals(worker.stop):
        return await worker.run()


class Worker:
    """The parts of a worker, put together."""

    def __init__(
        self,
        config: StreamsConfig,
        partitions: int,
        store: Store,
        rules: DecodeRules,
        scoring: Scoring,
        parts: Parts = LIVE,
    ) -> None:
        self.metrics = Metrics()
        self.vitals = Vitals()
        self._watchdog = parts.watchdog(self.vitals, config.stall_after_s)
        self._config = config
        self._store = store
        self._parts = parts
        self._patience = Patience()
        self._stopping = asyncio.Event()
        self._failed = False
        self._publisher = Publisher(config.kafka, self._patience, parts.producer)
        self._relay = parts.relay(store, self._publisher, config.topics, self._patience, self.metrics.told)
        self._pipeline = Pipeline(
            store,
            rules,
            scoring,
            by_event if config.clock == "wall" else by_bucket,
            Telling(self._publisher, config.topics),
            self._relay,
            parts.wall_us,
            self._patience,
            self.metrics.observe,
        )
        self.lanes = Lanes(self._pipeline.run, config.in_flight, self._ended)
        self.ingest = Ingest(config, partitions, store, self.lanes, self._relay, self._patience, parts.consumer)
        self._timers = Timers(
            store, self.lanes, self.ingest.positions.lags, config.clock, parts.wall_us, self._patience
        )
        reached_us = self._timers.reached_us
        publish = partial(publish_copies, self._publisher.publish, config.topics, partitions, scoring.currency)
        self._sweeper = Sweeper(store, self.lanes, reached_us, config.sweep_per_s)
        self._refitter = Refitter(store, self.lanes, reached_us, config.refit_days, scoring, publish)
        self._keeper = Keeper(store, self.lanes, reached_us, scoring, publish)

    def stop(self) -> None:
        """End gracefully."""
        self._stopping.set()

    async def run(self) -> int:
        """Start, work until stopped or broken, stop; the exit code."""
        async with AsyncExitStack() as stack:
            stack.callback(self._watchdog.stop)
            self._watchdog.start()
            if self._config.metrics:
                stack.callback(self.metrics.serve(*self._config.metrics))
            await self._publisher.start()
            stack.push_async_callback(_within, PART_WITHIN_S, self._publisher.stop)
            stack.push_async_callback(_within, PART_WITHIN_S, self.ingest.stop)  # leaves the group
            self._begin(stack, self._relay.run)
            self._begin(stack, self._timers.run)
            self._begin(stack, self._sweeper.run)
            if self._config.clock == "wall":
                self._begin(stack, self._keeper.run)
                if self._config.refit_days:
                    self._begin(stack, self._refitter.run)
            self._begin(stack, self._beat)
            self._begin(stack, self._look_after)
            stack.push_async_callback(_within, PART_WITHIN_S, self._relay.flush)
            stack.push_async_callback(self.lanes.close)
            joining = self._begin(stack, self.ingest.start)
            stopped = self._begin(stack, self._stopping.wait)
            await asyncio.wait([joining, stopped], return_when=asyncio.FIRST_COMPLETED)
            if not self._stopping.is_set():
                app = self._parts.app(self._config, self.ingest.run, self._broken)
                await app.start()
                stack.push_async_callback(app.stop)
                log.info("Worker started: %s on %s", self._config.namespace, self._config.kafka)
                await stopped
            log.info("Worker stops")
        return 1 if self._failed else 0

    def _begin(self, stack: AsyncExitStack, part: Callable[[], Awaitable[object]]) -> "asyncio.Task[None]":
        """Run a part beside the others until the worker ends; where it fails, the worker does."""

        async def guarded() -> None:
            try:
                await part()
            except (Exception, asyncio.CancelledError) as error:
                if _to_end():
                    raise
                self._broken(error)

        task = asyncio.create_task(guarded())
        stack.push_async_callback(_cancelled, task)
        return task

    def _ended(self, lane: Lane, end: Verdict | BaseException) -> None:
        number = lane.owned.number
        if isinstance(end, BaseException):
            self._broken(end)
        elif end is Verdict.BEHIND:
            log.warning("The store is behind what was committed to it: partition %d is read again from there", number)
            self.ingest.reopen(lane)
        else:
            log.warning(f"{LOST[end]}: this worker stops writing it", number)
            self.ingest.reopen_later(lane)

    def _broken(self, error: BaseException) -> None:
        """Nothing of a batch that failed may be skipped: end, and let a new process begin where the state stands."""
        log.critical("This worker ends: %s", error, exc_info=None if isinstance(error, FORESEEN) else error)
        self._failed = True
        self._stopping.set()

    async def _beat(self) -> None:
        """Apart from all that waits: the watchdog ends a process whose loop hangs, not one whose servers do."""
        while True:
            self.vitals.beat_s = monotonic()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look_after(self) -> None:
        """Vitals, metrics and offsets for lag monitors each second; now and then, what nobody would notice without traffic."""
        positions, asked_s = self.ingest.positions, elapsed_s()
        while True:
            await self._tell_vitals()
            self.metrics.refresh(self.lanes, positions.lag, self._relay.waiting, self.vitals.waiting)
            if not self.vitals.waiting:  # a broker that hangs would only collect what we ask
                await _shortly(positions.report(self.lanes))
            if elapsed_s() - asked_s > ASK_EVERY_S:
                asked_s = elapsed_s()
                await _shortly(positions.ask_ends(self.lanes))
                await self._look_for_losses()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look_for_losses(self) -> None:
        lanes = {lane.owned: lane for lane in self.lanes if lane.open}
        with contextlib.suppress(StoreUnavailable):  # whoever needs it waits for it
            for partition, verdict in await strayed(self._store, list(lanes)):
                lanes[partition].end(verdict)

    async def _tell_vitals(self) -> None:
        vitals = self.vitals
        vitals.joined = self.ingest.joined
        left_of = self.ingest.left
        vitals.lags = {
            lane.owned.number: left for lane in self.lanes if lane.open and (left := left_of(lane)) is not None
        }
        read = {lane.owned.number: sum(lane.owned.read.values()) for lane in self.lanes}
        vitals.applied = {n: read.get(n, vitals.applied.get(n, 0)) for n in self.ingest.assigned}
        waiting = self._patience.reason
        if not waiting and not await self._parts.answers(self._config.kafka):
            waiting = str(BrokerUnavailable(self._config.kafka))
            log.warning("Waiting: %s", waiting)
        vitals.waiting = waiting  # not before it is known: while we ask, what was true a second ago holds


async def _shortly(asked: Coroutine[None, None, None]) -> None:
    """Wait for it a little; the next round asks again."""
    with contextlib.suppress(TimeoutError):
        # not wait_for: that of Python 3.11 loses a cancellation that comes with the answer
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await asked


async def _within(seconds: float, part: Callable[[], Awaitable[None]]) -> None:
    """Finish, but do not wait for it longer than this: what is left over is repeated by the next worker."""
    try:
        async with asyncio.timeout(seconds):
            await part()
    except (Exception, asyncio.CancelledError) as error:
        if _to_end():
            raise
        log.warning("Not ended in order: %s: %r", getattr(part, "__qualname__", part), error)


def _to_end() -> bool:
    """Whether it is this task that is cancelled: aiokafka lets the cancellation of tasks of its own out."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _cancelled(task: "asyncio.Task[None]") -> None:
    """Cancelled until it has ended: a library may take a cancellation for one of its own, and a worker would stay for ever."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=CANCEL_AGAIN_S)


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

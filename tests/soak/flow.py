"""Records at a steady pace, from a thread of its own, each sent until the broker has it."""

import asyncio
import threading
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from types import TracebackType

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.broker.topics import ensure_topics
from tests.soak.records import EXPECTED, Message
from tests.support.world import World

TURN_S = 0.02
AGAIN_S = 0.2
LOOK_S = 0.1
UNDER_WAY = 2_000  # records sent and not yet acknowledged, at most
STEADY_S = 0.8  # streams/timers.py takes a second without records for the end of the stream


class Flow(AbstractContextManager["Flow"]):
    """Open, it sends; leaving the block waits until all is sent and acknowledged, or gives up at once where an error leaves it."""

    def __init__(self, world: World, log: Iterable[Message], per_s: float, notices_s: float = 300.0) -> None:
        """`notices_s`: until it knows of more partitions; most clients take five minutes."""
        self.sent: list[Message] = []  # so far
        self.done = False  # all of it is on the broker
        self.acknowledged = 0
        self.longest_pause_s = 0.0  # between two acknowledgements
        self._last_s = 0.0
        self._rush = 0  # records not to wait for
        self._log = log
        self._world = world
        self._per_s = per_s
        self._notices_ms = int(notices_s * 1_000)
        self._enough = threading.Event()
        self._left = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="flow", daemon=True)

    @property
    def steady(self) -> bool:
        """Whether there was no pause that a worker could take for the end of the stream."""
        return self.longest_pause_s < STEADY_S

    @property
    def running(self) -> bool:
        """Whether more comes; raises what went wrong."""
        if self._error is not None:
            raise self._error
        return self._thread.is_alive()

    def wait(self) -> None:
        """Until everything is on the broker."""
        while self.running:
            time.sleep(TURN_S)

    def rush(self, records: int) -> None:
        """Send so many now, as fast as it goes; returns when the broker has them."""
        before = self.acknowledged
        self._rush = records
        while self.running and self.acknowledged < before + records:
            time.sleep(TURN_S)

    def enough(self) -> None:
        """Send no more, and wait for what is under way."""
        assert self.running, "the log ended before the last fault: nothing was proved by it"
        self._enough.set()
        self.wait()

    def __enter__(self) -> "Flow":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.wait()
        finally:
            self._left.set()
            self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._send_unless_left())
        except BaseException as error:  # told in the scenario's thread
            self._error = error

    async def _send_unless_left(self) -> None:
        """Whoever leaves waits for nobody: not for a broker that does not come back, which is perhaps why."""
        sending = asyncio.create_task(self._send())
        while not sending.done():
            if self._left.is_set():
                sending.cancel()  # again, where it waits for the end of what is under way
            await asyncio.wait([sending], timeout=LOOK_S)
        sending.result()

    async def _send(self) -> None:
        await ensure_topics(self._world.kafka, self._world.topics)
        producer = AIOKafkaProducer(
            bootstrap_servers=self._world.kafka,
            acks="all",  # and not idempotent: what is sent again may lie twice, as with most shops
            linger_ms=5,
            max_batch_size=262_144,
            max_request_size=16_000_000,
            metadata_max_age_ms=self._notices_ms,
        )
        await producer.start()
        free, under_way = asyncio.Semaphore(UNDER_WAY), set[asyncio.Task[None]]()
        due_s = time.monotonic()
        try:
            for one in self._log:
                if self._rush:
                    self._rush -= 1
                elif (ahead_s := due_s - time.monotonic()) > TURN_S:
                    await asyncio.sleep(ahead_s)
                due_s += 0 if self._rush else 1 / self._per_s
                if self._enough.is_set():
                    break
                await free.acquire()
                self.sent.append(one)
                task = asyncio.create_task(self._deliver(producer, one, free))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            await asyncio.gather(*under_way)
            self.done = True
        finally:
            for task in under_way:
                task.cancel()
            await producer.stop()

    async def _deliver(self, producer: AIOKafkaProducer, one: Message, free: asyncio.Semaphore) -> None:
        headers = [*one.headers, *([] if one.reason is None else [(EXPECTED, one.reason.encode())])]
        topic = self._world.topics.full(one.topic)
        while True:
            try:
                await producer.send_and_wait(topic, one.value, one.key, partition=one.partition, headers=headers)
            except (KafkaError, OSError):
                await asyncio.sleep(AGAIN_S)
            else:
                break
        now_s = time.monotonic()
        if self.acknowledged:  # before the first one there is no stream that could end
            self.longest_pause_s = max(self.longest_pause_s, now_s - self._last_s)
        self._last_s = now_s
        self.acknowledged += 1
        free.release()


def send(world: World, log: Iterable[Message]) -> None:
    """All of it at once."""
    with Flow(world, log, per_s=1e9):
        pass

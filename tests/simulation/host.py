"""A real worker in a simulated process, and the supervisor that starts it again when it ended."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from state.redis_store import RedisStore
from state.scripts import ACQUIRE, COMMIT, TRIM
from state.wire import Command, Reply
from streams.broker.relay import Relay
from streams.config import StreamsConfig
from streams.errors import BrokerUnavailable
from streams.events.facts import DecodeRules
from streams.lanes import Batch
from streams.parts import Parts
from streams.watchdog import LOOK_EVERY_S, Vitals, Watch
from streams.worker import Worker
from tests.simulation.consumer import SimConsumer
from tests.simulation.kafka_group import Group
from tests.simulation.kafka_log import Broker
from tests.simulation.loop import RUNNING, Loop, Process
from tests.simulation.producer import SimProducer
from tests.simulation.redis_server import RedisServer, SimWire
from tests.simulation.trace import Trace
from tests.support.pipelines import SCORING

IN_CHANNEL = 4  # batches, as in streams/app.py
AGAIN_S = 1.0
SCRIPTS = {ACQUIRE.digest: "acquire", COMMIT.digest: "commit", TRIM.digest: "trim"}


class Told(Worker):
    """A worker whose reason to end is remembered."""

    errors: Sequence[BaseException] = ()

    def _broken(self, error: BaseException) -> None:
        self.errors = [*self.errors, error]
        super()._broken(error)


class App:
    """What streams/app.py does, without Faust: a bounded channel between the feed and the lanes."""

    def __init__(
        self, _config: StreamsConfig, feed: Callable[..., Any], failed: Callable[[BaseException], None]
    ) -> None:
        self._feed = feed
        self._failed = failed
        self._batches: asyncio.Queue[Batch] = asyncio.Queue(IN_CHANNEL)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._fed()), asyncio.create_task(self._scoring())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
            await asyncio.wait([task])

    async def _fed(self) -> None:
        try:
            await self._feed(self._batches.put)
        except Exception as error:  # as in streams/app.py
            self._failed(error)

    async def _scoring(self) -> None:
        while True:
            batch = await self._batches.get()
            batch.lane.put(batch.work)


class Watching:
    """The watchdog's judgement in virtual time; a loop that hangs is none of the faults here."""

    def __init__(self, end: Callable[[str], None], vitals: Vitals, stall_after_s: float) -> None:
        self._end = end
        self._vitals = vitals
        self._stall_after_s = stall_after_s
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._look())

    def stop(self) -> None:
        if self._task:
            self._task.cancel()

    async def _look(self) -> None:
        now_s = asyncio.get_running_loop().time
        watch = Watch(self._stall_after_s, now_s())
        while True:
            await asyncio.sleep(2 * LOOK_EVERY_S)
            if reason := watch.verdict(replace(self._vitals, beat_s=now_s()), now_s()):
                self._end(reason)


class Servers(NamedTuple):
    """What all workers share."""

    loop: Loop
    redis: RedisServer
    broker: Broker
    group: Group
    trace: Trace


class Host:
    """One worker's machine. `failures` collects why workers ended that should not have."""

    def __init__(
        self,
        name: str,
        servers: Servers,
        config: StreamsConfig,
        partitions: int,
        relay: type[Relay],
        failures: list[str],
    ) -> None:
        self.name = name
        self.process = Process(name)
        self.process.dead = True
        self._servers = servers
        self._config = config
        self._partitions = partitions
        self._relay = relay
        self._failures = failures
        self._worker: Told | None = None
        self._kept: list[Any] = []  # tasks of the dead: collected, they would run their `finally`
        self._wanted = False

    def start(self) -> None:
        """Keep a worker running from now on."""
        self._wanted = True
        if not self.process.dead:
            return
        self.process = Process(self.name)
        context = copy_context()
        context.run(RUNNING.set, self.process)
        self._servers.trace(self.name, "starts")
        self._kept.append(self._servers.loop.create_task(self._work(self.process), context=context))

    def kill(self) -> bool:
        """At once; nothing of it runs any more. Whether it lived."""
        lived = not self.process.dead
        self._servers.trace(self.name, "kill -9")
        self.process.dead = True
        return lived

    def pause(self) -> bool:
        """SIGSTOP; whether it ran."""
        ran = not (self.process.dead or self.process.paused)
        self._servers.trace(self.name, "SIGSTOP")
        self.process.paused = True
        return ran

    def resume(self) -> None:
        if self.process.paused:
            self._servers.trace(self.name, "SIGCONT")
            self._servers.loop.resume(self.process)

    def stop(self) -> bool:
        """SIGTERM; it is not started again. Whether anybody heard."""
        self._wanted = False
        if self._worker is None or self.process.dead:
            return False
        self._servers.trace(self.name, "SIGTERM")
        self._worker.stop()
        return True

    async def _work(self, process: Process) -> None:
        servers = self._servers
        store = RedisStore(SimWire(servers.redis, process, self._told), self._config.namespace, "redis")
        parts = Parts(
            consumer=partial(SimConsumer, servers.broker, servers.group, process),
            producer=partial(SimProducer, servers.broker, process),
            answers=self._answers,
            app=App,
            watchdog=partial(Watching, self._stalled),
            relay=self._relay,
            wall_us=servers.broker.wall_us,
        )
        worker = self._worker = Told(self._config, self._partitions, store, DecodeRules(), SCORING, parts)
        try:
            code = await worker.run()
        except BrokerUnavailable:
            code = 1
        servers.trace(self.name, f"ends with {code}")
        self._failures += [f"{self.name} ended: {e!r}" for e in worker.errors if not isinstance(e, BrokerUnavailable)]
        process.dead = True
        servers.broker.network.later(AGAIN_S, self._again, process)

    def _again(self, process: Process) -> None:
        if self._wanted and self.process is process:
            self.start()

    def _stalled(self, reason: str) -> None:
        self._servers.trace(self.name, f"the watchdog ends it: {reason}")
        self.process.dead = True
        self._servers.broker.network.later(AGAIN_S, self._again, self.process)

    async def _answers(self, _kafka: str) -> bool:
        return self._servers.broker.answers(self.process)

    def _told(self, commands: Sequence[Command], replies: list[Reply]) -> None:
        """Scripts are told in the trace."""
        name = SCRIPTS.get(bytes(commands[0][1])) if commands[0][0] == "EVALSHA" else None  # type: ignore[arg-type]
        if name == "commit":
            found = Counter(reply.decode() if isinstance(reply, bytes) else type(reply).__name__ for reply in replies)
            outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(found.items()))
            self._servers.trace(self.name, f"commit: {outcomes}")
        elif name:
            self._servers.trace(self.name, f"{name} {len(commands)} buckets")

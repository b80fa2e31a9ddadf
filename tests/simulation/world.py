"""One run of a plan: servers, workers, faults; then quiet; then the judge."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from aiokafka import TopicPartition

from streams.broker.relay import Relay
from streams.config import COMMANDS, DEAD_LETTERS, DRIFT_ALERTS, INPUTS, TIER_CHANGES, StreamsConfig, Topics
from tests.simulation import faults
from tests.simulation.host import Host, Servers
from tests.simulation.judge import Evidence, judged
from tests.simulation.kafka_group import Group
from tests.simulation.kafka_log import Broker, Log, New
from tests.simulation.loop import Loop, StuckError
from tests.simulation.network import Network
from tests.simulation.plan import Plan
from tests.simulation.redis_server import RedisServer
from tests.simulation.shop import ENDS_S, Sent
from tests.simulation.trace import Trace
from tests.simulation.versions import stricter

NAMESPACE = "sim"
SESSION_S = 3.0
STALL_AFTER_S = 20.0
SENT_WITHIN_S = 15.0  # where the log comes during the run
QUIET_S = 9.0  # without a change: longer than a session, and than losses stay unnoticed
SETTLED_WITHIN_S = 150.0  # after the last fault


class Bug(NamedTuple):
    """What is wrong on purpose. `scripts`: texts that run in another's place."""

    scripts: Mapping[bytes, bytes] = {}
    relay: type[Relay] = Relay


SOUND = Bug()


class Outcome(NamedTuple):
    """What came of a run."""

    plan: Plan
    problems: Sequence[str]  # none: as it should be
    lines: Sequence[str]  # the last happenings
    sum: int  # of all happenings
    events: int  # records in the input topics at the end
    lasted_s: float  # virtual
    struck: Sequence[str]  # kinds of the faults that somebody met


def run(plan: Plan, bug: Bug = SOUND) -> Outcome:
    """Run a plan to its end. The same plan gives the same outcome."""
    loop = Loop()  # type: ignore[abstract]  # sockets, signals, threads: there are none
    world = World(loop, plan, bug)
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        problems = loop.run_until_complete(world.main())
    except StuckError as error:
        problems = [f"stuck: {error}"]
    lines, happened, lasted_s = list(world.trace.lines), world.trace.sum, loop.time() - world.began_s
    loop.abandon()
    logging.disable(before)
    sent = sum(len(log.seen()) for place, log in world.broker.logs.items() if place.topic in INPUTS)
    return Outcome(plan, problems, lines, happened, sent, lasted_s, world.scene.struck)


class World:
    """Everything of one run."""

    def __init__(self, loop: Loop, plan: Plan, bug: Bug) -> None:
        self.began_s = loop.time()
        self.trace = Trace(lambda: loop.time() - self.began_s)
        self._loop = loop
        self._plan = plan
        self.broker = Broker(loop, self._network("broker", plan.broker_s), self.trace, self._wall_us)
        for topic in (*INPUTS, TIER_CHANGES, DRIFT_ALERTS, DEAD_LETTERS):
            for number in range(plan.shape.partitions):
                self.broker.logs[TopicPartition(topic, number)] = Log(begin=3 if topic in INPUTS else 0)
        group = Group(self.broker, loop.time, plan.shape.partitions, SESSION_S)
        self.redis = RedisServer(loop, self._network("redis", plan.redis_s), self.trace, ENDS_S, bug.scripts)
        servers = Servers(loop, self.redis, self.broker, group, self.trace)
        config = StreamsConfig(
            kafka=NAMESPACE,
            namespace=NAMESPACE,
            topics=Topics("", plan.shape.partitions),
            clock=plan.clock,
            stall_after_s=STALL_AFTER_S,
            batch=plan.batch,
            session_timeout_s=SESSION_S,
        )
        self.failures: list[str] = []
        hosts = [
            Host(f"w{n + 1}", servers, config, plan.shape.partitions, bug.relay, self.failures)
            for n in range(plan.workers)
        ]
        self.scene = faults.Scene(servers, hosts, self.began_s, [], Counter())

    def _network(self, server: str, usual_s: float) -> Network:
        return Network(self._loop, random.Random(f"{self._plan.seed} {server}"), usual_s)

    def _wall_us(self) -> int:
        return int((ENDS_S + self._loop.time() - self.began_s) * 1_000_000)

    async def main(self) -> list[str]:
        """1. send  2. fail  3. heal  4. settle  5. judge."""
        log = self._plan.log()
        under_way = self._sending(log)
        for host in self.scene.hosts:
            host.start()
        under_way += [asyncio.create_task(faults.inflict(self.scene, fault)) for fault in self._plan.faults]
        if under_way:
            await asyncio.wait(under_way)
        self.trace("world", "everything works again")
        faults.heal(self.scene)
        found = await self._settled()
        if self._plan.exact and not found:  # silence up to the latest clock of all takes one worker that has all
            for host in self.scene.hosts[1:]:
                host.stop()
            found = await self._settled()
        return found or await judged(self._evidence())

    def _sending(self, log: Sequence[Sent]) -> "list[asyncio.Task[None]]":
        if self._plan.shape.plain:
            for one in log:
                self._send(one)
            return []
        tasks = [asyncio.create_task(self._send_all(log))]
        if self._plan.versioned:
            tasks.append(asyncio.create_task(self._publish_version()))
        return tasks

    def _send(self, one: Sent) -> None:
        self.broker.put(TopicPartition(one.topic, one.partition), one.new)

    async def _send_all(self, log: Sequence[Sent]) -> None:
        chance = random.Random(f"{self._plan.seed} sending")
        for one in log:
            if chance.random() < 0.3:
                await asyncio.sleep(chance.expovariate(0.3 * len(log) / SENT_WITHIN_S))
            self._send(one)

    async def _publish_version(self) -> None:
        await asyncio.sleep(random.Random(f"{self._plan.seed} version").uniform(0, SENT_WITHIN_S))
        self.trace("world", "publishes a version")
        for number in range(self._plan.shape.partitions):
            self.broker.put(TopicPartition(COMMANDS, number), New(None, stricter(self._wall_us()), []))

    async def _settled(self) -> list[str]:
        """Wait until nothing changes any more; what is wrong where it never ends."""
        until_s = self._loop.time() + SETTLED_WITHIN_S
        state, since_s = self._state(), self._loop.time()
        while self._loop.time() - since_s < QUIET_S:
            await asyncio.sleep(0.5)
            if (now := self._state()) != state:
                state, since_s = now, self._loop.time()
            if self._loop.time() > until_s:
                return [f"not settled within {SETTLED_WITHIN_S:.0f} s"]
        return []

    def _state(self) -> tuple[int, int]:
        return len(self.redis.engine.keys), sum(log.stable for log in self.broker.logs.values())

    def _evidence(self) -> Evidence:
        unhandled = [f"unhandled: {context.get('exception', context)!r}" for context in self._loop.unhandled]
        logs = {place: log.seen() for place, log in self.broker.logs.items()}
        return Evidence(self._plan, logs, self.redis.engine, NAMESPACE, [*self.failures, *unhandled])

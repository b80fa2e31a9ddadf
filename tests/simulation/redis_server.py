"""A Redis that several workers share, and the way to it: the `Wire` of state/wire.py without a socket."""

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any

from state.redis_store import TIMEOUT_S
from state.scripts import COMMIT
from state.wire import Command, Reply, Request, unavailable
from tests.simulation.loop import Loop, Process
from tests.simulation.network import Fate, Network, answered
from tests.simulation.redis_engine import Engine
from tests.simulation.trace import Trace

NAME = "redis"
LATE_S = 15.0  # a request that hung is done within this time, if ever
SPLIT = 0.1  # share of exchanges between whose commands another's can come

Deliver = Callable[[list[Reply] | None], None]  # None: the connection broke


class RedisServer:
    """One server. Down, it refuses (`away` = "refuses") or is silent (any other `away`: why)."""

    def __init__(
        self, loop: Loop, network: Network, trace: Trace, began_s: float, instead: Mapping[bytes, bytes]
    ) -> None:
        self.network = network
        self.away: str | None = None
        self._ended_by: list[Hashable] = []  # of each life that ended: what was on its way to it is lost
        self._loop = loop
        self._trace = trace
        self._began_s = began_s - loop.time()
        self.engine = Engine(lambda: loop.time() + self._began_s, instead)

    def restart(self, by: Hashable, loses_s: float, skew_s: float = 0.0) -> int:
        """Come back as it was so many seconds ago; how many changes were lost. A wipe loses everything."""
        self._ended_by.append(by)
        self.engine.scripts.forget()
        self.engine.keys.skew_s = skew_s
        lost = self.engine.keys.fall_back(self._loop.time() + self._began_s - loses_s)
        self.network.met[by] += lost
        return lost

    @property
    def _life(self) -> int:
        return len(self._ended_by)

    def take(self, sender: Process, commands: Sequence[Command], deliver: Deliver) -> None:
        """A request set out; `deliver` gets its answer, if one comes."""
        network, chance = self.network, self.network.chance
        fate, there_s = network.fate(sender), network.delay_s()
        network.met[self.away] += self.away is not None
        if self.away == "refuses" and fate is not Fate.LOST:
            network.later(there_s, deliver, None)
            return
        if self.away or fate is Fate.LOST:
            return
        if fate is not Fate.DONE:
            self._trace(NAME, f"{sender.name}'s request of {len(commands)}: {fate.value}")
        back = deliver if fate in (Fate.DONE, Fate.TWICE) else _nobody
        if fate is Fate.CUT:
            commands, back = commands[: chance.randrange(len(commands) + 1)], lambda _replies: deliver(None)
        elif fate is Fate.LATE:
            there_s += chance.uniform(0, LATE_S)
        elif fate is Fate.TWICE:
            network.later(there_s + chance.uniform(0, LATE_S), self._arrived, self._life, commands, [], _nobody, 0)
        at = chance.randrange(1, len(commands)) if len(commands) > 1 and chance.random() < SPLIT else 0
        network.later(there_s, self._arrived, self._life, commands, [], back, at)

    def _arrived(self, life: int, commands: Sequence[Command], replies: list[Reply], back: Deliver, split: int) -> None:
        if self.away or life != self._life:
            self.network.met[self.away or self._ended_by[life]] += 1
            return
        now, rest = (commands[:split], commands[split:]) if split else (commands, ())
        replies += [self.engine.run(command) for command in now]
        if rest:
            self.network.later(self.network.delay_s(), self._arrived, life, rest, replies, back, 0)
        else:
            self.network.later(self.network.delay_s(), back, replies)


class SimWire:
    """One worker's way to the server; after its timeout nobody waits for an answer any more."""

    def __init__(
        self, server: RedisServer, process: Process, told: Callable[[Sequence[Command], list[Reply]], Any]
    ) -> None:
        """`told` hears of each exchange that was answered."""
        self._server = server
        self._process = process
        self._told = told

    async def exchange(self, requests: Sequence[Request]) -> list[Reply]:
        """See Wire."""
        commands = [request.command for request in requests]
        answer: asyncio.Future[list[Reply] | None] = asyncio.get_running_loop().create_future()
        writes = len(commands[0]) > 1 and commands[0][1] == COMMIT.digest
        if writes:
            await self._process.comes_to("commit")
        self._server.take(self._process, commands, partial(answered, answer))
        if writes:
            await self._process.comes_to("committing")
        try:
            async with asyncio.timeout(TIMEOUT_S):
                replies = await answer
        except TimeoutError as error:
            raise unavailable(NAME, f"did not answer within {TIMEOUT_S:g} s") from error
        if replies is None:
            raise unavailable(NAME, "does not answer")
        self._told(commands, replies)
        return replies

    async def everywhere(self, command: Command) -> dict[str, Reply]:
        """See Wire."""
        return {NAME: (await self.exchange([Request(0, command)]))[0]}

    async def close(self) -> None:
        """See Wire."""


def _nobody(_replies: list[Reply] | None) -> None:
    """The answer reaches nobody."""

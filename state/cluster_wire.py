"""The way to a Redis Cluster: each command to the node that owns its slot, all nodes at the same time.

A command that went to the wrong node did nothing there, so that it may follow the redirection.
"""

import asyncio
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from redis.exceptions import AskError, ClusterDownError, MovedError, TryAgainError

from state.errors import StateError, StoreUnavailable
from state.wire import Command, Reply, Request, ServerWire, checked, unavailable

SLOTS = 16_384
ATTEMPTS = 6
ELSEWHERE = (AskError, MovedError, TryAgainError, ClusterDownError)  # the node did nothing; another, or it later, will
PAUSE_S = 0.05  # while a slot moves between nodes, and again longer with each attempt


WAIT = "Wait until its cluster is whole again (redis-cli --cluster check)."


class Node(NamedTuple):
    """A server's address."""

    host: str
    port: int


class ClusterWire:
    """Routes by slot; learns the owners from the cluster, anew whenever they turn out to have changed."""

    def __init__(self, connection_arguments: dict[str, Any], timeout_s: float) -> None:
        """The arguments lead to one node; the others are learned from it and reached the same way."""
        self._arguments = connection_arguments
        self._timeout_s = timeout_s
        self._seed = Node(connection_arguments.get("host", "localhost"), connection_arguments.get("port", 6379))
        self._wires: dict[Node, ServerWire] = {}
        self._firsts: list[int] = []  # first slot of each range, ascending
        self._owners: list[Node] = []  # of each range

    async def exchange(self, requests: Sequence[Request]) -> list[Reply]:
        """See Wire."""
        replies: list[Reply] = [None] * len(requests)
        waiting = list(range(len(requests)))
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(PAUSE_S * attempt)
            if not self._owners:
                await self._learn()
            await self._send_each_to_its_owner(requests, waiting, replies)
            await self._follow(requests, [i for i in waiting if type(replies[i]) is AskError], replies)
            waiting = [i for i in waiting if isinstance(replies[i], ELSEWHERE)]
            if not waiting:
                return replies
            self._owners = []
        raise unavailable(self._name(self._seed), "is moving a slot to another node or has lost one", WAIT)

    async def everywhere(self, command: Command) -> dict[str, Reply]:
        """See Wire."""
        await self._learn()
        nodes = sorted(set(self._owners))
        replies = await asyncio.gather(*(self._wire(node).send([command]) for node in nodes))
        return {self._name(node): reply for node, (reply,) in zip(nodes, replies, strict=True)}

    async def close(self) -> None:
        """See Wire."""
        await asyncio.gather(*(wire.close() for wire in self._wires.values()))

    async def _send_each_to_its_owner(
        self, requests: Sequence[Request], waiting: Sequence[int], replies: list[Reply]
    ) -> None:
        by_node: dict[Node, list[int]] = defaultdict(list)
        for i in waiting:
            by_node[self._owners[bisect_right(self._firsts, requests[i].slot) - 1]].append(i)
        sent = (self._wire(node).exchange([requests[i] for i in indexes]) for node, indexes in by_node.items())
        # every node's answer is awaited before a failure is told: nothing of this exchange is still under way then
        for indexes, answer in zip(by_node.values(), await asyncio.gather(*sent, return_exceptions=True), strict=True):
            if isinstance(answer, BaseException):
                self._owners = []  # another node may have taken its slots over by the next attempt
                raise answer
            for i, reply in zip(indexes, answer, strict=True):
                replies[i] = reply

    async def _follow(self, requests: Sequence[Request], asked: Sequence[int], replies: list[Reply]) -> None:
        """A slot that is just moving: the other node answers only who says ASKING first."""
        for i in asked:
            node = Node(replies[i].host, replies[i].port)
            replies[i] = (await self._wire(node).send([("ASKING",), requests[i].command]))[1]

    async def _learn(self) -> None:
        trouble: StateError | None = None
        for node in dict.fromkeys([self._seed, *self._wires]):
            try:
                ranges = checked(self._name(node), await self._wire(node).send([("CLUSTER", "SLOTS")]))[0]
            except StoreUnavailable as error:
                trouble = error
                continue
            ranges.sort()
            if sum(last - first + 1 for first, last, *_ in ranges) == SLOTS:
                self._firsts = [first for first, *_ in ranges]
                self._owners = [Node(owner[0].decode() or node.host, owner[1]) for _, _, owner, *_ in ranges]
                return
            trouble = unavailable(self._name(node), "belongs to a cluster that does not cover all slots", WAIT)
        raise trouble or unavailable(self._name(self._seed), "does not answer")

    def _wire(self, node: Node) -> ServerWire:
        wire = self._wires.get(node)
        if wire is None:
            wire = ServerWire(self._arguments | {"host": node.host, "port": node.port}, self._timeout_s)
            self._wires[node] = wire
        return wire

    @staticmethod
    def _name(node: Node) -> str:
        return f"{node.host}:{node.port}"

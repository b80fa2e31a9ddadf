"""The outbox on its way to the broker."""

import asyncio
from collections.abc import Sequence

import pytest

from state.store import Commit, Entry, Head
from streams.broker import relay as module
from streams.broker.publishing import Message
from streams.broker.relay import Relay
from streams.config import Topics
from streams.ownership import Partition, acquire
from streams.patience import Patience
from tests.fakes.memory_store import MemoryStore


class Broker:
    """Takes messages when it is let."""

    def __init__(self) -> None:
        self.got: list[bytes | None] = []
        self.open = asyncio.Event()
        self.open.set()

    async def partition_of(self, _topic: str, _key: bytes, bucket: int) -> int:
        return bucket % 4

    async def publish(self, messages: Sequence[Message]) -> None:
        await self.open.wait()
        self.got += [message.value for message in messages]


class World:
    """A relay whose one partition has one bucket that this test commits to."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.broker = Broker()
        self.relay = Relay(self.store, self.broker, Topics(), Patience())
        self.sequence = 0

    async def own(self) -> Partition:
        [self.partition] = await acquire(self.store, [0], 256)
        return self.partition

    async def commit(self, *values: bytes) -> Commit:
        self.sequence += 1
        entries = [Entry(self.sequence, i, "tier-changes", b"ada", value, []) for i, value in enumerate(values)]
        commit = Commit(0, self.partition.epochs[0], Head(self.sequence, {}, 0, {}), [], [], entries)
        await self.store.commit([commit])
        return commit

    async def left(self) -> list[bytes]:
        return [entry.value for entry in (await self.store.outbox([0], 100))[0]]


async def test_entries_are_trimmed_only_after_the_broker_has_them() -> None:
    world = World()
    await world.own()
    world.broker.open.clear()
    running = asyncio.create_task(world.relay.run())
    await world.relay.hand_over([await world.commit(b"1", b"2"), await world.commit(b"3")])
    await asyncio.sleep(0.25)
    assert await world.left() == [b"1", b"2", b"3"]
    world.broker.open.set()
    await world.relay.flush()
    assert world.broker.got == [b"1", b"2", b"3"]
    assert await world.left() == []
    running.cancel()


async def test_what_a_former_owner_left_behind_goes_out_first_and_in_order() -> None:
    world = World()
    await world.own()
    for n in range(5):
        await world.commit(b"%d" % n)
    successor = await world.own()
    await world.relay.recover([successor])
    assert world.broker.got == [b"0", b"1", b"2", b"3", b"4"]
    assert await world.left() == []


async def test_leftovers_beyond_one_reading_go_out_too(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    await world.own()
    monkeypatch.setattr(module, "LEFTOVERS", 2)
    for n in range(5):
        await world.commit(b"%d" % n)
    await world.relay.recover([await world.own()])
    assert world.broker.got == [b"0", b"1", b"2", b"3", b"4"]


async def test_a_broker_that_is_too_slow_holds_the_pipeline_back() -> None:
    world = World()
    await world.own()
    world.broker.open.clear()
    running = asyncio.create_task(world.relay.run())
    many = await world.commit(*[b"x"] * (module.WAITING + 1))
    handing = asyncio.create_task(world.relay.hand_over([many]))
    await asyncio.sleep(0.05)
    assert not handing.done()
    world.broker.open.set()
    await asyncio.wait_for(handing, 5)
    running.cancel()


async def test_what_was_published_under_a_lost_epoch_trims_nothing_of_the_next_owner() -> None:
    world = World()
    await world.own()
    old = await world.commit(b"old")
    await world.own()
    running = asyncio.create_task(world.relay.run())
    await world.relay.hand_over([old])
    await world.relay.flush()
    assert await world.left() == [b"old"]
    running.cancel()

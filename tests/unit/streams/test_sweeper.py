"""Sweeps of a live worker, over the store in memory and lanes that really run."""

from collections.abc import AsyncIterator
from time import monotonic

import pytest

from scoring.ledgers import peek
from streams.census import AHEAD_US
from streams.sweeper import Sweeper
from tests.support.two_workers import EVENTS, SLOT_US, World, open_world, states_of


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with open_world() as world:
        yield world


async def test_a_sweep_begins_when_the_version_is_in_force_and_ends_with_everybody(world: World) -> None:
    await world.feed(EVENTS)
    sweeper = Sweeper(world.store, world.lanes, world.reached_us, 1_000_000)
    await sweeper.look()
    await world.keeper(0, 1).look()
    await world.deliver()
    await sweeper.look()
    await world.done()
    assert met(world) == {1}
    world.now_us = SLOT_US + AHEAD_US
    await sweeper.look()
    await world.done()
    assert met(world) == {2}
    heads = (await world.store.heads()).values()
    assert {head.swept for head in heads} == {2}
    sequences = [head.sequence for head in heads]
    await sweeper.look()
    await world.done()
    assert [head.sequence for head in (await world.store.heads()).values()] == sequences


async def test_a_sweep_keeps_to_its_rate(world: World) -> None:
    await world.feed(EVENTS)
    await world.keeper(0, 1).look()
    await world.deliver()
    world.now_us = SLOT_US + AHEAD_US
    began = monotonic()
    await Sweeper(world.store, world.lanes, world.reached_us, 400).look()
    assert monotonic() - began >= 0.9 * len(states_of(world)) / 400
    await world.done()
    assert met(world) == {2}


def met(world: World) -> set[int]:
    return {int(peek(blob)["terms"]) for blob in states_of(world).values()}

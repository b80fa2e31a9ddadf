"""Censuses of a live worker, over the store in memory and lanes that really run."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from scoring.boundaries.census import census_of
from scoring.boundaries.drawing import boundaries
from scoring.boundaries.policy import Rule
from scoring.layout import Tier
from state.store import Census
from streams import keeper as module
from streams.census import AHEAD_US
from streams.events.terms import ComputedFrom
from streams.events.text import time_text
from streams.keeper import FIRST_EVERY_US, LACKING_S
from streams.versions import unpack
from tests.support.kernel import RULES, TERMS
from tests.support.pipelines import SCORING
from tests.support.two_workers import EVENTS, NOW_US, POLICY, SLOT_US, World, open_world, states_of

FEW = [event for event in EVENTS if event["customer_id"] in {f"c{who}" for who in range(90)}]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with open_world() as world:
        yield world


async def test_the_owner_of_bucket_0_draws_once_every_worker_has_counted(world: World) -> None:
    await world.feed(EVENTS)
    first, second = world.keeper(0), world.keeper(1)
    await first.look()
    assert world.published == []
    await second.look()
    assert world.published == []  # that one draws nothing
    await first.look()
    await first.look()
    [version] = world.published
    everyone = census_of(list(states_of(world).values()), SLOT_US, TERMS.model)
    assert version.rules == boundaries(everyone, POLICY)
    assert (version.id, version.from_us) == (f"boundaries:{time_text(SLOT_US)}", SLOT_US + AHEAD_US)
    assert world.computed == [ComputedFrom(census_at=time_text(SLOT_US), customers=everyone.customers, share=0.8)]
    await world.keeper(0).look()  # a restarted one says the same again
    assert world.published == [version, version]


async def test_a_census_with_a_damaged_part_draws_nothing_and_the_next_one_does(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.feed(EVENTS)
    keeper = world.keeper(0, 1)
    counted: list[int] = []
    put = world.store.put_census

    async def damaged(bucket: int, census: Census) -> None:
        counted.append(bucket)
        await put(bucket, census._replace(told=b"\x01\x05?") if bucket == 7 and len(counted) < 256 else census)

    world.store.put_census = damaged  # type: ignore[method-assign]
    await keeper.look()
    await keeper.look()
    assert world.published == []
    assert caplog.text.count("is damaged") == 1
    world.now_us += FIRST_EVERY_US
    await keeper.look()
    assert len(world.published) == 1


async def test_what_one_partition_lacks_for_long_is_published_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 0.0
    monkeypatch.setattr(module, "elapsed_s", lambda: now_s)
    await world.feed(EVENTS)
    keeper = world.keeper(0, 1)
    await keeper.look()
    await world.deliver(0)
    # a partition that has a long log to read first lacks it for as long: each copy is kept for ever
    for then_s, published in (
        (1.0, 1),
        (LACKING_S, 1),
        (LACKING_S + 1.0, 2),
        (3 * LACKING_S, 2),
        (3 * LACKING_S + 1.0, 3),
    ):
        now_s = then_s
        await keeper.look()
        assert len(world.published) == published
    assert world.published[0] == world.published[1] == world.published[2]
    await world.deliver()
    now_s = 1e6
    await keeper.look()
    assert len(world.published) == 3
    assert len({head.versions for head in (await world.store.heads()).values()}) == 1


async def test_a_part_that_is_stored_is_not_counted_again(world: World) -> None:
    await world.feed(EVENTS)
    await world.keeper(1).look()
    before = await world.store.censuses()
    await world.feed([event | {"id": "x", "order_id": event["order_id"] + "x"} for event in EVENTS])
    await world.keeper(1).look()
    assert await world.store.censuses() == before != {}


async def test_a_part_that_the_store_lost_is_counted_again(world: World) -> None:
    await world.feed(EVENTS)
    first, second = world.keeper(0), world.keeper(1)
    world.store.remember()
    await second.look()
    world.store.rollback()
    await world.lanes.close()
    await world.open()  # what a worker does where the store fell back
    await second.look()
    await first.look()
    assert len(world.published) == 1


async def test_there_is_no_first_census_of_few(world: World) -> None:
    await world.feed(FEW)
    await world.keeper(0, 1).look()
    assert world.published == []
    await world.feed(EVENTS)
    world.now_us += FIRST_EVERY_US
    await world.keeper(0, 1).look()
    assert len(world.published) == 1


async def test_later_ones_come_by_the_week_and_are_published_where_a_boundary_moved(world: World) -> None:
    await world.feed(EVENTS)
    keeper = world.keeper(0, 1)
    await keeper.look()
    await world.deliver()
    world.now_us += 3 * FIRST_EVERY_US
    await keeper.look()
    assert len(world.published) == 1
    world.now_us = (NOW_US // POLICY.census_us + 1) * POLICY.census_us + 60_000_000
    await keeper.look()
    _, version = world.published
    assert version.made_us == world.now_us // POLICY.census_us * POLICY.census_us
    await world.deliver()
    versions = {lane.owned.versions for lane in world.lanes}
    assert len(versions) == 1
    assert unpack(versions.pop()).new.boundaries == version.boundaries


async def test_boundaries_that_did_not_move_are_not_published() -> None:
    async with open_world(POLICY._replace(move_at_least=1e9)) as world:
        await world.feed(EVENTS)
        keeper = world.keeper(0, 1)
        await keeper.look()
        await world.deliver()
        world.now_us = (NOW_US // POLICY.census_us + 1) * POLICY.census_us
        await keeper.look()
        assert len(world.published) == 1


async def test_fixed_boundaries_replace_drawn_ones_when_the_settings_change(world: World) -> None:
    await world.feed(EVENTS)
    await world.keeper(0, 1).look()
    await world.deliver()
    world.scoring = replace(world.scoring, policy=POLICY._replace(rule=Rule.THRESHOLDS))
    keeper, now_us = world.keeper(0, 1), world.now_us
    world.now_us = 0  # a partition is behind, and nothing of it was read yet
    await keeper.look()
    assert len(world.published) == 1
    world.now_us = now_us
    await keeper.look()
    world.now_us += 3 * FIRST_EVERY_US
    await keeper.look()  # it is on its way
    await world.deliver()
    for lane in world.lanes:
        held = unpack(lane.owned.versions).new
        assert held.terms.rules.enter[Tier.LOW :] == RULES.enter[Tier.LOW :]
        assert held.boundaries == SCORING.first.boundaries
    await world.keeper(0, 1).look()
    assert len(world.published) == 2

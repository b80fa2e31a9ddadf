"""Commands wait until what happened before them is applied."""

from collections.abc import AsyncIterator

import pytest

from state.store import Head
from streams.broker.holding import Holding
from streams.config import COMMANDS, INTERACTIONS, ORDERS, Version
from streams.lanes import Lanes
from streams.ownership import Partition
from streams.versions import only, pack, take
from streams.work import Verdict
from tests.support.kernel import TERMS
from tests.support.pipelines import Line
from tests.unit.streams.test_taking import stricter

RECORDS = [Line(b"", b"ada", n, timestamp=at_ms) for n, at_ms in enumerate((1_000, 2_000, 3_000))]


class World:
    """A lane, and what is left to read of its inputs."""

    def __init__(self) -> None:
        self.lanes = Lanes(self._run, 1, lambda _lane, _end: None)
        self.owned = Partition(0, 8, [])
        self.lanes.open(self.owned)
        [self.lane] = self.lanes
        self.lags: dict[str, int] | None = dict.fromkeys(self.owned.topics, 0)
        self.holding = Holding(lambda _lane: self.lags, "wall")

    async def _run(self, _owned: Partition, _work: object) -> Verdict:
        return Verdict.DONE

    def released(self, records: list[Line] = RECORDS) -> int:
        return len(self.holding.released(self.lane, records))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.lanes.close()


def behind(world: World, orders_ms: int) -> None:
    world.lags = {ORDERS: 5, INTERACTIONS: 0, COMMANDS: 3}
    world.owned.read_us[ORDERS] = orders_ms * 1000


async def test_where_nothing_else_is_left_they_are_handed_on(world: World) -> None:
    world.lags = {ORDERS: 0, INTERACTIONS: 0, COMMANDS: 3}
    assert world.released() == 3
    assert not world.holding.waits(world.lane)


async def test_behind_orders_those_up_to_the_newest_applied_go_and_the_next_waits(world: World) -> None:
    behind(world, 2_000)
    assert world.released() == 2
    world.owned.advance({COMMANDS: 2}, {})
    assert world.released(RECORDS[2:]) == 0
    assert world.holding.waits(world.lane)
    assert world.owned.read_us[COMMANDS] == 3_000_000 - 1  # silence goes on up to it
    behind(world, 2_999)
    assert world.holding.waits(world.lane)
    behind(world, 3_000)
    assert not world.holding.waits(world.lane)
    assert world.released(RECORDS[2:]) == 1


async def test_what_comes_after_a_version_waits_until_it_is_taken(world: World) -> None:
    versions = [Line(b"", None, n, timestamp=1_000) for n in range(3)]
    assert world.released(versions) == 1
    assert world.released(versions[1:]) == 0
    assert world.holding.waits(world.lane)
    assert world.owned.read_us[COMMANDS] == 0  # nor may silence go on: the version may say otherwise
    world.owned.advance({COMMANDS: 1}, {})
    assert not world.holding.waits(world.lane)
    assert world.released(versions[1:]) == 1


async def test_what_nobody_knows_yet_is_waited_for(world: World) -> None:
    world.lags = None
    assert world.released() == 0
    assert world.holding.waits(world.lane)
    world.lags = dict.fromkeys(world.owned.topics, 0)
    assert not world.holding.waits(world.lane)


async def test_a_partition_that_is_read_anew_waits_for_nothing_of_before(world: World) -> None:
    behind(world, 0)
    world.released()
    world.holding.forget(0)
    assert not world.holding.waits(world.lane)


async def test_a_version_waits_until_everybody_met_the_one_in_force_before_it(world: World) -> None:
    head = Head(1, {}, 0, {}, 1, pack(take(only(Version(TERMS)), stricter(from_us=2_000_000))))
    world.owned.heads[8], world.owned.versions = head, head.versions
    assert world.released() == 2  # of the second it is not known that it comes after
    world.owned.advance({COMMANDS: 2}, {})
    assert world.released(RECORDS[2:]) == 0
    assert world.holding.waits(world.lane)
    world.lags = {ORDERS: 0, INTERACTIONS: 2, COMMANDS: 1}
    assert world.holding.left(world.lane) == 2  # what waits is no stall
    world.lags = {ORDERS: 0, INTERACTIONS: 0, COMMANDS: 1}
    world.owned.heads[8] = head._replace(swept=2)
    assert not world.holding.waits(world.lane)
    assert world.holding.left(world.lane) == 1


async def test_in_the_streams_own_time_none_waits_for_a_sweep(world: World) -> None:
    head = Head(1, {}, 0, {}, 1, pack(take(only(Version(TERMS)), stricter(from_us=1))))
    world.owned.heads[8], world.owned.versions = head, head.versions
    assert len(Holding(lambda _lane: world.lags, "stream").released(world.lane, RECORDS)) == 3

"""Which deadlines fire, and by which clock."""

import asyncio
from collections.abc import Sequence

import pytest

from scoring.layout import NEVER_US
from state.store import Commit, Due, Head, Owned
from streams import timers as module
from streams.config import COMMANDS, INTERACTIONS, ORDERS, ClockKind
from streams.lanes import Lanes
from streams.ownership import Partition
from streams.patience import Patience
from streams.timers import Timers
from streams.work import Idle, Ticks, Verdict, Work
from tests.fakes.memory_store import MemoryStore

HOUR_US = 3_600_000_000


class Asked(MemoryStore):
    """Counts who asks for what is due."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[list[int], int]] = []

    async def due(self, buckets: Sequence[int], until_us: int, limit: int) -> tuple[list[Due], dict[int, int]]:
        self.asked.append((list(buckets), until_us))
        return await super().due(buckets, until_us, limit)


class World:
    """One partition of eight with a customer of its bucket 0 due at 10:00, clocks set by hand."""

    def __init__(self, clock: ClockKind = "wall") -> None:
        self.store = Asked()
        self.now_us = 9 * HOUR_US
        self.lags: dict[str, int] | None = {ORDERS: 0, INTERACTIONS: 0}
        self.fired: list[Work] = []
        self.lanes = Lanes(self.run, 3, lambda _lane, _end: None)
        self.timers = Timers(self.store, self.lanes, lambda _: self.lags, clock, lambda: self.now_us, Patience())

    async def run(self, _owned: Partition, work: Work) -> Verdict:
        self.fired.append(work)
        return Verdict.DONE

    async def open(self, clocks_us: dict[int, int]) -> Partition:
        owned = [
            Owned(o.bucket, o.epoch, Head(0, {}, clocks_us.get(o.bucket, 0), {}))
            for o in await self.store.acquire((0, 8))
        ]
        head = Head(1, {}, clocks_us.get(0, 0), {})
        await self.store.commit([Commit(0, owned[0].epoch, head, [], [(b"ada", 10 * HOUR_US)], [])])
        partition = Partition(0, 8, owned)
        self.lanes.open(partition)
        return partition

    async def poll(self) -> list[int]:
        """Up to when silence acted in this poll."""
        self.fired.clear()
        await self.timers.poll()
        for _ in range(5):
            await asyncio.sleep(0)
        return [work.until_us for work in self.fired if isinstance(work, Ticks)]


async def test_a_deadline_fires_when_the_wall_clock_reaches_it_and_not_before() -> None:
    world = World()
    await world.open({})
    assert await world.poll() == []
    world.now_us = 10 * HOUR_US
    assert await world.poll() == [10 * HOUR_US]
    await world.lanes.close()


async def test_only_buckets_that_may_have_something_due_are_asked_about() -> None:
    world = World()
    partition = await world.open({})
    await world.poll()
    assert world.store.asked == [([0, 8], 9 * HOUR_US)]
    assert partition.next_due == {0: 10 * HOUR_US, 8: NEVER_US}
    await world.poll()
    assert len(world.store.asked) == 1
    world.now_us = 11 * HOUR_US
    await world.poll()
    assert world.store.asked[1:] == [([0], 11 * HOUR_US)]
    await world.lanes.close()


@pytest.mark.parametrize("lags", [{ORDERS: 7, INTERACTIONS: 0}, {ORDERS: 7, INTERACTIONS: 7}, None])
async def test_a_partition_that_is_behind_fires_up_to_its_newest_record_only(lags: dict[str, int] | None) -> None:
    world = World()
    world.lags, world.now_us = lags, 20 * HOUR_US
    partition = await world.open({})
    assert await world.poll() == []
    partition.advance({}, {INTERACTIONS: 10 * HOUR_US, COMMANDS: 12 * HOUR_US})
    assert await world.poll() == []  # orders from before that still wait, and come before the silence
    partition.advance({}, {ORDERS: 11 * HOUR_US})
    assert await world.poll() == [11 * HOUR_US if lags and not lags[INTERACTIONS] else 10 * HOUR_US]
    await world.lanes.close()


async def test_records_of_a_producer_whose_clock_is_ahead_bring_no_silence_before_its_time() -> None:
    world = World()
    world.lags = {ORDERS: 7, INTERACTIONS: 0}
    partition = await world.open({})
    partition.advance({}, {ORDERS: 9000 * HOUR_US})
    assert await world.poll() == []
    assert set(world.timers.reached_us(next(iter(world.lanes))).values()) == {world.now_us}
    await world.lanes.close()


async def test_in_stream_time_a_bucket_goes_by_its_own_clock_until_all_is_quiet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_s = 100.0
    monkeypatch.setattr(module, "elapsed_s", lambda: now_s)
    world = World("stream")
    await world.open({0: 9 * HOUR_US, 8: 15 * HOUR_US})
    world.now_us, world.lags = 99 * HOUR_US, {ORDERS: 1, INTERACTIONS: 0}
    assert await world.poll() == []
    world.lags, now_s = {ORDERS: 0, INTERACTIONS: 0}, 101.0
    assert await world.poll() == [15 * HOUR_US]
    await world.lanes.close()


async def test_a_store_that_is_slow_to_say_what_is_due_makes_no_quiet_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulated seeds 201, 1118 and 1177."""
    now_s = 100.0
    monkeypatch.setattr(module, "elapsed_s", lambda: now_s)
    world = World("stream")
    due = world.store.due

    async def slow(buckets: Sequence[int], until_us: int, limit: int) -> tuple[list[Due], dict[int, int]]:
        nonlocal now_s
        now_s += 3.0
        return await due(buckets, until_us, limit)

    monkeypatch.setattr(world.store, "due", slow)
    await world.open({0: 11 * HOUR_US, 8: 11 * HOUR_US})
    owned = [Owned(o.bucket, o.epoch, Head(0, {}, 9 * HOUR_US, {})) for o in await world.store.acquire((1, 9))]
    world.lanes.open(Partition(1, 8, owned))
    world.lags = {ORDERS: 1, INTERACTIONS: 0}
    await world.poll()
    assert world.store.asked == [([0, 8], 11 * HOUR_US), ([1, 9], 9 * HOUR_US)]
    world.lags = {ORDERS: 0, INTERACTIONS: 0}
    await world.poll()
    assert not world.timers._quiet  # nobody looked in between
    await world.lanes.close()


async def test_in_stream_time_buckets_of_a_partition_are_asked_together_up_to_the_slowest_clock() -> None:
    world = World("stream")
    await world.open({0: 11 * HOUR_US, 8: 15 * HOUR_US})
    assert await world.poll() == [11 * HOUR_US]
    assert world.store.asked == [([0, 8], 11 * HOUR_US)]
    await world.lanes.close()


async def test_a_deadline_committed_while_the_store_is_asked_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    partition = await world.open({})
    due = world.store.due

    async def slow(buckets: Sequence[int], until_us: int, limit: int) -> tuple[list[Due], dict[int, int]]:
        answer = await due(buckets, until_us, limit)
        partition.committed(Commit(8, 1, Head(1, {}, 0, {}), [], [(b"bo", 12 * HOUR_US)], []))
        return answer

    monkeypatch.setattr(world.store, "due", slow)
    await world.poll()
    assert partition.next_due[8] == 12 * HOUR_US
    await world.lanes.close()


async def test_idle_buckets_move_on_about_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr(module, "elapsed_s", lambda: now_s)
    world = World()
    partition = await world.open({})
    partition.advance({"orders": 10}, {})
    await world.poll()
    assert Idle() not in world.fired
    now_s = 101.0
    await world.poll()
    assert Idle() in world.fired
    await world.lanes.close()


async def test_the_idle_buckets_of_many_partitions_do_not_all_move_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr(module, "elapsed_s", lambda: now_s)
    world = World()
    for number in range(8):
        partition = Partition(number, 8, await world.store.acquire([number]))
        partition.advance({"orders": 10}, {})
        world.lanes.open(partition)
    now_s = 101.0
    moved = []
    for _ in range(9):
        await world.poll()
        moved.append(world.fired.count(Idle()))
    assert moved == [1] * 8 + [0]
    await world.lanes.close()


async def test_partitions_where_nothing_ever_comes_do_not_keep_another_from_moving_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_s = 100.0
    monkeypatch.setattr(module, "elapsed_s", lambda: now_s)
    world = World()
    for number in range(8):
        world.lanes.open(Partition(number, 8, await world.store.acquire([number])))
    next(lane for lane in world.lanes if lane.owned.number == 4).owned.advance({"orders": 10}, {})
    now_s = 101.0
    await world.poll()
    assert Idle() in world.fired
    await world.lanes.close()

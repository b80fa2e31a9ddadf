"""One partition's work in order, several partitions at once."""

import asyncio

import pytest

from streams import lanes as module
from streams.lanes import Lane, Lanes
from streams.ownership import Partition
from streams.work import Idle, Records, Slice, Ticks, Verdict, Work
from tests.support.pipelines import Line


class Runs:
    """A pipeline that only keeps the order of beginnings and ends, and goes on when it is let."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.works: list[Work] = []
        self.go = asyncio.Event()
        self.verdicts: dict[int, Verdict] = {}
        self.ends: list[tuple[int, Verdict | BaseException]] = []

    async def run(self, owned: Partition, work: Work) -> Verdict:
        self.log.append(f"begin {owned.number}")
        self.works.append(work)
        await self.go.wait()
        self.log.append(f"end {owned.number}")
        if isinstance(work, Ticks):
            raise ValueError("unforeseen")
        return self.verdicts.get(owned.number, Verdict.DONE)

    def ended(self, lane: Lane, end: Verdict | BaseException) -> None:
        self.ends.append((lane.owned.number, end))


def opened(runs: Runs, *numbers: int, in_flight: int = 3) -> tuple[Lanes, dict[int, Lane]]:
    lanes = Lanes(runs.run, in_flight, runs.ended)
    for number in numbers:
        lanes.open(Partition(number, 8, []))
    return lanes, {lane.owned.number: lane for lane in lanes}


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_partitions_overlap_and_the_batches_of_one_do_not() -> None:
    runs = Runs()
    lanes, by_number = opened(runs, 0, 1, 2, in_flight=2)
    for number in (0, 0, 1, 2):
        by_number[number].put(by_number[number].batch(Idle()).work)
    await settle()
    assert runs.log == ["begin 0", "begin 1"]
    runs.go.set()
    await settle()
    assert runs.log.index("end 0") < runs.log.index("begin 0", 1)
    await lanes.close()


async def test_a_lane_has_room_for_a_few_batches_only() -> None:
    runs = Runs()
    lanes, by_number = opened(runs, 0)
    for _ in range(3):
        assert by_number[0].room
        by_number[0].put(by_number[0].batch(Idle()).work)
    assert not by_number[0].room
    runs.go.set()
    await settle()
    assert by_number[0].room
    await lanes.close()


def records(n: int) -> Records:
    return Records([Slice("orders", [Line(b"", b"", offset) for offset in range(n)])])


async def test_all_lanes_together_hold_no_more_than_so_many_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 40)
    runs = Runs()
    lanes, by_number = opened(runs, *range(8))
    for _ in range(3):
        for number in lanes.ready(10):
            if number in lanes.ready(10):
                by_number[number].put(by_number[number].batch(records(10)).work)
    assert sum(lane.held for lane in lanes) == 40
    assert lanes.ready(10) == {}
    runs.go.set()
    await settle()
    assert sum(lane.held for lane in lanes) == 0
    assert len(lanes.ready(10)) == 8
    assert len(lanes.ready(50)) == 8  # a batch larger than the bound still comes, alone
    await lanes.close()


async def test_where_much_is_held_no_partition_reads_ahead_of_one_that_has_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST", 40)
    lanes, by_number = opened(Runs(), 0, 1, 2)
    for number in (0, 1):
        by_number[number].put(by_number[number].batch(records(10)).work)
    assert set(lanes.ready(10)) == {0, 1, 2}
    by_number[0].put(by_number[0].batch(records(10)).work)
    assert set(lanes.ready(10)) == {2}
    await lanes.close()


async def test_what_a_lane_that_was_refused_still_held_takes_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 10)
    runs = Runs()
    runs.verdicts[0] = Verdict.STALE
    lanes, by_number = opened(runs, 0, 1)
    for _ in range(2):
        by_number[0].put(by_number[0].batch(records(5)).work)
        await settle()
    assert lanes.ready(10) == {}
    runs.go.set()
    await settle()
    assert set(lanes.ready(10)) == {1}
    await lanes.close()


async def test_closing_finishes_the_batch_at_work_and_drops_the_rest() -> None:
    runs = Runs()
    lanes, by_number = opened(runs, 0)
    for _ in range(2):
        by_number[0].put(by_number[0].batch(Idle()).work)
    await settle()
    closing = asyncio.create_task(lanes.close())
    await settle()
    runs.go.set()
    await closing
    assert runs.log == ["begin 0", "end 0"]
    by_number[0].put(Idle())
    await settle()
    assert runs.log == ["begin 0", "end 0"]


async def test_a_batch_that_does_not_end_is_abandoned_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE_S", 0.01)
    runs = Runs()
    lanes, by_number = opened(runs, 0)
    by_number[0].put(by_number[0].batch(Idle()).work)
    await settle()
    await lanes.close()
    assert runs.log == ["begin 0"]


async def test_a_lane_that_is_refused_stops_and_says_why() -> None:
    runs = Runs()
    runs.go.set()
    runs.verdicts[1] = Verdict.STALE
    lanes, by_number = opened(runs, 0, 1)
    for number in (1, 1, 0):
        by_number[number].put(by_number[number].batch(Idle()).work)
    await settle()
    assert runs.ends == [(1, Verdict.STALE)]
    assert runs.log.count("begin 1") == 1
    assert by_number[0].open
    assert not by_number[1].room
    await lanes.close()


async def test_an_unforeseen_error_stops_the_lane_before_anything_is_skipped() -> None:
    runs = Runs()
    runs.go.set()
    lanes, by_number = opened(runs, 0)
    by_number[0].put(by_number[0].batch(Ticks([], 0)).work)
    by_number[0].put(by_number[0].batch(Idle()).work)
    await settle()
    [(number, error)] = runs.ends
    assert (number, str(error)) == (0, "unforeseen")
    assert runs.log == ["begin 0", "end 0"]
    await lanes.close()


async def test_small_batches_that_queue_up_run_as_one_in_their_order() -> None:
    runs = Runs()
    lanes, by_number = opened(runs, 0)
    orders, interactions = Records([Slice("orders", [])]), Records([Slice("interactions", [])])
    works: list[Work] = [orders, orders, interactions, Idle()]
    for work in works:
        by_number[0].put(by_number[0].batch(work).work)
    runs.go.set()
    await settle()
    assert runs.works == [Records([*orders.slices, *orders.slices, *interactions.slices]), Idle()]
    assert by_number[0].pending == 0
    await lanes.close()


async def test_large_batches_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "JOIN_BELOW", 0)
    runs = Runs()
    runs.go.set()
    lanes, by_number = opened(runs, 0)
    for _ in range(2):
        by_number[0].put(by_number[0].batch(Records([])).work)
    await settle()
    assert runs.works == [Records([]), Records([])]
    await lanes.close()

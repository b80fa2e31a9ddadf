"""The parts of a worker beside each other: none that waits, or ends in its own way, takes the others with it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from time import monotonic
from typing import Any

import pytest

from streams import worker as module
from streams.config import StreamsConfig
from streams.events.facts import DecodeRules
from streams.ownership import acquire, buckets_of
from streams.parts import Parts
from streams.work import Verdict
from streams.worker import Worker, _cancelled, _shortly, _within
from tests.fakes.memory_store import MemoryStore
from tests.support.pipelines import SCORING


async def for_ever() -> None:
    await asyncio.Event().wait()


async def cancelled_from_within() -> None:
    """As aiokafka does when it closes without a broker: it cancels a task of its own and lets that out."""
    task = asyncio.create_task(for_ever())
    task.cancel()
    await task


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    made = Worker(StreamsConfig(kafka="127.0.0.1:1"), 4, MemoryStore(), DecodeRules(), SCORING)
    yield made
    await made.ingest.stop()
    await made._publisher.stop()


async def test_a_part_that_ends_by_a_cancellation_of_its_own_is_said_and_passed_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        await _within(1, cancelled_from_within)
    assert "Not ended in order: cancelled_from_within" in caplog.text


async def test_whoever_is_cancelled_while_a_part_ends_is() -> None:
    task = asyncio.create_task(_within(10, for_ever))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_part_that_goes_on_too_long_is_left() -> None:
    await _within(0.01, for_ever)


async def test_what_is_asked_by_the_way_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_WITHIN_S", 0.01)
    await _shortly(for_ever())


async def test_the_heart_beats_while_kafka_keeps_everything_else_waiting(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(*_arguments: Any) -> bool:
        await for_ever()
        return False

    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.01)
    worker._parts = Parts(answers=hangs)
    async with AsyncExitStack() as stack:
        worker._begin(stack, worker._beat)
        worker._begin(stack, worker._look_after)
        await asyncio.sleep(0.02)
        began_s = monotonic()
        await asyncio.sleep(0.05)
        assert worker.vitals.beat_s > began_s


async def test_a_part_that_is_cancelled_from_within_ends_the_worker(worker: Worker) -> None:
    async with AsyncExitStack() as stack:
        worker._begin(stack, cancelled_from_within)
        async with asyncio.timeout(1):
            await worker._stopping.wait()
    assert worker._failed


async def test_an_assigned_partition_without_an_open_lane_has_no_known_lag_and_stands_still(
    worker: Worker,
) -> None:
    async def yes(_kafka: str) -> bool:
        return True

    worker._parts = Parts(answers=yes)
    worker.ingest.assigned = {2}
    worker.vitals.applied = {2: 70}
    await worker._tell_vitals()
    assert (worker.vitals.applied, worker.vitals.lags) == ({2: 70}, {})


async def test_while_kafka_is_asked_again_it_is_not_taken_for_well(
    worker: Worker,
) -> None:
    seen: list[str | None] = []

    async def no(_kafka: str) -> bool:
        seen.append(worker.vitals.waiting)
        return False

    worker._parts = Parts(answers=no)
    await worker._tell_vitals()
    await worker._tell_vitals()
    assert seen == [None, worker.vitals.waiting]
    assert worker.vitals.waiting is not None


async def test_a_refused_commit_and_a_loss_found_by_looking_are_said_in_words_of_their_own(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    worker.lanes.open(*await acquire(worker._store, [1], 4))
    (lane,) = worker.lanes
    await worker._store.acquire(buckets_of(1, 4))
    with caplog.at_level(logging.WARNING):
        lane.end(Verdict.STALE)
        assert caplog.messages == ["A commit to partition 1 was refused: this worker stops writing it"]
        lane.open = True
        caplog.clear()
        await worker._look_for_losses()
        assert caplog.messages == ["Another worker took over partition 1: this worker stops writing it"]
    await worker.lanes.close()


async def test_who_is_cancelled_just_when_the_answer_comes_is_cancelled() -> None:
    answer = asyncio.Event()

    async def asked() -> None:
        await answer.wait()

    for wait in (_shortly(asked()), _within(1.0, asked)):
        answer.clear()
        waiting = asyncio.create_task(wait)
        for _ in range(3):
            await asyncio.sleep(0)  # until it waits
        answer.set()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_a_part_that_takes_the_first_cancellation_for_its_own_is_cancelled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "CANCEL_AGAIN_S", 0.01)
    taken = []

    async def part() -> None:
        for _ in range(2):
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            taken.append(1)
        await asyncio.Event().wait()

    task = asyncio.create_task(part())
    await asyncio.sleep(0)
    await _cancelled(task)
    assert task.cancelled()
    assert len(taken) == 2

"""When a process should end, judged from vitals by a clock of the test's own."""

import asyncio
import threading
import time

from streams.watchdog import Vitals, Watch, Watchdog


def vitals(**changed: object) -> Vitals:
    told = Vitals(beat_s=0.0, joined=True, lags={0: 5}, applied={0: 100})
    for name, value in changed.items():
        setattr(told, name, value)
    return told


def after(told: Vitals, *seconds: float) -> str | None:
    """The verdict at the last of these moments; the loop beats at each."""
    watch = Watch(10.0, 0.0)
    verdict = None
    for now_s in seconds:
        told.beat_s = now_s
        verdict = watch.verdict(told, now_s)
    return verdict


def test_a_partition_with_waiting_records_that_does_not_move_is_a_stall() -> None:
    assert after(vitals(), 0, 9) is None
    assert after(vitals(), 0, 9, 11) == "partitions [0] have not moved for 10 s although records wait or may wait"


def test_a_partition_without_waiting_records_may_stand_still() -> None:
    assert after(vitals(lags={0: 0}), 0, 100) is None


def test_a_partition_whose_lag_nobody_knows_because_nothing_is_fetched_is_a_stall_too() -> None:
    assert after(vitals(lags={}), 0, 9) is None
    assert after(vitals(lags={}), 0, 9, 11) is not None


def test_a_partition_that_moves_is_no_stall_however_far_behind() -> None:
    told, watch = vitals(), Watch(10.0, 0.0)
    for now_s in range(0, 100, 5):
        told.beat_s, told.applied = now_s, {0: now_s}
        assert watch.verdict(told, now_s) is None


def test_waiting_for_a_server_is_no_stall_and_afterwards_the_time_begins_anew() -> None:
    told, watch = vitals(waiting="Redis does not answer", joined=False), Watch(10.0, 0.0)
    for now_s in (0, 50, 100):
        told.beat_s = now_s
        assert watch.verdict(told, now_s) is None
    told.waiting, told.joined = None, True
    told.beat_s = 105
    assert watch.verdict(told, 105) is None


def test_a_group_that_cannot_be_joined_is_told() -> None:
    assert after(vitals(joined=False, applied={}), 0, 11) == "the consumer group could not be joined for 10 s"


def test_a_blocked_event_loop_ends_the_process_from_another_thread() -> None:
    reasons: list[str] = []
    ended = threading.Event()

    def end(reason: str) -> None:
        reasons.append(reason)
        ended.set()

    async def blocked() -> None:
        dog = Watchdog(Vitals(joined=True), 0.2, end)
        dog.start()
        time.sleep(1.5)  # noqa: ASYNC251 - the fault under test
        dog.stop()

    asyncio.run(blocked())
    assert ended.is_set()
    assert "blocked" in reasons[0]

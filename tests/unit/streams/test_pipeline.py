"""The loop over the store in memory: whatever the batches and wherever it breaks off, the same end."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings

from scoring.ledgers import peek
from state.errors import StoreUnavailable
from state.store import Commit, Outcome
from streams.clock import Clock, by_bucket, by_event
from streams.errors import StreamsError
from streams.work import Verdict
from tests.fakes.memory_store import MemoryStore
from tests.support import logs
from tests.support.builders import cancel, order, refund
from tests.support.pipelines import Bench, CrashError, Line, customer_in, lines, states, totals

BROKEN = [b"", None, b"{", b"\xff\xfe", b"[]", b'{"type":"order.placed"}', b'{"type":"tea.poured","id":"x"}']


def told(bench: Bench) -> list[str]:
    """Every change, in an order that does not depend on batches."""
    return sorted(map(str, bench.ears.changes))


@pytest.mark.parametrize("clock", [by_event, by_bucket])
@given(log=logs.logs)
@settings(max_examples=30, deadline=None)
def test_the_size_of_batches_changes_neither_states_nor_changes_nor_counters(
    log: list[dict[str, Any]], clock: Clock
) -> None:
    whole = Bench(MemoryStore(), clock=clock)
    whole.feed(lines(log))
    for size in (1, 7):
        cut = Bench(MemoryStore(), clock=clock)
        cut.feed(lines(log), size)
        assert states(cut.store) == states(whole.store)
        assert told(cut) == told(whole)
        assert totals(cut.store) == totals(whole.store)


@given(log=logs.logs)
@settings(max_examples=30, deadline=None)
def test_a_log_that_is_delivered_again_changes_nothing(log: list[dict[str, Any]]) -> None:
    bench = Bench(MemoryStore())
    bench.feed(lines(log), 7)
    before = states(bench.store), totals(bench.store), told(bench)
    bench.owned.read = dict.fromkeys(bench.owned.read, 0)
    assert bench.feed(lines(log), 5) is Verdict.DONE
    assert (states(bench.store), totals(bench.store), told(bench)) == before


LOG = lines(
    [
        order("o1", "45.90", day=0),
        b"{",
        refund("r1", "o1", "5.00", day=2),
        order("o2", "120.00", day=40),
        order("o2", "120.00", day=40),
        cancel("o1", day=41),
        order("o3", "9.00", day=400),
    ]
)


class Breaking(MemoryStore):
    """Dies at the n-th call of one kind, before the call has an effect or after it."""

    def __init__(self, name: str, when: str) -> None:
        super().__init__()
        self.name, self.when, self.countdown = name, when, 3

    async def at(self, name: str, call: Callable[[], Awaitable[Any]]) -> Any:
        self.countdown -= name == self.name
        dies = name == self.name and self.countdown == 0
        if dies and self.when == "before":
            raise CrashError
        result = await call()
        if dies:
            raise CrashError
        return result

    async def load(self, wanted: Any) -> Any:
        return await self.at("load", lambda: MemoryStore.load(self, wanted))

    async def commit(self, commits: Sequence[Commit]) -> Any:
        return await self.at("commit", lambda: MemoryStore.commit(self, commits))


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["load", "tell", "commit", "hand_over"])
def test_a_crash_between_any_two_steps_is_repaired_by_the_next_process(step: str, when: str) -> None:
    plain = Bench(MemoryStore())
    plain.feed(LOG, 1)

    store = Breaking(step, when)
    bench = Bench(store)
    for name in ("tell", "hand_over"):
        heard = getattr(bench.ears, name)

        async def breaking(*told: Any, name: str = name, heard: Any = heard) -> None:
            if told[0]:
                await store.at(name, lambda: heard(*told))

        setattr(bench.ears, name, breaking)
    store.countdown = 1 if step == "tell" else 3
    with pytest.raises(CrashError):
        bench.feed(LOG, 1)
    bench.restart()
    bench.feed(LOG, 1)

    assert states(store) == states(plain.store)
    assert totals(store) == totals(plain.store)
    assert {d.record.offset for d in bench.ears.dead} == {d.record.offset for d in plain.ears.dead}
    left = [entry for entries in asyncio.run(store.outbox(range(256), 1000)).values() for entry in entries]
    assert {entry.value[:60] for entry in left} == {
        entry.value[:60] for commit in plain.ears.commits for entry in commit.outbox
    }


def test_a_store_that_fell_back_is_behind_and_heals_by_reading_again() -> None:
    bench, plain = Bench(MemoryStore()), Bench(MemoryStore())
    plain.feed(LOG, 2)
    store = bench.store
    assert isinstance(store, MemoryStore)
    bench.feed(LOG[:2], 2)
    bench.settle()
    store.remember()
    bench.feed(LOG[:4], 2)
    store.rollback()
    assert bench.feed(LOG, 2) is Verdict.BEHIND
    assert bench.restart().resume("orders") == 2
    assert bench.feed(LOG, 2) is Verdict.DONE
    assert states(store) == states(plain.store)
    assert totals(store) == totals(plain.store)


def test_a_worker_whose_buckets_were_taken_over_writes_nothing_more() -> None:
    store = MemoryStore()
    zombie, owner = Bench(store), Bench(store)
    assert zombie.feed(LOG) is Verdict.STALE
    assert states(store) == {}
    assert zombie.ears.commits == []
    assert owner.feed(LOG) is Verdict.DONE


def test_records_of_another_partition_are_forwarded_to_their_customer_and_counted_once() -> None:
    away = {**order("o9", "3.00", day=1), "customer_id": customer_in(3, 4)}
    here = {**order("o8", "3.00", day=1), "customer_id": customer_in(1, 4)}
    log = lines([away, here])
    log[1] = Line(log[1].value, None, 1)
    bench = Bench(MemoryStore(), number=1, partitions=4)
    bench.feed(log)
    assert [(f.partition, f.customer_id, f.record.value) for f in bench.ears.forwards] == [
        (3, customer_in(3, 4).encode(), log[0].value)
    ]
    assert totals(bench.store) == {"consumed": 1, "applied": 1, "misrouted": 2, "forwarded": 1, "tier_changes": 1}
    assert list(states(bench.store)) == [customer_in(1, 4).encode()]


def test_consumed_is_applied_and_duplicate_and_dead_whatever_comes() -> None:
    log = lines([*BROKEN, order("o1", "1.00", day=0), order("o1", "1.00", day=0), order("o1", "2.00", day=0), *BROKEN])
    for size in (1, 4, 100):
        bench = Bench(MemoryStore())
        bench.feed(log, size)
        count = totals(bench.store)
        dead = sum(n for name, n in count.items() if name.startswith("dead."))
        assert dead == len(bench.ears.dead) == 2 * len(BROKEN)
        assert count["consumed"] == len(log) == count["applied"] + count["duplicate"] + dead
        assert (count["applied"], count["duplicate"], count["conflict"]) == (1, 2, 1)


def test_an_event_beyond_the_ledgers_memory_is_a_dead_letter_with_reason_time() -> None:
    bench = Bench(MemoryStore())
    bench.feed(lines([order("new", "1.00", day=3700), order("old", "1.00", day=0)]), 1)
    assert [(d.refusal.reason, d.record.offset) for d in bench.ears.dead] == [("time", 1)]
    assert totals(bench.store)["dead.time"] == 1


def test_a_deadline_that_came_due_lowers_the_tier_at_its_own_instant() -> None:
    bench = Bench(MemoryStore())
    bench.feed(lines([order("o1", "60.00", day=0)]))
    while len(bench.ears.changes) < 2:  # drift alerts have deadlines too
        [due] = asyncio.run(bench.store.due(range(256), 2**62, 10))[0]
        assert bench.silence(due.due_us + 1) is Verdict.DONE
    rise, fall = bench.ears.changes
    assert (rise["cause"], fall["cause"], fall["cause_id"]) == ("order", "silence", None)
    assert fall["from"]["tier"] == rise["to"]["tier"]
    header = peek(states(bench.store)[b"ada"])
    assert header["clock_us"] == due.due_us
    assert totals(bench.store)["silence_changes"] == 1
    later, _ = asyncio.run(bench.store.due(range(256), 2**62, 10))
    assert all(following.due_us > due.due_us for following in later)


def test_a_fall_found_by_the_next_event_and_one_fired_by_a_timer_have_one_id() -> None:
    first, second = order("o1", "60.00", day=0), order("o2", "60.00", day=900)
    by_timer, by_next = Bench(MemoryStore()), Bench(MemoryStore())
    by_timer.feed(lines([first]))
    by_timer.silence(2**62 // 1000)
    by_next.feed(lines([first, second]))
    falls = [[c for c in bench.ears.changes if c["cause"] == "silence"] for bench in (by_timer, by_next)]
    assert falls[0]
    assert falls[0][0] == falls[1][0]


def test_a_state_made_from_another_number_of_partitions_is_refused() -> None:
    store = MemoryStore()
    here = lines([{**order("o1", "3.00", day=1), "customer_id": customer_in(1, 8)}])
    Bench(store, number=1, partitions=4).feed(here)
    with pytest.raises(StreamsError, match="have 8 partitions, and the state was made when they had 4"):
        Bench(store, number=1, partitions=8)


def test_positions_of_idle_buckets_move_on_without_touching_states() -> None:
    bench = Bench(MemoryStore())
    bench.feed(LOG)
    before = states(bench.store)
    assert bench.settle() is Verdict.DONE
    assert bench.owned.idle() == []
    assert {head.offsets["orders"] for head in asyncio.run(bench.store.heads()).values()} == {len(LOG)}
    assert states(bench.store) == before


def test_a_commit_whose_answer_was_lost_is_sent_again_and_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, plain = Bench(MemoryStore()), Bench(MemoryStore())
    plain.feed(LOG)
    commit = bench.store.commit
    lost: list[bool] = []

    async def losing(commits: Sequence[Commit]) -> list[Outcome]:
        outcomes = await commit(commits)
        if not lost:
            lost.append(True)
            raise StoreUnavailable("the answer was lost")
        return outcomes

    monkeypatch.setattr(bench.store, "commit", losing)
    assert bench.feed(LOG) is Verdict.DONE
    assert totals(bench.store) == totals(plain.store)
    assert told(bench) == told(plain)

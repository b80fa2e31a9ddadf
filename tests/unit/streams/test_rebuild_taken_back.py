"""A worker takes buckets back before a rebuild has switched them: nothing of that attempt is left in the next."""

from collections.abc import AsyncIterator, Callable, Sequence
from threading import Thread

from scoring.hashing import bucket_of
from scoring.layout import BUCKETS
from scoring.ledgers import peek
from state.store import Outcome, Switch
from streams.config import ORDERS
from tests.fakes.memory_store import MemoryStore
from tests.support.builders import order
from tests.support.lives import EVENTS, FakeLog, Live, differ, logs_of
from tests.support.pipelines import Bench, lines, states

ADA = b"ada"  # of whom the log does not tell
BUCKET = bucket_of(ADA)


def aside(work: Callable[[], object]) -> None:
    """What has a loop of its own, while another waits."""
    thread = Thread(target=work)
    thread.start()
    thread.join()


def with_ada() -> tuple[Live, Bench]:
    """A state that has somebody more than the log, and who works on that bucket."""
    live = Live(logs_of(EVENTS)).work()
    blobs = states(live.store)
    live.put(ADA, blobs[min(blobs)])
    return live, live.benches[BUCKET % len(live.benches)]


def meanwhile(live: Live, work: Callable[[], object]) -> None:
    """In the very moment of the first switch of ada's bucket."""
    tries: list[Switch] = []

    async def switch(switches: Sequence[Switch]) -> list[Outcome]:
        mine = [one for one in switches if one.bucket == BUCKET]
        if mine and not tries:
            aside(work)
        tries.extend(mine)
        return await MemoryStore.switch(live.store, switches)

    live.store.switch = switch  # type: ignore[method-assign]


def test_who_was_not_in_the_log_is_still_not_at_the_next_attempt() -> None:
    live, bench = with_ada()
    before = states(live.store)
    meanwhile(live, bench.restart)
    [ada] = [settled for settled in live.rebuild() if settled.bucket == BUCKET]
    others = [who for who in before if bucket_of(who) == BUCKET and who != ADA]
    assert (ada.counts, ada.customers) == ({"extra": 1}, len(others))
    assert states(live.store) == before


def test_what_the_log_tells_by_the_next_attempt_is_not_added_to_a_ledger_that_was_kept() -> None:
    live, bench = with_ada()
    log = live.logs[ORDERS, bench.owned.number]

    def comes() -> None:
        log.extend(lines([order("o1", "20.00", day=900)], len(log)))
        bench.restart()
        live.feed(bench)
        bench.settle()

    meanwhile(live, comes)
    assert differ(live.rebuild())["facts"] == 1
    ledger = peek(states(live.store)[ADA])
    assert (ledger.orders, ledger.held) == (1, 20_00)
    assert live.store._buckets[BUCKET].due[ADA] <= ledger.due_us


def test_buckets_that_were_taken_back_are_not_compared() -> None:
    live, bench = with_ada()
    taken_over: set[int] = set()  # epochs of the rebuild
    lost: list[int] = []
    acquire, read = live.store.acquire, live.store.states

    async def acquired(buckets: Sequence[int]) -> object:
        owned = await acquire(buckets)
        taken_over.update(one.epoch for one in owned)
        return owned

    async def compared(*buckets: int) -> AsyncIterator[tuple[bytes, bytes]]:
        lost.extend(b for b in buckets if live.store._buckets[b].epoch not in taken_over)
        async for pair in read(*buckets):
            yield pair

    def taken_back() -> None:
        live.store.acquire = acquire  # type: ignore[method-assign]
        aside(bench.restart)
        live.store.acquire = acquired  # type: ignore[assignment, method-assign]

    live.store.acquire, live.store.states = acquired, compared  # type: ignore[assignment, method-assign]
    mine = [b for b in range(BUCKETS) if b % len(live.benches) == bench.owned.number]
    # it follows, comes to where all of them are, then finishes them one by one: behind the second of these, they are gone
    through = live.rebuild(mine, log=FakeLog(live.logs, [lambda: None] * 3 + [taken_back]))
    assert len(through) == len(mine)
    assert lost == []

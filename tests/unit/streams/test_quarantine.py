"""A stored ledger that cannot be read stops nobody but its own customer, and is not written over."""

import asyncio

from scoring.hashing import buckets
from scoring.ledgers import peek
from state.store import Commit, Due
from streams.events.refusals import Reason
from streams.work import Ticks, Verdict
from tests.fakes.memory_store import MemoryStore
from tests.support.builders import order
from tests.support.pipelines import Bench, lines, states, totals

DAMAGED = b"\x01no ledger"


def damage(bench: Bench, customer_id: bytes) -> int:
    """Put bytes that are no ledger where the customer's is; their bucket."""
    [bucket] = buckets([customer_id]).tolist()
    head = bench.owned.heads[bucket]
    commit = Commit(
        bucket, bench.owned.epochs[bucket], head._replace(sequence=head.sequence + 1), [(customer_id, DAMAGED)], [], []
    )
    asyncio.run(bench.store.commit([commit]))
    bench.owned.committed(commit)
    return int(bucket)


def test_the_events_of_a_damaged_ledger_are_dead_letters_and_everybody_elses_count() -> None:
    bench = Bench(MemoryStore())
    damage(bench, b"ada")
    log = [order("o1", "10.00", day=1), order("o2", "20.00", day=2) | {"customer_id": "bo"}]
    assert bench.feed(lines(log)) is Verdict.DONE
    assert [(dead.refusal.reason, dead.record.offset) for dead in bench.ears.dead] == [(Reason.LEDGER, 0)]
    stored = states(bench.store)
    assert stored[b"ada"] == DAMAGED
    assert peek(stored[b"bo"]).orders == 1
    told = totals(bench.store)
    assert (told["consumed"], told["applied"], told["dead.ledger"]) == (2, 1, 1)


def test_a_deadline_of_a_damaged_ledger_is_forgotten_and_the_others_fire() -> None:
    bench = Bench(MemoryStore())
    bench.feed(lines([order("o1", "300.00", day=1), order("o2", "300.00", day=1) | {"customer_id": "bo"}]))
    damage(bench, b"ada")
    assert bench.silence(2**51 - 1) is Verdict.DONE
    assert {change["customer_id"] for change in bench.ears.changes if change["cause"] == "silence"} == {"bo"}
    assert states(bench.store)[b"ada"] == DAMAGED
    assert asyncio.run(bench.store.due(range(256), 2**51, 10))[0] == []


def test_a_deadline_of_nobody_makes_no_customer() -> None:
    bench = Bench(MemoryStore())
    [bucket] = buckets([b"ghost"]).tolist()
    asyncio.run(bench.pipeline.run(bench.owned, Ticks([Due(bucket, b"ghost", 5)], 10)))
    assert states(bench.store) == {}

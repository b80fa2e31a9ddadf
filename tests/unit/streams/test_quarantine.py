"""A stored ledger that cannot be read stops nobody but its own customer, and is not written over; a newer one stops all."""

import asyncio

import pytest

from scoring.checksum import CHECK_BYTES, checksum
from scoring.errors import LedgerNewerError
from scoring.hashing import buckets, flat
from scoring.layout import LAYOUT
from scoring.ledgers import peek
from state.store import Commit, Due
from streams.events.refusals import Reason
from streams.work import Sweep, Ticks, Verdict
from tests.fakes.memory_store import MemoryStore
from tests.support.builders import order
from tests.support.pipelines import Bench, lines, states, totals

DAMAGED = b"\x01no ledger"


def put(bench: Bench, customer_id: bytes, blob: bytes) -> int:
    """Put these bytes where the customer's ledger is; their bucket."""
    [bucket] = buckets([customer_id]).tolist()
    head = bench.owned.heads[bucket]
    commit = Commit(
        bucket, bench.owned.epochs[bucket], head._replace(sequence=head.sequence + 1), [(customer_id, blob)], [], []
    )
    asyncio.run(bench.store.commit([commit]))
    bench.owned.committed(commit)
    return int(bucket)


def later(blob: bytes) -> bytes:
    """A ledger as the next release may write it: its layout in the first byte, the checksum at the end."""
    data, ends = flat([bytes([LAYOUT + 1]) + blob[1:-CHECK_BYTES]])
    return data.tobytes() + int(checksum(data, 0, int(ends[0]))).to_bytes(CHECK_BYTES, "little")


def test_the_events_of_a_damaged_ledger_are_dead_letters_and_everybody_elses_count(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench(MemoryStore())
    bucket = put(bench, b"ada", DAMAGED)
    log = [order("o1", "10.00", day=1), order("o2", "20.00", day=2) | {"customer_id": "bo"}]
    assert bench.feed(lines(log)) is Verdict.DONE
    assert [(dead.refusal.reason, dead.record.offset) for dead in bench.ears.dead] == [(Reason.LEDGER, 0)]
    stored = states(bench.store)
    assert stored[b"ada"] == DAMAGED
    assert peek(stored[b"bo"]).orders == 1
    told = totals(bench.store)
    assert (told["consumed"], told["applied"], told["dead.ledger"]) == (2, 1, 1)
    # both name the value and the way out, neither says what is in it
    for said in (bench.ears.dead[0].refusal.message, caplog.messages[0]):
        assert f"memory:{{{bucket}}}:states field ada" in said
        assert f"ebbtide rebuild --bucket {bucket}" in said
        assert "no ledger" not in said


def test_a_deadline_of_a_damaged_ledger_is_forgotten_and_the_others_fire() -> None:
    bench = Bench(MemoryStore())
    bench.feed(lines([order("o1", "300.00", day=1), order("o2", "300.00", day=1) | {"customer_id": "bo"}]))
    put(bench, b"ada", DAMAGED)
    assert bench.silence(2**51 - 1) is Verdict.DONE
    assert {change["customer_id"] for change in bench.ears.changes if change["cause"] == "silence"} == {"bo"}
    assert states(bench.store)[b"ada"] == DAMAGED
    assert asyncio.run(bench.store.due(range(256), 2**51, 10))[0] == []


def test_a_deadline_of_nobody_makes_no_customer() -> None:
    bench = Bench(MemoryStore())
    [bucket] = buckets([b"ghost"]).tolist()
    asyncio.run(bench.pipeline.run(bench.owned, Ticks([Due(bucket, b"ghost", 5)], 10)))
    assert states(bench.store) == {}


def test_a_ledger_of_a_later_layout_ends_the_work_before_anything_is_told_or_written() -> None:
    bench = Bench(MemoryStore())
    first = [order("o1", "300.00", day=1), order("o2", "300.00", day=1) | {"customer_id": "bo"}]
    bench.feed(lines(first))
    bucket = put(bench, b"ada", later(states(bench.store)[b"ada"]))
    put(bench, b"bo", DAMAGED)  # beside it, one that is damaged does not hide it
    before, counted = states(bench.store), totals(bench.store)
    more = [order("o3", "10.00", day=2), order("o4", "10.00", day=2) | {"customer_id": "bo"}]
    second = [*lines([*first, *more]), *lines([b"{"], start=4)]
    with pytest.raises(LedgerNewerError, match=rf"newer Ebbtide \(layout {LAYOUT + 1}\): update this one first"):
        bench.feed(second)
    for work in (Ticks([Due(bucket, b"ada", 5)], 2**51 - 1), Sweep([(bucket, b"ada")], 2**51 - 1, {})):
        with pytest.raises(LedgerNewerError):
            asyncio.run(bench.pipeline.run(bench.owned, work))
    assert (states(bench.store), totals(bench.store), bench.ears.dead) == (before, counted, [])

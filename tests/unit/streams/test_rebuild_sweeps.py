"""A rebuild comes while a new version meets everybody: what the sweep still had to tell is told, by the sweep."""

import asyncio
from typing import Any

import pytest

from scoring.hashing import bucket_of
from scoring.layout import DAY_US, Tier
from scoring.ledgers import peek
from streams.config import COMMANDS, ClockKind
from streams.sweeping import sweeps
from streams.versions import Versioned, unpack
from streams.work import Verdict
from tests.support.builders import order
from tests.support.deadlines import too_late
from tests.support.fold import microseconds
from tests.support.kernel import TERMS
from tests.support.lives import EVENTS, SILENT_US, Live, changed, differ, logs_of, outbox
from tests.support.logs import time_of
from tests.support.pipelines import Bench, states
from tests.unit.streams.test_taking import commands

FROM_US = microseconds(time_of(30 * DAY_US))
STRICTER = TERMS.rules._replace(  # about half of the customers fall
    enter=(*TERMS.rules.enter[:3], 55_00.0, 100_00.0), leave=(*TERMS.rules.leave[:3], 55_00.0, 90_00.0)
)
# the version comes between; the last of them let deadlines of others come due
LATER = [
    {**order(f"o{day}-{who}", "40.00", day=day), "customer_id": f"customer-{who}"}
    for day, whose in ((31, range(10)), (200, range(10, 15)))
    for who in whose
]
STRICT = 2  # number of its terms
DAMAGED = b"\x02no ledger"


def half_swept(clock: ClockKind) -> Live:
    """A version is in force; events since then have met it, and of the others those whom the sweep came to so far."""
    logs = logs_of(EVENTS + LATER)
    for number in (0, 1):
        [line] = commands(Versioned("strict", FROM_US - 1, FROM_US, "strict", STRICTER, TERMS.drift))
        line.timestamp = FROM_US // 1000 - 1
        logs[COMMANDS, number].append(line)
    live = Live(logs, clock).work()
    for bench in live.benches:
        sweep(bench, pieces=2)
    return live


def sweep(bench: Bench, pieces: int | None = None) -> None:
    """Go on where buckets say that not everybody was looked at."""
    buckets = [bucket for bucket, head in bench.owned.heads.items() if head.swept < STRICT]

    async def run() -> None:
        left = pieces
        async for work in sweeps(bench.store, buckets, unpack(bench.owned.versions), at_once=5):
            if left == 0:
                return
            assert await bench.pipeline.run(bench.owned, work) is Verdict.DONE
            left = left and left - 1

    asyncio.run(run())


def go_on(live: Live) -> list[dict[str, Any]]:
    """What a worker tells who takes everything back: the rest of the sweep, then silence."""
    sweep_on(live)
    for bench in live.benches:
        bench.silence(SILENT_US)
    return live.told


def sweep_on(live: Live) -> None:
    for bench in live.benches:
        bench.ears.commits.clear()
        bench.restart()
        sweep(bench)


def unswept(live: Live) -> set[bytes]:
    blobs = states(live.store)
    return {who for who, blob in blobs.items() if peek(blob).terms < STRICT and peek(blob).tier != Tier.NONE}


@pytest.mark.parametrize("clock", ["wall", "stream"])
def test_what_a_sweep_still_had_to_tell_it_tells_after_a_rebuild(clock: ClockKind) -> None:
    live, left_alone = half_swept(clock), half_swept(clock)
    before = states(live.store)
    assert 5 < len(unswept(live)) < len(before) - 5
    assert differ(live.rebuild()) == {}
    assert states(live.store) == before
    assert asyncio.run(too_late(live.store)) == []
    assert "correction" not in {change["cause"] for change in outbox(live.store)}
    told = go_on(live)
    assert {"boundary", "silence"} <= {change["cause"] for change in told}
    assert told == go_on(left_alone)
    assert states(live.store) == states(left_alone.store)
    assert {head.swept for head in asyncio.run(live.store.heads()).values()} == {STRICT}


def test_a_wrong_ledger_is_mended_in_the_midst_of_a_sweep_and_its_neighbours_are_still_swept() -> None:
    live = half_swept("wall")
    damaged, wrong, *others = sorted(unswept(live))
    before = states(live.store)
    live.put(damaged, DAMAGED)
    live.put(wrong, changed(before[wrong], held=1))
    first = {one.customer_id: one.what[0] for settled in live.rebuild() for one in settled.first}
    assert first == {damaged: "damaged", wrong: "facts"}
    assert unswept(live) == set(others)
    sweep_on(live)
    assert unswept(live) == set()


def test_who_is_not_in_the_log_is_swept_after_a_rebuild_too() -> None:
    live = half_swept("wall")
    extra = next(who for who in (b"nobody%d" % i for i in range(9999)) if not shares_a_bucket(who, unswept(live)))
    live.put(extra, states(live.store)[min(unswept(live))])
    assert differ(live.rebuild()) == {"extra": 1}
    sweep_on(live)
    assert peek(states(live.store)[extra]).terms == STRICT


def shares_a_bucket(who: bytes, others: set[bytes]) -> bool:
    return bucket_of(who) in {bucket_of(other) for other in others}


def test_who_was_left_out_of_a_sweep_that_is_through_is_swept_after_a_rebuild() -> None:
    live = half_swept("wall")
    early = min(unswept(live))
    blob = states(live.store)[early]
    live.put(early, DAMAGED)
    sweep_on(live)
    live.put(early, blob)  # from a backup
    assert differ(live.rebuild()) == {}
    sweep_on(live)
    assert peek(states(live.store)[early]).terms == STRICT

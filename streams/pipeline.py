"""The one loop: live records, timers and replay all go through it, and nothing else changes a customer's state."""

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np

from scoring.errors import LedgerCorruptError
from scoring.layout import Ints
from scoring.ledgers import open_ledgers, pack_ledgers, run
from state.store import Outcome, Store
from streams.clock import Clock
from streams.config import Scoring
from streams.events.batch import NO_RECORDS, Batch, read_batch
from streams.events.facts import DecodeRules
from streams.granting import granted
from streams.ownership import Partition
from streams.patience import Patience
from streams.placing import Mask, Origin, Placed, place, place_drawn, place_idle, place_sweep, place_ticks
from streams.planning import Scored, plan, too_old
from streams.quarantine import set_aside
from streams.taking import take_all
from streams.versions import Versions
from streams.work import Drawn, Idle, Messages, Outbox, Records, Sweep, Ticks, Verdict, Work

Observe = Callable[[str, float], None]  # step, seconds
IN_A_THREAD = 200  # events: compiled code lets go of the GIL, so that other partitions decode meanwhile; a hop costs some 20 events


class Pipeline:
    """Runs the work of a partition. One partition's work must come one after another; partitions may run side by side."""

    def __init__(
        self,
        store: Store,
        rules: DecodeRules,
        scoring: Scoring,
        clock: Clock,
        messages: Messages,
        outbox: Outbox,
        wall: Callable[[], int] | None,
        patience: Patience,
        observe: Observe = lambda _step, _seconds: None,
    ) -> None:
        """`wall` gives the wall clock in microseconds, against which events may not lie in the future; None in a replay."""
        self._store = store
        self._rules = rules
        self._scoring = scoring
        self._clock = clock
        self._messages = messages
        self._outbox = outbox
        self._wall = wall
        self._patience = patience
        self._observe = observe

    async def run(self, owned: Partition, work: Work) -> Verdict:
        """1. decode  2. place  3. load  4. apply, score, decide  5. tell  6. commit  7. hand over  8. advance.

        A crash before 6 leaves nothing but messages that are told again; a crash after it leaves the outbox to the next
        owner. Either way the heads say where to go on, and 2 leaves out what a bucket already has.
        """
        clock = perf_counter()
        # 1. decode
        origins, batch = self._read(work)
        clock = self._mark("decode", clock)
        # 2. place: customers, buckets, misrouted, already applied
        placed = self._placed(owned, work, origins, batch)
        taking = take_all(owned, placed.versions, self._scoring.first)
        clock = self._mark("place", clock)
        # 3. load
        stored = await self._loaded(placed)
        clock = self._mark("load", clock)
        # 4. apply, score, decide
        try:
            scored = await self._scored(work, placed, stored, taking.versions)
        except LedgerCorruptError as error:
            placed, stored = set_aside(owned, placed, stored, error.indices, self._store.place)
            scored = await self._scored(work, placed, stored, taking.versions)
        ran = scored.ran
        if limit := self._scoring.drift_budget:
            placed, ran = await granted(self._store, limit, self._patience, placed, ran)
        clock = self._mark("kernel", clock)
        # 5. tell, and wait until it is acknowledged
        dead = [*placed.dead, *too_old(owned, placed, ran)]
        if dead or placed.forwards:
            await self._messages.tell(dead, placed.forwards)
        clock = self._mark("tell", clock)
        # 6. commit
        commits = plan(owned, placed, taking, stored, scored._replace(ran=ran), self._scoring)
        clock = self._mark("plan", clock)
        outcomes = await self._patience(lambda: self._store.commit(commits)) if commits else []
        clock = self._mark("commit", clock)
        # 7. hand over
        done = [commit for commit, outcome in zip(commits, outcomes, strict=True) if outcome is Outcome.DONE]
        await self._outbox.hand_over([commit for commit in done if commit.outbox])
        self._mark("hand over", clock)
        # 8. advance
        for commit in done:
            owned.committed(commit)
        verdict = _worst(outcomes)
        if verdict is Verdict.DONE:
            owned.advance(placed.read, placed.read_us)
        return verdict

    def _read(self, work: Work) -> tuple[Sequence[Origin], Batch]:
        """Every record with its topic, and what they turned out to be."""
        if not isinstance(work, Records):
            return (), NO_RECORDS
        origins = [(topic, record) for topic, records in work.slices for record in records]
        return origins, read_batch(origins, self._rules, self._wall() if self._wall else None)

    def _placed(self, owned: Partition, work: Work, origins: Sequence[Origin], batch: Batch) -> Placed:
        if isinstance(work, Ticks):
            return place_ticks(work)
        if isinstance(work, Sweep):
            return place_sweep(work)
        if isinstance(work, Drawn):
            return place_drawn(work)
        if isinstance(work, Idle):
            return place_idle(owned)
        placed = place(owned, work.slices, origins, batch)
        placed.events["now_us"] = self._clock(placed.events["at_us"], placed.buckets, owned.heads)
        return placed

    async def _loaded(self, placed: Placed) -> list[bytes | None]:
        wanted = {bucket: placed.customers[first:end] for bucket, first, end in placed.groups}
        found = await self._patience(lambda: self._store.load(wanted)) if wanted else {}
        return [state for bucket in wanted for state in found[bucket]]

    async def _scored(self, work: Work, placed: Placed, stored: list[bytes | None], versions: Versions) -> Scored:
        old, new, limits = versions.old.terms, versions.new.terms, self._scoring.limits

        def score() -> Scored:
            ledgers = open_ledgers(stored, np.bincount(placed.events["customer"], minlength=len(stored)))
            before_us = ledgers.headers["due_us"].copy()
            ran = run(ledgers, placed.events, old, new, limits)
            anew = _to_index(work, before_us, ledgers.headers["due_us"], live=self._wall is not None)
            return Scored(ledgers.headers, pack_ledgers(ledgers), anew, ran)

        return await asyncio.to_thread(score) if len(placed.events) >= IN_A_THREAD else score()

    def _mark(self, step: str, since: float) -> float:
        now = perf_counter()
        self._observe(step, now - since)
        return now


def _to_index(work: Work, before_us: Ints, due_us: Ints, *, live: bool) -> Mask:
    """Whose deadline is to be written to the due index, where it may stand too early, never too late.

    Most orders put it off, and with millions of customers moving an entry is what Redis is busiest with. An entry that comes early
    lets nothing happen, and is put right then: after a tick no deadline is where its entry was, which has come. A replay comes
    to all of them within minutes, so that there looking in vain would cost more than moving.
    """
    if isinstance(work, Ticks):
        return np.ones(len(due_us), np.bool_)
    return np.less(due_us, before_us) if live else np.not_equal(due_us, before_us)


def _worst(outcomes: Sequence[Outcome]) -> Verdict:
    if Outcome.STALE in outcomes:
        return Verdict.STALE
    return Verdict.BEHIND if Outcome.BEHIND in outcomes else Verdict.DONE

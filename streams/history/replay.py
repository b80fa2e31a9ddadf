"""History through the same pipeline as live events, in event time, into a store of its own.

The stream's clock is the latest event so far. The buckets of a batch run in lanes side by side; after the batch every deadline
up to its end fires, so that what silence did stands between the events as it would have happened. At a census, and when a new
version comes into force, it stops at exactly that instant (turns.py).
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from msgspec import json

from scoring.budget import Budget, Candidate
from scoring.layout import BUCKETS
from state.store import Commit, Entry, Sent, Store
from streams.clock import by_event
from streams.config import DRIFT_ALERTS, Scoring
from streams.errors import StreamsError
from streams.events.facts import DecodeRules
from streams.events.instants import instant_us
from streams.events.out import DriftAlert, DriftCleared
from streams.history.reading import History
from streams.history.turns import Turns
from streams.ownership import Partition, acquire
from streams.patience import Patience
from streams.pipeline import Pipeline
from streams.work import Dead, Forward, Records, Slice, Ticks, Verdict, Work

HISTORY = "history"  # all inputs as one: time goes across them
LANES = 3  # as a worker has partitions in flight
BATCH = 15_000
DUE_AT_ONCE = 1_000  # a bucket
_decode_alert = json.Decoder(DriftAlert).decode


class Change(NamedTuple):
    """A tier change or drift alert with what it is sorted by: order does not depend on the boundaries of batches."""

    at_us: int
    customer_id: bytes
    is_alert: bool
    sequence: int
    value: bytes


class Tape:
    """The outbox of a replay: keeps what is told until its window is complete. Nothing is relayed."""

    def __init__(self, drift_budget: int) -> None:
        self._changes: list[Change] = []
        self._sent: dict[int, Sent] = {}
        self._budget = Budget(drift_budget) if drift_budget else None
        self.withheld: Counter[str] = Counter()  # alerts that the budget did not grant, by type

    async def hand_over(self, commits: Sequence[Commit]) -> None:
        """See Outbox."""
        for commit in commits:
            self._changes += map(_change, commit.outbox)
            last = commit.outbox[-1]
            self._sent[commit.bucket] = Sent(commit.epoch, last.sequence, last.index)

    def before(self, end_us: int | None) -> list[Change]:
        """Take out what was told before `end_us` (None: all), in the order of time."""
        self._changes.sort()
        end = len(self._changes)
        if end_us is not None:
            end = next((i for i, change in enumerate(self._changes) if change.at_us >= end_us), end)
        taken, self._changes = self._changes[:end], self._changes[end:]
        return [change for change in taken if not change.is_alert or self._granted(change)]

    def _granted(self, change: Change) -> bool:
        """Whether the day's budget grants an alert. Asked in the order of time, so that batches do not matter."""
        if self._budget is None:
            return True
        alert = _decode_alert(change.value)
        granted = isinstance(alert, DriftCleared) or self._budget.grant(
            Candidate(alert.id, change.at_us, float(alert.value_at_risk))
        )
        if not granted:
            self.withheld[str(alert.__struct_config__.tag)] += 1
        return granted

    def take_sent(self) -> dict[int, Sent]:
        """How far the outbox of each bucket is on the tape; what was told once is not told again."""
        sent, self._sent = self._sent, {}
        return sent


class Refused:
    """Where a replay's refused records go: the buckets count them; of each reason the first is kept."""

    def __init__(self) -> None:
        self.first: dict[str, str] = {}

    async def tell(self, dead: Sequence[Dead], _forwards: Sequence[Forward]) -> None:
        """See Messages."""
        for refused in dead:
            self.first.setdefault(refused.refusal.reason, refused.refusal.message)


class Replay:
    """One run of a history into a store that nobody else writes."""

    def __init__(
        self,
        store: Store,
        rules: DecodeRules,
        scoring: Scoring,
        on_changes: Callable[[Sequence[Change]], None],
        on_progress: Callable[[int], None],
        batch: int = BATCH,
        on_alerts: Callable[[Sequence[Change]], None] = lambda _alerts: None,
    ) -> None:
        self._store = store
        self._scoring = scoring
        self._tape = Tape(scoring.drift_budget)
        self.withheld = self._tape.withheld
        self._on_changes = on_changes
        self._on_alerts = on_alerts
        self._on_progress = on_progress
        self._batch = batch
        messages = Refused()
        self.refused = messages.first  # by reason, what was wrong with the first such record
        # the tape asks the budget, in the order of time: a batch would ask in that of its customers
        scoring = replace(scoring, drift_budget=0)
        # sorted by time, each event is the latest so far: its own time is the time of the log
        self._pipeline = Pipeline(store, rules, scoring, by_event, messages, self._tape, None, Patience())

    async def run(self, history: History, until_us: int | None = None) -> int:
        """Run what occurred up to `until_us`, and the silence up to there. Returns the instant at which it ends."""
        (owned,) = await acquire(self._store, [0], 1, (HISTORY,))
        past = history.until(until_us)
        last_us = int(past.at_us[-1]) if len(past.at_us) else 0
        end_us = last_us if until_us is None else until_us
        turns = Turns(self._store, self._scoring, owned, past)
        done = 0
        while (turn_us := turns.next_us()) <= end_us:
            done = await self._events(owned, past, done, turn_us)
            await self._silence(owned, turn_us)
            await turns.turn(turn_us, partial(self._run, owned))
            await self._told(turn_us)
        await self._events(owned, past, done, None)
        await self._silence(owned, end_us)
        await self._told(None)
        return end_us

    async def _events(self, owned: Partition, past: History, done: int, before_us: int | None) -> int:
        """What occurred before an instant, from the `done`-th record on; how many are done then."""
        for batch in past.part(done, before_us).batches(self._batch):
            end_us = int(batch.at_us[-1])
            await self._side_by_side(owned, [Records([Slice(HISTORY, lane)]) for lane in batch.lanes(LANES)])
            await self._silence(owned, end_us)
            # what happens at end_us itself may go on in the next batch
            await self._told(end_us)
            done += len(batch.records)
            self._on_progress(done)
        return done

    async def _silence(self, owned: Partition, until_us: int) -> None:
        """Fire every deadline up to then, until none is left: a fall may bring the next one near."""
        while buckets := owned.due_up_to(until_us):
            dues, following = await self._store.due(buckets, until_us, DUE_AT_ONCE)
            owned.next_due.update(following)
            lanes = ([due for due in dues if due.bucket % LANES == number] for number in range(LANES))
            await self._side_by_side(owned, [Ticks(lane, until_us) for lane in lanes if lane])

    async def _told(self, end_us: int | None) -> None:
        told = self._tape.before(end_us)
        self._on_changes([change for change in told if not change.is_alert])
        self._on_alerts([change for change in told if change.is_alert])
        if sent := self._tape.take_sent():
            await self._store.trim(sent)

    async def _side_by_side(self, owned: Partition, works: Sequence[Work]) -> None:
        """Work on different buckets: while one waits for Redis or the kernel, another is read or written."""
        # all end, even where one fails: nothing goes on behind the back of who hears of it
        for failed in await asyncio.gather(*(self._run(owned, work) for work in works), return_exceptions=True):
            if failed:
                raise failed

    async def _run(self, owned: Partition, work: Work) -> None:
        if await self._pipeline.run(owned, work) is not Verdict.DONE:
            raise StreamsError(
                "The replay's Redis was changed by somebody else or lost its memory. Run the replay again."
            )


async def customers(store: Store) -> AsyncIterator[tuple[bytes, bytes]]:
    """Every customer's packed ledger once, by bucket and then by id."""
    for bucket in range(BUCKETS):
        states = {customer_id: blob async for customer_id, blob in store.states(bucket)}
        for customer_id in sorted(states):
            yield customer_id, states[customer_id]


def _change(entry: Entry) -> Change:
    headers = dict(entry.headers)
    sequence = int(headers["ce_id"].rpartition(b":")[2])
    at_us = instant_us(headers["ce_time"].decode(), None, None)
    return Change(at_us, entry.key, entry.topic == DRIFT_ALERTS, sequence, entry.value)

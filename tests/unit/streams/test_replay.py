"""Replay: files become the same facts, and the same changes in the order of time, however they are cut into batches."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ebbtide.tiers_file import read_tiers
from scoring.defaults import DEFAULT_DRIFT
from scoring.layout import DAY_US
from scoring.ledgers import peek
from scoring.terms import Limits
from state.store import Commit, Outcome
from streams.config import Scoring, Version
from streams.events.facts import DecodeRules
from streams.events.instants import instant_us
from streams.events.lines import ledger_line
from streams.events.text import time_text
from streams.history import reading
from streams.history.reading import History, read_history
from streams.history.replay import LANES, Change, Replay, customers
from streams.history.sources.source import Record, topic_of
from tests.fakes.memory_store import MemoryStore
from tests.support.fold import fold
from tests.support.kernel import terms_of

START = datetime(2024, 1, 1, tzinfo=UTC)
SCORING = Scoring(Version(terms_of(rules=read_tiers(None, 2).rules)), Limits(3650 * DAY_US, True), muted=True)

LOUD = replace(
    SCORING, first=Version(terms_of(rules=read_tiers(None, 2).rules, drift=DEFAULT_DRIFT._replace(worth_tier=0)))
)  # everybody is worth an alert


def shop(seed: int = 1, size: int = 400) -> list[dict[str, Any]]:
    """A year of a small shop, in the order in which it was written down, which is not that of time."""
    chance = random.Random(seed)
    events: list[dict[str, Any]] = []
    for n in range(size):
        told = chance.choice(["order.placed"] * 6 + ["order.refunded", "order.cancelled", "interaction.contact"])
        order = {"order_id": f"o{chance.randrange(size)}"}
        amount = {"amount": f"{chance.randrange(1, 20000) / 100:.2f}"}
        more = {
            "order.placed": order | amount,
            "order.refunded": order | amount | {"refund_id": f"r{n // 2}"},
            "order.cancelled": order,
            "interaction.contact": {"channel": "mail", "direction": "out", "cost": "0.35"},
        }[told]
        # whole days: many events share an instant, as in files that know only dates
        at = (START + timedelta(days=chance.randrange(365))).isoformat()
        customer = f"c{chance.randrange(20)}"
        events.append({"id": f"e{n}", "type": told, "customer_id": customer, "occurred_at": at} | more)
    return events


def history(events: Sequence[dict[str, Any] | bytes]) -> History:
    records = [
        Record("orders", None, event)
        if isinstance(event, bytes)
        else Record(topic_of(event["type"]), event["customer_id"].encode(), json.dumps(event).encode())
        for event in events
    ]
    return read_history(records, DecodeRules())


class Ran:
    """A replay's outcome."""

    def __init__(
        self,
        past: History,
        batch: int = 10_000,
        until_us: int | None = None,
        scoring: Scoring = SCORING,
        store: MemoryStore | None = None,
    ) -> None:
        self.store = store or MemoryStore()
        self.changes: list[Change] = []
        self.alerts: list[Change] = []
        self.progress: list[int] = []
        run = Replay(
            self.store,
            DecodeRules(),
            scoring,
            self.changes.extend,
            self.progress.append,
            batch,
            on_alerts=self.alerts.extend,
        )
        self.refused = run.refused
        self.withheld = run.withheld
        self.end_us, self.states, self.counters = asyncio.run(self._run(run, past, until_us))

    async def _run(
        self, run: Replay, past: History, until_us: int | None
    ) -> tuple[int, dict[bytes, bytes], dict[str, int]]:
        end_us = await run.run(past, until_us)
        counters: dict[str, int] = {}
        for head in (await self.store.heads()).values():
            for name, count in head.counters.items():
                counters[name] = counters.get(name, 0) + count
        return end_us, {customer: blob async for customer, blob in customers(self.store)}, counters

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(change.value) for change in self.changes]

    def without_emission(self) -> list[dict[str, Any]]:
        return [change | {"emitted_at": None} for change in self.told()]


def test_the_ledgers_are_those_of_a_plain_fold_over_the_file() -> None:
    events = shop()
    ran, folded = Ran(history(events)), fold(events)
    assert ran.states.keys() == {customer.encode() for customer in folded.customers}
    for customer, facts in folded.customers.items():
        line = ledger_line(customer.encode(), peek(ran.states[customer.encode()]), "USD")
        assert (line["orders"], line["purchase_days"]) == (facts["orders"], facts["purchase_days"])
        for name in ("first_at", "last_at"):
            assert line[name] == (None if facts[name] is None else time_text(int(facts[name] or 0)))
        for name in ("monetary", "cost", "marketing_cost", "gross_profit"):
            assert line[name] == f"{int(facts[name] or 0) / 100:.2f}"
    counted = {name: ran.counters[name] for name in ("applied", "duplicate", "conflict")}
    assert counted == {"applied": folded.applied, "duplicate": folded.duplicate, "conflict": folded.conflict}


@pytest.mark.parametrize("batch", [1, 7, 100])
def test_the_size_of_batches_changes_neither_states_nor_changes(batch: int) -> None:
    past = history(shop())
    whole, cut = Ran(past), Ran(past, batch)
    assert cut.states == whole.states
    assert cut.without_emission() == whole.without_emission()


class Unsteady(MemoryStore):
    """Answers after a while, now this way round, now that."""

    def __init__(self) -> None:
        super().__init__()
        self._chance = random.Random(1)
        self.most = self.under_way = 0

    async def load(self, wanted: Mapping[int, Sequence[bytes]]) -> dict[int, list[bytes | None]]:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        for _ in range(self._chance.randrange(9)):
            await asyncio.sleep(0)
        self.under_way -= 1
        return await super().load(wanted)

    async def commit(self, commits: Sequence[Commit]) -> list[Outcome]:
        for _ in range(self._chance.randrange(9)):
            await asyncio.sleep(0)
        return await super().commit(commits)


def test_lanes_that_overtake_one_another_change_neither_states_nor_changes() -> None:
    events: list[dict[str, Any] | bytes] = [b"{no event", *shop(), b"nor this"]
    store = Unsteady()
    one, other = Ran(history(events)), Ran(history(events), batch=60, store=store)
    assert store.most == LANES
    assert one.states == other.states
    assert one.without_emission() == other.without_emission()
    assert one.counters == other.counters


def test_changes_by_silence_stand_in_the_order_of_time_between_the_others() -> None:
    ran = Ran(history(shop()), batch=50)
    causes = [change["cause"] for change in ran.told()]
    assert [change.at_us for change in ran.changes] == sorted(change.at_us for change in ran.changes)
    assert causes.index("silence") < len(causes) - 1 - causes[::-1].index("order")
    assert ran.counters["silence_changes"] == causes.count("silence") > 0
    assert all(change["muted"] for change in ran.told())


def test_until_ends_the_events_there_and_lets_silence_go_on_up_to_there() -> None:
    events = shop()
    middle_us = instant_us("2024-07-01T00:00:00Z", None, None)
    ran = Ran(history(events), until_us=middle_us)
    assert ran.end_us == middle_us
    assert ran.counters["consumed"] == sum(event["occurred_at"] <= "2024-07-01T00:00:00+00:00" for event in events)

    later_us = instant_us("2030-01-01T00:00:00Z", None, None)
    silent, ended = Ran(history(events), until_us=later_us), Ran(history(events))
    after = silent.without_emission()[len(ended.changes) :]
    assert silent.without_emission()[: len(ended.changes)] == ended.without_emission()
    assert {change["cause"] for change in after} == {"silence"}
    assert ended.end_us < max(change.at_us for change in silent.changes) <= later_us


def drift(ran: Ran) -> list[dict[str, Any]]:
    return [json.loads(alert.value) | {"emitted_at": None} for alert in ran.alerts]


@pytest.mark.parametrize("budget", [0, 2])
def test_the_size_of_batches_does_not_change_the_alerts_either_nor_what_the_budget_lets_out(budget: int) -> None:
    past, scoring = history(shop(size=200)), replace(LOUD, drift_budget=budget)
    whole = Ran(past, scoring=scoring)
    for batch in (1, 7, 100):
        cut = Ran(past, batch, scoring=scoring)
        assert drift(cut) == drift(whole)
        assert cut.withheld == whole.withheld
    assert [alert.at_us for alert in whole.alerts] == sorted(alert.at_us for alert in whole.alerts)
    assert len(whole.alerts) + whole.withheld.total() == whole.counters["drift_alerts"]


def test_a_budget_holds_on_the_tape_and_returns_need_none() -> None:
    past = history(shop(size=200))
    free, held = Ran(past, scoring=LOUD), Ran(past, scoring=replace(LOUD, drift_budget=1))
    days = Counter(alert["occurred_at"][:10] for alert in drift(held) if alert["type"] != "drift.cleared")
    assert max(days.values()) == 1
    assert held.withheld.keys() <= {"drift.warned", "drift.raised"}
    assert held.withheld.total() > 0
    cleared = [[alert for alert in drift(ran) if alert["type"] == "drift.cleared"] for ran in (free, held)]
    assert cleared[0] == cleared[1]
    assert held.without_emission() == free.without_emission()


def test_what_is_no_event_is_counted_by_reason_and_the_rest_goes_on() -> None:
    events = shop(size=30)
    ran = Ran(history([b"{not json", *events[:10], b'{"type": "order.placed"}', *events[10:]]))
    assert ran.counters["dead.not_json"] == ran.counters["dead.schema"] == 1
    assert ran.counters["consumed"] == 32
    assert ran.refused.keys() == {"not_json", "schema"}
    assert ran.progress == [32]


def test_a_record_that_is_no_event_stays_behind_the_one_before_it_wherever_the_reading_is_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late, early = shop(size=2)
    late["occurred_at"], early["occurred_at"] = "2024-06-01T00:00:00Z", "2024-02-01T00:00:00Z"
    monkeypatch.setattr(reading, "STEP", 2)
    sorted_ = history([b"{first", late, b"{second", b"{third", early, b"{fourth"])
    values = [past.value for past in sorted_.records]
    assert [value if value[1:2] != b'"' else json.loads(value)["occurred_at"][:7] for value in values if value] == [
        *(b"{first", "2024-02", b"{fourth"),
        *("2024-06", b"{second", b"{third"),
    ]


def test_nothing_is_left_in_the_outbox() -> None:
    ran = Ran(history(shop()), batch=100)
    left = asyncio.run(ran.store.outbox(range(256), 10))
    assert not any(left.values())
    assert len(ran.changes) == ran.counters["tier_changes"]

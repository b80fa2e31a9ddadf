"""Boundaries drawn in a replay: at exactly their instants, however the history is cut into batches."""

import asyncio
import json
from typing import Any

import pytest

from scoring.boundaries.census import census_of
from scoring.boundaries.drawing import boundaries
from scoring.boundaries.policy import Policy, Rule
from scoring.defaults import DEFAULT_MODEL
from scoring.layout import DAY_US, Tier
from scoring.ledgers import peek
from scoring.terms import Limits
from streams.census import AHEAD_US
from streams.config import Scoring, Version
from streams.events.facts import DecodeRules
from streams.events.instants import instant_us
from streams.history.reading import History, read_history
from streams.history.replay import Change, Replay, customers
from streams.history.sources.source import Record
from streams.versions import newest, unpack
from tests.fakes.memory_store import MemoryStore
from tests.support.kernel import RULES, terms_of
from tests.support.small_shop import START_US, shop

POLICY = Policy(Rule.SHARE, RULES)


def history(events: list[dict[str, Any]]) -> History:
    return read_history(
        (Record("orders", event["customer_id"].encode(), json.dumps(event).encode()) for event in events), DecodeRules()
    )


class Ran:
    def __init__(
        self, past: History, batch: int = 5_000, policy: Policy | None = POLICY, until_us: int | None = None
    ) -> None:
        self.store = MemoryStore()
        self.changes: list[Change] = []
        self.alerts: list[Change] = []
        scoring = Scoring(Version(terms_of()), Limits(3650 * DAY_US, True), policy=policy, muted=True)
        run = Replay(
            self.store, DecodeRules(), scoring, self.changes.extend, lambda _n: None, batch, self.alerts.extend
        )
        self.states, self.counts = asyncio.run(self._run(run, past, until_us))

    async def _run(self, run: Replay, past: History, until_us: int | None) -> tuple[dict[bytes, bytes], dict[str, int]]:
        await run.run(past, until_us)
        counts: dict[str, int] = {}
        heads = (await self.store.heads()).values()
        self.versions = newest(heads)
        for head in heads:
            for name, count in head.counters.items():
                counts[name] = counts.get(name, 0) + count
        return {customer: blob async for customer, blob in customers(self.store)}, counts

    def told(self, told: list[Change]) -> list[dict[str, Any]]:
        return [json.loads(change.value) | {"emitted_at": None} for change in told]


PAST = history(shop())


@pytest.fixture(scope="module")
def ran() -> Ran:
    return Ran(PAST)


@pytest.mark.parametrize("batch", [7, 311])
def test_the_size_of_batches_changes_nothing_where_boundaries_are_drawn_on_the_way(ran: Ran, batch: int) -> None:
    cut = Ran(PAST, batch)
    assert cut.states == ran.states
    assert cut.told(cut.changes) == ran.told(ran.changes)
    assert cut.told(cut.alerts) == ran.told(ran.alerts)
    assert (cut.versions, cut.counts) == (ran.versions, ran.counts)
    assert ran.counts["consumed"] == ran.counts["applied"] + ran.counts.get("duplicate", 0) == len(PAST.records)


def test_boundaries_are_drawn_at_midnight_and_hold_from_an_hour_later(ran: Ran) -> None:
    moved = [change for change in ran.told(ran.changes) if change["cause"] == "boundary"]
    assert len({change["occurred_at"] for change in moved}) > 2
    for change in moved:
        assert change["occurred_at"].endswith("T01:00:00Z")
        assert change["cause_id"] == f"boundaries:{change['occurred_at'][:10]}T00:00:00Z"
        assert change["boundaries"] == f"share-{change['occurred_at'][:10]}"
    days = [instant_us(change["occurred_at"], None, None) // DAY_US for change in moved]
    assert all(day % 7 == 0 for day in days if day != days[0])  # the first as soon as there are enough
    at_us = [instant_us(change["occurred_at"], None, None) for change in ran.told(ran.changes)]
    assert at_us == sorted(at_us)


def test_a_version_is_what_a_census_of_the_history_up_to_it_gives(ran: Ran) -> None:
    held = unpack(ran.versions)
    at_us = held.rules_made[0]
    assert held.new.terms.from_us == at_us + AHEAD_US
    before = Ran(PAST.part(0, at_us), policy=None)
    assert held.new.terms.rules == boundaries(census_of(list(before.states.values()), at_us, DEFAULT_MODEL), POLICY)


def test_everybody_has_met_the_newest_version_who_was_there_before_it(ran: Ran) -> None:
    held = unpack(ran.versions)
    assert held.new.terms.from_us <= PAST.at_us[-1]
    met = {int(peek(blob)["terms"]) for blob in ran.states.values() if peek(blob)["tier"] != Tier.NONE}
    assert met == {held.new.terms.number}


def test_until_goes_on_with_censuses_where_nothing_happens_any_more(ran: Ran) -> None:
    silent = Ran(PAST, until_us=START_US + 120 * DAY_US)
    assert unpack(silent.versions).new.terms.number > unpack(ran.versions).new.terms.number


def test_few_customers_and_fixed_thresholds_draw_nothing() -> None:
    few = history([event for event in shop() if event["customer_id"] in {f"c{who}" for who in range(99)}])
    assert Ran(few).versions == b""
    fixed = Ran(PAST, policy=POLICY._replace(rule=Rule.THRESHOLDS))
    assert fixed.versions == b""
    assert fixed.told(fixed.changes) == Ran(PAST, policy=None).told(Ran(PAST, policy=None).changes)

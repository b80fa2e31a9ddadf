"""What a report says of tiers, drift and chances against the store that the replay left behind."""

import asyncio
from typing import Any

import numpy as np
import pytest

from ebbtide.report.gather import Gathered, gather
from ebbtide.report.replay import SECTIONS
from ebbtide.report.tape import WEEK_US, Tape
from ebbtide.segments_file import read_segments
from ebbtide.tiers_file import TIERS, read_tiers
from scoring.defaults import DEFAULT_DRIFT
from scoring.layout import DAY_US, Level, Tier
from scoring.terms import Limits
from streams.config import Scoring, Version
from streams.events.facts import DecodeRules
from streams.history.reading import read_history
from streams.history.replay import Replay
from streams.history.sources.source import Record, topic_of
from tests.fakes.memory_store import MemoryStore
from tests.support.kernel import terms_of
from tests.support.shop_log import as_bytes

SCORING = Scoring(
    Version(terms_of(rules=read_tiers(None, 2).rules, drift=DEFAULT_DRIFT)), Limits(3650 * DAY_US, True), muted=True
)
LABELS = {name: name for name in TIERS}


def year(customers: int = 80) -> list[dict[str, Any]]:
    """A year of customers who come all through it, buy at their own rhythm, and stop, most of them, sooner or later."""
    chance = np.random.default_rng(11)
    events: list[dict[str, Any]] = []
    for c in range(customers):
        day, gap, end = chance.uniform(0, 340), chance.uniform(4, 60), chance.uniform(30, 500)
        while day < min(end, 365):
            at = np.datetime64("2024-01-01T00:00:00", "s") + np.timedelta64(round(day * 86400), "s")
            events.append(
                {
                    "id": f"e{len(events)}",
                    "type": "order.placed",
                    "customer_id": f"c{c}",
                    "occurred_at": f"{at}Z",
                    "order_id": f"o{len(events)}",
                    "amount": f"{chance.uniform(5, 300):.2f}",
                }
            )
            day += chance.exponential(gap)
    return events


def seen(events: list[dict[str, Any]], scoring: Scoring = SCORING) -> Gathered:
    async def run() -> Gathered:
        store, tape = MemoryStore(), Tape()
        records = [Record(topic_of(e["type"]), e["customer_id"].encode(), as_bytes(e)) for e in events]
        replay = Replay(
            store, DecodeRules(), scoring, tape.changes, lambda _done: None, batch=50, on_alerts=tape.alerts
        )
        end_us = await replay.run(read_history(records, DecodeRules()))
        return await gather(store, scoring, scoring.first, end_us, tape, read_segments(None), {}, LABELS)

    return asyncio.run(run())


@pytest.fixture(scope="module")
def shop() -> Gathered:
    return seen(year())


def test_the_weeks_end_where_the_customers_stand(shop: Gathered) -> None:
    stand = np.bincount(shop.headers["tier"], minlength=5)[Tier.LOSS :]
    assert shop.weeks.counts[-1].tolist() == stand.tolist()
    assert shop.weeks.end_us[-1] == shop.at_us
    assert (np.diff(shop.weeks.end_us)[:-1] == WEEK_US).all()
    assert (shop.weeks.counts >= 0).all()
    assert shop.weeks.changes.sum() == shop.headers["sequence"].sum()
    assert 0 < shop.weeks.silences.sum() < shop.weeks.changes.sum()


def test_the_customers_of_a_week_are_those_who_had_ordered_by_then(shop: Gathered) -> None:
    for end_us, counts in zip(shop.weeks.end_us.tolist(), shop.weeks.counts, strict=True):
        assert (
            counts.sum()
            == (shop.headers["first_us"] < end_us).sum()
            + (end_us == shop.at_us) * (shop.headers["first_us"] == end_us).sum()
        )


def test_whoever_has_drifted_has_a_day_since_when(shop: Gathered) -> None:
    away = shop.headers["level"] > Level.NONE
    assert 0 < away.sum() < len(shop.ids)
    since = {name for name, told in shop.drifting.items() if told.since}
    assert since == {customer.decode() for customer, is_away in zip(shop.ids, away, strict=True) if is_away}


def test_the_holdout_is_what_the_customers_did_in_it(shop: Gathered) -> None:
    events = year()
    held = shop.holdout
    assert held is not None
    assert held.days == 90.0
    assert held.cut_us == shop.at_us - 90 * DAY_US
    cut = np.datetime64(held.cut_us, "us")
    times = [(event["customer_id"], np.datetime64(event["occurred_at"].rstrip("Z"), "us")) for event in events]
    known = {who for who, at in times if at <= cut}
    again = {who for who, at in times if at > cut} & known
    assert (len(held.chances), held.happened.sum()) == (len(known), len(again))
    assert ((held.chances > 0) & (held.chances < 1)).all()


def test_a_short_history_has_no_holdout() -> None:
    short = [event for event in year() if event["occurred_at"] < "2024-02-20"]
    assert seen(short).holdout is None


def test_every_section_can_be_told_of_a_shop_and_of_one_single_order(shop: Gathered) -> None:
    for gathered in (shop, seen(year()[:1])):
        sections = [section(gathered) for section in SECTIONS]
        assert len({section.title for section in sections}) == len(SECTIONS)

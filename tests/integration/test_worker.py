"""One worker on a real broker and a real Redis: the embedded ones always, Apache Kafka where Java and Maven are."""

import asyncio
import json
import time
from datetime import datetime
from typing import Any, NamedTuple

import pytest

from scoring.layout import DAY_US
from scoring.ledgers import peek
from state.store import Due
from streams.clock import wall_us
from streams.config import DEAD_LETTERS, DRIFT_ALERTS, INTERACTIONS, ORDERS, TIER_CHANGES
from streams.events.text import time_text
from tests.fakes.memory_store import MemoryStore
from tests.support.pipelines import Bench, customer_in, lines, states
from tests.support.workers import Shop, until, working

NOW_US = wall_us()
FACTS = ("orders", "purchase_days", "held", "cost", "first_us", "last_us")


def orders(n: int, customers: int = 40) -> list[dict[str, Any]]:
    """Of the last hour, so that no deadline comes due under the test."""
    return [
        {
            "id": f"e{i}",
            "type": "order.placed",
            "customer_id": f"c{i * 7 % customers}",
            "occurred_at": time_text(NOW_US - 3_600_000_000 + i * 1000),
            "order_id": f"o{i}",
            "amount": f"{10 + i % 190}.00",
        }
        for i in range(n)
    ]


class Reference(NamedTuple):
    """What the same events come to."""

    changes: list[dict[str, Any]]
    states: dict[bytes, bytes]
    dues: list[Due]


async def reference(events: list[dict[str, Any]]) -> Reference:
    """The same events through the loop in memory."""

    def run() -> Reference:
        bench = Bench(MemoryStore())
        bench.feed(lines(events))
        dues, _ = asyncio.run(bench.store.due(range(256), 2**62, 10))
        return Reference(bench.ears.changes, states(bench.store), dues)

    return await asyncio.to_thread(run)


async def consumed(here: Shop, n: int) -> bool:
    return (await here.counts()).get("consumed", 0) >= n


async def test_orders_go_in_and_tier_changes_come_out(here: Shop) -> None:
    events = orders(1000)
    contact = {
        "id": "i1",
        "type": "interaction.contact",
        "customer_id": "c1",
        "occurred_at": time_text(NOW_US),
        "channel": "mail",
        "direction": "out",
        "cost": "0.10",
    }
    await here.send(events[:500])
    async with working(here):
        await here.send(events[500:])
        await until(lambda: consumed(here, 1000))
        await here.send([contact], INTERACTIONS)
        await until(lambda: consumed(here, 1001))
        same = await reference([*events, contact])
        expected = {change["id"]: change for change in same.changes}
        got = await here.records(TIER_CHANGES, lambda found: len(found) >= len(expected))
    told = [json.loads(record.value) for record in got]
    assert {change["id"]: {k: v for k, v in change.items() if k != "emitted_at"} for change in told} == expected
    assert len(told) == len(expected)
    assert all(record.key.decode() == change["customer_id"] for record, change in zip(got, told, strict=True))
    assert await here.states() == same.states


async def test_silence_is_told_within_a_second_of_its_instant(here: Shop) -> None:
    order = {**orders(1)[0], "amount": "60.00"}
    [due] = (await reference([order])).dues
    falls_after_us = due.due_us - round(datetime.fromisoformat(order["occurred_at"]).timestamp() * 1e6)
    async with working(here) as worker:
        await until(lambda: _joined(worker))
        falls_us = (wall_us() // 1_000_000 + 3) * 1_000_000
        await here.send([{**order, "occurred_at": time_text(falls_us - falls_after_us)}])
        alert, *_ = await here.records(DRIFT_ALERTS, bool)  # the first deadline of a new customer
    value = json.loads(alert.value)
    assert value["cause"] == "silence"
    at_us = datetime.fromisoformat(value["occurred_at"]).timestamp() * 1e6
    assert abs(at_us - falls_us) <= 1_000_000  # deadlines are whole seconds
    assert 0 <= alert.timestamp * 1000 - at_us < 1_000_000


async def _joined(worker: Any) -> bool:
    return bool(list(worker.lanes))


def _bad(**changed: Any) -> bytes:
    return json.dumps({**orders(1)[0], **changed}).encode()


BAD: list[tuple[bytes | None, str, tuple[tuple[str, bytes], ...]]] = [
    (b"not json", "not_json", ()),
    (b"", "not_json", ()),
    (None, "not_json", ()),
    (b'{"a":"\xff\xfe"}', "not_json", ()),
    (b"\x00\x00\x00", "not_json", ()),
    (b"[1]", "schema", ()),
    (_bad(amount=["1"]), "schema", ()),
    (_bad(order_id=7), "schema", ()),
    (_bad(occurred_at="2024-05-01T10:00:00"), "time", ()),
    (_bad(occurred_at=time_text(NOW_US + 3 * DAY_US)), "future", ()),
    (_bad().replace(b'"10.00"', b"NaN"), "not_json", ()),
    (_bad(amount="-1.00"), "money", ()),
    (_bad(amount="99999999999999999999"), "money", ()),
    (_bad(amount="1.001"), "money", ()),
    (_bad(currency="XXZ"), "currency", ()),
    (_bad(customer_id=""), "identity", ()),
    (_bad(customer_id="x" * 10_000_000), "too_large", ()),
    (_bad(customer_id="a\u0000b"), "identity", ()),
    (_bad(type="tea.poured"), "type", ()),
    (_bad(padding="x" * 5_000_000), "too_large", ()),
    (_bad(), "schema", (("ce_specversion", b"1.0"), ("ce_id", b"other"), ("ce_type", b"order.refunded"))),
]


async def test_bad_input_ends_in_dead_letters_with_reason_bytes_and_position(here: Shop) -> None:
    for number, (value, _, headers) in enumerate(BAD):
        await here.put(1, value, f"k{number}".encode(), *headers)
    good = {**orders(1)[0], "customer_id": customer_in(1, here.partitions)}
    await here.send([good])
    async with working(here):
        await until(lambda: consumed(here, len(BAD) + 1))
        letters = await here.records(DEAD_LETTERS, lambda found: len(found) >= len(BAD))
    by_offset = {int(dict(letter.headers)["offset"]): letter for letter in letters}
    for offset, (value, reason, _) in enumerate(BAD):
        letter = by_offset[offset]
        said = {name: text.decode() for name, text in letter.headers}
        assert (offset, said["reason"]) == (offset, reason), said["message"]
        assert (letter.value, letter.key) == (value, f"k{offset}".encode())
        assert (said["topic"], said["partition"]) == (here.config.topics.full(ORDERS), "1")
    counts = await here.counts()
    assert counts["applied"] == 1
    assert counts["consumed"] == 1 + sum(n for name, n in counts.items() if name.startswith("dead."))


async def test_misrouted_records_are_applied_exactly_once_by_their_owner(here: Shop) -> None:
    events = [{**event, "customer_id": customer_in(3, here.partitions)} for event in orders(30)]
    async with working(here):
        for number, event in enumerate(events):
            await here.put(number % 4, json.dumps(event).encode(), None)
        await until(lambda: consumed(here, len(events)))
        await asyncio.sleep(0.3)
    counts = await here.counts()
    assert (counts["consumed"], counts["applied"]) == (30, 30)
    assert counts["forwarded"] == sum(number % 4 != 3 for number in range(30))
    assert counts["misrouted"] == 30
    assert facts(await here.states()) == facts((await reference(events)).states)  # tiers depend on the way here


def facts(stored: dict[bytes, bytes]) -> dict[bytes, list[int]]:
    return {customer: [int(peek(blob)[name]) for name in FACTS] for customer, blob in stored.items()}


async def test_a_worker_stops_within_five_seconds_in_the_middle_and_the_next_goes_on(here: Shop) -> None:
    events = orders(20_000, customers=500)
    await here.send(events)
    async with working(here):
        await until(lambda: consumed(here, 1))
        started_s = time.monotonic()
    assert time.monotonic() - started_s < 5
    async with working(here):
        await until(lambda: consumed(here, len(events)))
    counts = await here.counts()
    assert (counts["consumed"], counts["applied"]) == (len(events), len(events))
    assert await here.states() == (await reference(events)).states


async def test_workers_may_join_and_leave_while_events_come(here: Shop) -> None:
    events = orders(4000)
    expected = {change["id"] for change in (await reference(events)).changes}

    async def come() -> None:
        for first in range(0, len(events), 100):
            await here.send(events[first : first + 100])
            await asyncio.sleep(0.05)

    coming = asyncio.create_task(come())
    async with working(here) as second:
        async with working(here):
            await until(lambda: _joined(second))
            await until(lambda: consumed(here, 500))
        await coming
        await until(lambda: consumed(here, len(events)))
        got = await here.records(TIER_CHANGES, lambda found: {json.loads(r.value)["id"] for r in found} >= expected)
    assert {json.loads(record.value)["id"] for record in got} == expected
    counts = await here.counts()
    assert (counts["consumed"], counts["applied"]) == (len(events), len(events))
    assert await here.states() == (await reference(events)).states


@pytest.mark.parametrize("more", [200, 0], ids=["busy", "quiet"])
async def test_a_redis_that_lost_everything_is_healed_by_reading_again(here: Shop, more: int) -> None:
    events = orders(400 + more)
    async with working(here):
        await here.send(events[:400])
        await until(lambda: consumed(here, 400))
        await asyncio.sleep(0.1)  # the last answers reach the worker
        await here.flush()
        await here.send(events[400:])
        await until(lambda: consumed(here, len(events)))
    assert await here.states() == (await reference(events)).states

"""When each event is sent, where it goes, and how a history goes on again and again."""

import json
from collections.abc import Sequence

import pytest

from scoring.hashing import buckets
from scoring.layout import DAY_US
from streams.broker.publishing import Message
from streams.config import Topics
from streams.events.facts import DecodeRules
from streams.events.instants import instant_us
from streams.history import send
from streams.history.again import rounds
from streams.history.reading import History, read_history
from streams.history.send import Sender, at_once, at_rate, at_speed
from streams.history.sources.source import Record


class Published:
    """A publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def publish(self, messages: Sequence[Message]) -> None:
        self.messages += messages


def order(number: int, day: int, customer: str = "ada") -> Record:
    event = {
        "id": f"e{number}",
        "type": "order.placed",
        "customer_id": customer,
        "occurred_at": f"2024-01-{day:02}T06:00:00Z",
        "order_id": f"o{number}",
        "amount": "1.00",
    }
    return Record("orders", customer.encode(), json.dumps(event).encode())


def past(*records: Record) -> History:
    return read_history(records, DecodeRules())


def test_a_rate_spaces_events_evenly_and_a_speed_as_they_occurred() -> None:
    records = [order(1, 1), order(2, 2), order(3, 4)]
    assert [due.at_s for due in at_rate(records, 4)] == [0.0, 0.25, 0.5]
    timed = [(day * DAY_US, record) for day, record in zip((1, 2, 4), records, strict=True)]
    assert [due.at_s for due in at_speed(timed, 86_400)] == [0.0, 1.0, 3.0]


@pytest.mark.parametrize("few", [0, 4, 100])
async def test_records_go_to_their_customers_partition_in_order(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send, "FEW", few)
    monkeypatch.setattr(send, "AT_ONCE", 2)
    published, told = Published(), list[int]()
    records = [order(n, 1, customer) for n, customer in enumerate(["ada", "bo", "ada", "cy", "bo"])]
    sender = Sender(published, Topics("x."), 4)
    assert await sender.run(at_once([*records, Record("orders", None, b"{")]), told.append) == 6
    assert told[-1] == 6
    assert [message.value for message in published.messages] == [*(record.value for record in records), b"{"]
    assert {message.topic for message in published.messages} == {"x.orders"}
    partitions = [message.partition for message in published.messages[:5]]
    assert partitions == (buckets([record.key or b"" for record in records]) % 4).tolist()


async def test_a_pace_is_kept() -> None:
    published = Published()
    sender = Sender(published, Topics(), 4)
    seen: list[int] = []
    await sender.run(at_rate([order(n, 1) for n in range(5)], 50), seen.append)
    assert len(seen) > 1
    assert seen[-1] == 5


def test_a_history_goes_on_again_in_whole_days_under_new_ids_until_now() -> None:
    history = past(order(2, 3), order(1, 1), Record("orders", None, b"{not json"))
    until_us = instant_us("2024-01-08T00:00:00Z", None, None)
    told = [(at_us, json.loads(record.value)) for at_us, record in rounds(history, until_us) if record.key]
    assert [(event["order_id"], event["occurred_at"][:10]) for _, event in told] == [
        ("o1", "2024-01-01"),
        ("o2", "2024-01-03"),
        ("o1~1", "2024-01-04"),
        ("o2~1", "2024-01-06"),
        ("o1~2", "2024-01-07"),
    ]
    assert [at_us for at_us, _ in told] == [instant_us(event["occurred_at"], None, None) for _, event in told]
    assert len(list(rounds(history, until_us))) == 6  # what is no event is sent once


def test_a_history_that_ends_now_is_told_once() -> None:
    history = past(order(1, 1), order(2, 3))
    assert len(list(rounds(history, int(history.at_us[-1])))) == 2

"""What a tier change tells the world."""

import json
from decimal import Decimal
from typing import Any

import pytest

from streams.broker.dead_letters import dead_letter, shortened
from streams.config import DEAD_LETTERS, Topics
from streams.events.refusals import Reason, Refusal
from streams.events.text import money_text, time_text
from streams.work import Dead
from tests.fakes.memory_store import MemoryStore
from tests.support.builders import order, refund
from tests.support.pipelines import Bench, Line, lines


@pytest.mark.parametrize(
    ("minor", "decimals", "text"),
    [(0, 2, "0.00"), (5, 2, "0.05"), (-5, 2, "-0.05"), (123456, 2, "1234.56"), (-1234, 0, "-1234"), (7, 3, "0.007")],
)
def test_money_is_exact_text_in_major_units(minor: int, decimals: int, text: str) -> None:
    assert money_text(minor, decimals) == text


def test_times_are_utc_with_microseconds_only_where_there_are_any() -> None:
    assert time_text(0) == "1970-01-01T00:00:00Z"
    assert time_text(1_700_000_000_000_001) == "2023-11-14T22:13:20.000001Z"


def changes(*events: dict[str, Any]) -> tuple[list[dict[str, Any]], Bench]:
    bench = Bench(MemoryStore())
    bench.feed(lines(events))
    return bench.ears.changes, bench


def test_the_first_tier_is_a_change_from_none_and_names_its_cause() -> None:
    [first], _ = changes({**order("o1", "60.00", day=0), "id": "e-7"})
    assert first["from"] == {"tier": None, "value": "0.00", "p_alive": 0.0}
    assert first["to"]["tier"] == "middle"
    assert (first["cause"], first["cause_id"], first["id"]) == ("order", "e-7", "ada:1")
    assert (first["currency"], first["model"], first["boundaries"], first["muted"]) == (
        "USD",
        "default",
        "default",
        False,
    )


def test_the_shares_of_the_inputs_sum_to_the_change_in_value_to_the_cent() -> None:
    log = [{**order(f"o{n}", f"{n % 7 * 13}.37", day=n), "customer_id": f"c{n % 37}"} for n in range(300)]
    back = [{**refund(f"r{n}", f"o{n}", f"{n % 7 * 13}.37", day=400), "customer_id": f"c{n % 37}"} for n in range(150)]
    told, _ = changes(*log, *back)
    assert len(told) > 50
    for change in told:
        moved = Decimal(change["to"]["value"]) - Decimal(change["from"]["value"])
        assert sum(Decimal(why["share"]) for why in change["why"]) == moved


def test_a_message_is_a_cloudevent_whose_headers_agree_with_its_value() -> None:
    _, bench = changes(order("o1", "60.00", day=0))
    [entry] = bench.ears.commits[0].outbox
    headers = dict(entry.headers)
    value = json.loads(entry.value)
    assert entry.key == b"ada"
    assert headers["ce_id"] == value["id"].encode()
    assert headers["ce_type"] == value["type"].encode() == b"tier.changed"
    assert headers["ce_time"] == value["occurred_at"].encode()
    assert headers["content-type"] == b"application/json"


DEAD = Dead("orders", Line(b"\xff{", b"k", 42, [("ce_id", b"x")], 1_000), 3, Refusal(Reason.NOT_JSON, "no"))


def test_a_dead_letter_has_the_bytes_as_they_came_and_says_why_and_from_where() -> None:
    letter = dead_letter(DEAD, Topics("shop."))
    assert (letter.topic, letter.key, letter.value) == ("shop." + DEAD_LETTERS, b"k", b"\xff{")
    assert dict(letter.headers) == {
        "reason": b"not_json",
        "message": b"no",
        "topic": b"shop.orders",
        "partition": b"3",
        "offset": b"42",
        "time": b"1970-01-01T00:00:01Z",
        "original.ce_id": b"x",
    }


def test_a_letter_that_the_broker_refuses_for_its_size_keeps_its_beginning_and_its_length() -> None:
    short = shortened(dead_letter(DEAD, Topics()), 1)
    assert (short.value, dict(short.headers)["shortened-from"]) == (b"\xff", b"2")


def test_a_header_without_a_value_survives_being_shortened() -> None:
    headers: Any = [("nothing", None), ("trace", b"abcdef")]
    letter = dead_letter(DEAD._replace(record=Line(b"{", b"k", 42, headers)), Topics())
    short = shortened(letter, 4 * len("original.nothing" + "original.trace" + "abc"))
    assert short.headers[-2:] == [("original.nothing", None), ("original.trace", b"abc")]

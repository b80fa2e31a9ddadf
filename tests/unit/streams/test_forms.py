"""The same event in each of three forms is the same fact."""

import base64
import json
from typing import Any

import pytest

from streams.events.decode import decode
from tests.support.values import ABSENT, ORDER, RULES, fact, order, packed, reason

BARE = fact(order())
BINARY = {
    "ce_specversion": "1.0",
    "ce_id": "e1",
    "ce_type": "order.placed",
    "ce_source": "/shop",
    "ce_subject": "ada",
    "ce_time": "2024-03-05T10:11:12Z",
    "content-type": "application/json",
}
STRUCTURED = {"content-type": "application/cloudevents+json; charset=utf-8"}
ENVELOPE = {name.removeprefix("ce_"): text for name, text in BINARY.items() if name.startswith("ce_")}
DATA = {"order_id": "o1", "amount": "45.90"}


def envelope(data: object = DATA, **changed: Any) -> bytes:
    return packed({**ENVELOPE, "data": data, **changed})


def test_a_binary_cloud_event_fills_in_what_the_data_leaves_out() -> None:
    assert fact(packed(DATA), BINARY) == BARE


def test_a_binary_cloud_event_whose_value_is_complete() -> None:
    assert fact(order(), BINARY) == BARE


@pytest.mark.parametrize("content_type", [STRUCTURED["content-type"], "Application/CloudEvents+JSON"])
def test_a_structured_cloud_event(content_type: str) -> None:
    assert fact(envelope(), {"content-type": content_type}) == BARE
    assert fact(envelope(), {"Content-Type": content_type}) == BARE
    assert fact(envelope(ORDER), {"content-type": content_type}) == BARE


def test_a_structured_cloud_event_is_known_without_headers() -> None:
    assert fact(envelope()) == BARE


def test_a_structured_cloud_event_with_its_data_in_base64() -> None:
    data = base64.b64encode(json.dumps(DATA).encode()).decode()

    assert fact(envelope(ABSENT, data_base64=data), STRUCTURED) == BARE


def test_a_bare_event_may_have_other_headers() -> None:
    assert fact(order(), {"traceparent": "00-1", "content-type": "application/json"}) == BARE
    assert decode("orders", order(), [("x", b"\xff"), ("y", b"")], RULES, None) == BARE


def test_amounts_stay_exact_in_every_form() -> None:
    exact = b'{"order_id": "o1", "amount": 45.900000000000000001}'

    assert reason(exact, BINARY) == "money"
    assert reason(envelope().replace(json.dumps(DATA).encode(), exact), STRUCTURED) == "money"


def test_the_time_of_the_data_holds_because_libraries_put_the_time_of_sending_into_ce_time() -> None:
    assert fact(order(), {**BINARY, "ce_time": "2025-01-01T00:00:00Z"}) == BARE


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("ce_id", "e2"),
        ("ce_type", "order.cancelled"),
        ("ce_type", "x"),
        ("ce_subject", "bob"),
        ("ce_specversion", "0.3"),
    ],
)
def test_a_header_that_contradicts_the_value_is_refused(header: str, says: str) -> None:
    assert reason(order(), {**BINARY, header: says}) == "schema"
    assert reason(envelope(), {**STRUCTURED, header: says}) == "schema"


def test_the_same_header_twice_with_two_values_is_refused() -> None:
    headers = [("ce_id", b"e1"), ("ce_id", b"e2")]

    assert decode("orders", order(), headers, RULES, None)[0] == "schema"


@pytest.mark.parametrize(
    "data", [{"id": "e2"}, {"type": "order.cancelled"}, {"customer_id": "bob"}, {"id": None}, {"id": 1}]
)
def test_data_that_contradicts_its_envelope_is_refused(data: dict[str, object]) -> None:
    assert reason(envelope({**DATA, **data}), STRUCTURED) == "schema"


@pytest.mark.parametrize(
    "value",
    [
        order(),
        b"[]",
        envelope(ABSENT),
        envelope("text"),
        envelope(None),
        envelope([]),
        envelope(specversion=ABSENT),
        envelope(specversion="2.0"),
        envelope(id=5),
        envelope(ABSENT, data_base64="%"),
        envelope(ABSENT, data_base64=5),
        envelope(ABSENT, data_base64=base64.b64encode(b"\xff").decode()),
    ],
)
def test_what_is_said_to_be_structured_and_is_not_is_refused(value: bytes) -> None:
    assert reason(value, STRUCTURED) == "schema"


@pytest.mark.parametrize("content_type", ["application/cloudevents-batch+json", "application/cloudevents+avro"])
def test_other_formats_of_cloud_events_are_refused(content_type: str) -> None:
    assert reason(order(), {"content-type": content_type}) == "schema"


def test_the_type_of_the_headers_decides() -> None:
    assert reason(packed(DATA), {**BINARY, "ce_type": "order.paid"}) == "type"
    assert reason(packed(DATA), {name: text for name, text in BINARY.items() if name != "ce_type"}) == "schema"


def test_ids_and_times_of_headers_are_looked_at_as_others_are() -> None:
    assert reason(packed(DATA), {**BINARY, "ce_subject": ""}) == "identity"
    assert reason(packed(DATA), {**BINARY, "ce_id": "a\nb"}) == "identity"
    assert reason(packed(DATA), {**BINARY, "ce_time": "noon"}) == "time"


@pytest.mark.parametrize("raw", [b"\xff", None])
def test_a_header_that_is_no_text_is_refused(raw: bytes) -> None:
    assert decode("orders", packed(DATA), [("ce_id", raw)], RULES, None)[0] == "schema"


@pytest.mark.parametrize(
    "headers", [BINARY, STRUCTURED, {"ce_id": "e2"}, {"content-type": "application/cloudevents+avro"}]
)
def test_a_value_that_is_not_json_is_that_first_whatever_its_headers_say(headers: dict[str, str]) -> None:
    for value in (b"{", b"[1,", b"x", order(id="e1")[:-1]):
        assert reason(value, headers) == "not_json"

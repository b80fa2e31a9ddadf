"""Whatever the bytes, decode gives a fact or a reason and never raises."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scoring.layout import Kind
from streams.events.decode import Fact, Refusal, decode
from streams.events.money import MAX_MINOR
from tests.support.values import COMMON, LEAST, ORDER, RULES, event

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
HEADER_NAMES = st.sampled_from(["ce_id", "ce_type", "ce_time", "ce_subject", "ce_specversion", "content-type", "x"])
HEADER_TEXTS = st.sampled_from(["e1", "order.placed", "1.0", "ada", "application/cloudevents+json", "application/json"])
HEADERS = st.lists(st.tuples(HEADER_NAMES, st.binary(max_size=4) | HEADER_TEXTS.map(str.encode)), max_size=4)


def judged(value: bytes | None, headers: list[tuple[str, bytes]]) -> Fact | Refusal:
    made = decode("orders", value, headers, RULES, None)
    if isinstance(made, Fact):
        if made.kind is not Kind.CORRECTION:  # which packs a period, a margin and an expense into them
            assert 0 <= made.amount <= MAX_MINOR
            assert 0 <= made.cost <= MAX_MINOR
        assert made.at_us >= 0
        assert 0 < len(made.customer_id.decode()) <= 128
    else:
        assert isinstance(made, Refusal)
        assert made.message.encode()
    assert decode("orders", value, headers, RULES, None) == made
    return made


@given(st.none() | st.binary(max_size=60), HEADERS)
def test_any_bytes(value: bytes | None, headers: list[tuple[str, bytes]]) -> None:
    judged(value, headers)


@given(JSON, HEADERS)
def test_any_json(value: Any, headers: list[tuple[str, bytes]]) -> None:
    judged(json.dumps(value).encode(), headers)


@given(st.sampled_from(list(LEAST)), st.data(), HEADERS)
def test_a_good_event_with_any_of_its_fields_replaced(type_: str, data: st.DataObject, headers: Any) -> None:
    fields = {**COMMON, "type": type_, **LEAST[type_], "currency": "USD"}
    for field in data.draw(st.lists(st.sampled_from(list(fields)), max_size=2)):
        fields[field] = data.draw(JSON)

    judged(json.dumps(fields).encode(), headers)


@given(st.sampled_from(list(LEAST)), st.data())
def test_a_good_event_with_any_byte_changed(type_: str, data: st.DataObject) -> None:
    value = bytearray(event(type_))
    for at in data.draw(st.lists(st.integers(0, len(value) - 1), min_size=1, max_size=3)):
        value[at] = data.draw(st.integers(0, 255))

    judged(bytes(value), [])


@given(st.dictionaries(st.text(max_size=4).filter(lambda name: name not in ORDER), JSON, max_size=3))
def test_whatever_json_stands_beside_the_fields_the_fact_is_the_same(extra: dict[str, Any]) -> None:
    made = judged(json.dumps({**ORDER, **extra}, allow_nan=False, default=str).encode() if _finite(extra) else b"", [])

    assert isinstance(made, Refusal) or made.group == b"oo1"


def _finite(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True

"""The schemas in docs/ are those of the types, and say what decode says."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from streams.events.out import Keep, Moved, Standing, TierChanged
from streams.events.schemas import asyncapi, documents, schema, write
from streams.events.types import TYPES
from tests.support.values import ABSENT, COMMON, LEAST, event, fact, reason

DRIFT = {"drift.warned", "drift.raised", "drift.cleared"}
DOCS = Path(__file__).parents[3] / "docs"


def valid(value: bytes, type_: str) -> bool:
    return jsonschema.Draft202012Validator(schema(TYPES[type_])).is_valid(json.loads(value))


def test_the_files_in_docs_are_the_generated_ones() -> None:
    made = {path: (DOCS / path).read_text(encoding="utf-8") for path in documents()}

    assert made == documents(), "run: python -m streams.events.schemas"
    assert {f"schema/{path.name}" for path in (DOCS / "schema").iterdir()} == set(made) - {"asyncapi.json"}


def test_they_are_written_where_asked(tmp_path: Path) -> None:
    write(tmp_path)

    assert (tmp_path / "schema" / "order.placed.json").read_text() == documents()["schema/order.placed.json"]


@pytest.mark.parametrize("path", [path for path in documents() if path.startswith("schema/")])
def test_each_is_a_schema(path: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(documents()[path]))


@pytest.mark.parametrize("type_", list(LEAST))
def test_the_least_event_of_each_type_is_valid_and_a_fact(type_: str) -> None:
    assert valid(event(type_), type_)
    assert fact(event(type_))


@pytest.mark.parametrize(
    ("type_", "field"), [(t, field) for t, fields in LEAST.items() for field in {**COMMON, **fields}]
)
def test_an_event_without_a_field_that_it_must_have_is_neither(type_: str, field: str) -> None:
    if (type_, field) != ("customer.corrected", "margin"):  # there, expense may stand instead
        assert not valid(event(type_, **{field: ABSENT}), type_)
    assert reason(event(type_, **{field: ABSENT})) == "schema"


@pytest.mark.parametrize(
    ("type_", "wrong"),
    [
        ("order.placed", {"amount": -1}),
        ("order.placed", {"amount": "-1"}),
        ("order.placed", {"amount": "NaN"}),
        ("order.placed", {"amount": True}),
        ("order.placed", {"id": ""}),
        ("order.placed", {"id": "x" * 129}),
        ("order.placed", {"customer_id": "a\nb"}),
        ("order.placed", {"occurred_at": "2024-03-05T10:11:12"}),
        ("order.placed", {"occurred_at": "2024-03-05"}),
        ("order.placed", {"currency": "usd"}),
        ("order.placed", {"lines": [{"quantity": -1}]}),
        ("order.placed", {"revision": 1.5}),
        ("order.refunded", {"amount": 0}),
        ("interaction.rating", {"score": 6}),
        ("interaction.opportunity", {"state": "maybe"}),
        ("interaction.service", {"attitude": 101}),
        ("customer.profile", {"attributes": {"a": None}}),
    ],
)
def test_what_the_schema_refuses_decode_refuses(type_: str, wrong: dict[str, Any]) -> None:
    assert not valid(event(type_, **wrong), type_)
    assert reason(event(type_, **wrong))


@pytest.mark.parametrize(
    ("type_", "good"),
    [
        ("order.placed", {"amount": 45.9, "cost": None, "currency": None, "note": {}, "lines": [{"quantity": 1.5}]}),
        ("order.placed", {"occurred_at": "2016-12-31t23:59:60.5z", "currency": "USD", "revision": 2}),
        ("order.refunded", {"order_id": None, "cost": "1"}),
        ("interaction.service", {"on_time": True, "present": None}),
    ],
)
def test_what_decode_takes_the_schema_takes(type_: str, good: dict[str, Any]) -> None:
    assert fact(event(type_, **good))
    assert valid(event(type_, **good), type_)


def test_a_tier_change_as_it_goes_out_is_valid() -> None:
    change = TierChanged(
        id="ada:1",
        customer_id="ada",
        occurred_at="2024-03-05T10:11:12Z",
        emitted_at="2024-03-05T10:11:13Z",
        cause="order",
        cause_id="e1",
        from_=Standing(None, "0.00", 0.0),
        to=Standing("high", "120.00", 0.9),
        currency="USD",
        why=[Moved("frequency", 0.0, 1.0, "120.00")],
        model="default",
        boundaries="default",
        keep=Keep("10.00", "2024-04-05T00:00:00Z"),
        muted=False,
    )

    sent = json.loads(msgspec.json.encode(change))
    jsonschema.validate(sent, schema(TierChanged), jsonschema.Draft202012Validator)
    assert sent["type"] == "tier.changed"
    assert sent["from"] == {"tier": None, "value": "0.00", "p_alive": 0.0}


def test_asyncapi_refers_only_to_what_is_there() -> None:
    whole = asyncapi()
    messages = whole["components"]["messages"]

    named = {name for channel in whole["channels"].values() for name in channel["messages"]}
    assert named == set(messages) == {*TYPES, "terms.versioned", "tier.changed", *DRIFT, "dead-letter"}
    payloads = {message["payload"]["$ref"] for name, message in messages.items() if name != "dead-letter"}
    assert payloads == set(documents()) - {"asyncapi.json"}
    assert all(
        operation["channel"]["$ref"].split("/")[-1] in whole["channels"] for operation in whole["operations"].values()
    )

"""terms.versioned, read and written: whatever a worker could not judge by is a dead letter."""

import json
from collections.abc import Callable, Sequence
from math import inf
from typing import Any

import jsonschema
import pytest

from scoring.defaults import DEFAULT_MODEL
from scoring.layout import DAY_US, Family
from scoring.terms import NO_CORRECTION, Correction, Synlead
from streams.broker.publishing import Message
from streams.broker.versioning import publish_copies
from streams.config import COMMANDS, ORDERS, Topics
from streams.events.decode import DecodeRules, Refusal, Told, decode
from streams.events.refusals import RefusedError
from streams.events.schemas import schema
from streams.events.terms import TermsVersioned
from streams.events.terms_records import write_terms
from streams.versions import Versioned
from tests.support.kernel import TERMS

RULES = DecodeRules()
BOUNDS = TERMS.rules._replace(
    enter=(-inf, -inf, 0.0, 30_00.0, 100_00.0), leave=(-inf, -inf, 0.0, 27_00.0, 90_00.0), min_stay_us=7 * DAY_US
)
BOUNDARY = Versioned(
    "boundaries:1", 1_000_000_000_000_000, 1_000_003_600_000_000, "share-2001-09-09", BOUNDS, TERMS.drift
)
MODEL = BOUNDARY._replace(id="m", model="mbg-gg-1", parameters=DEFAULT_MODEL._replace(k=2.0, discount=0.1))
CORRECTED = MODEL._replace(parameters=DEFAULT_MODEL._replace(correction=Correction(-0.4, 0.5, 0.6, -0.9, 0.55, 0.7)))
SYNLEAD = MODEL._replace(
    parameters=DEFAULT_MODEL._replace(
        family=int(Family.SYNLEAD),
        k=1.0,
        synlead=Synlead(2.5, 1.5, 6.0, (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, inf), (1.0,) * 7, (0.5,) * 7, -0.01, 2, 1),
    )
)


def read(value: bytes, topic: str = COMMANDS, headers: tuple[tuple[str, bytes], ...] = ()) -> Told:
    return decode(topic, value, headers, RULES, None)


def changed(version: Versioned, change: Callable[[dict[str, Any]], None]) -> Told:
    record = json.loads(write_terms(version, "USD"))
    change(record)
    return read(json.dumps(record).encode())


@pytest.mark.parametrize("version", [BOUNDARY, MODEL, CORRECTED, SYNLEAD])
def test_what_is_written_is_read_back(version: Versioned) -> None:
    assert read(write_terms(version, "USD")) == version


def test_it_comes_as_a_cloud_event_too() -> None:
    record = json.loads(write_terms(MODEL, "USD"))
    del record["id"], record["type"]
    headers = (("ce_specversion", b"1.0"), ("ce_id", b"m"), ("ce_type", b"terms.versioned"))
    assert read(json.dumps(record).encode(), headers=headers) == MODEL
    envelope = {"specversion": "1.0", "id": "m", "type": "terms.versioned", "data": record}
    assert read(json.dumps(envelope).encode()) == MODEL


def test_elsewhere_than_on_commands_it_is_no_event() -> None:
    told = read(write_terms(MODEL, "USD"), ORDERS)
    assert isinstance(told, Refusal)
    assert told.reason == "type"


def _without(*path: str) -> Callable[[dict[str, Any]], None]:
    def change(record: dict[str, Any]) -> None:
        for name in path[:-1]:
            record = record[name]
        del record[path[-1]]

    return change


def _set(value: Any, *path: str) -> Callable[[dict[str, Any]], None]:
    def change(record: dict[str, Any]) -> None:
        for name in path[:-1]:
            record = record[name]
        record[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_without("boundaries"), "schema"),
        (_without("model", "q"), "schema"),
        (_without("model"), "schema"),  # cause model
        (_set("boundary", "cause"), "schema"),
        (_set(None, "boundaries", "high", "enter"), "schema"),
        (_set(1.0, "boundaries", "high", "enter"), "schema"),  # below leave, and below middle
        (_set(2999.0, "boundaries", "middle", "enter"), "taken"),
        (_set(-1.0, "model", "p"), "schema"),
        (_set(0.0, "model", "alpha"), "schema"),
        (_set(1.0, "model", "q"), "schema"),  # an infinite mean
        (_set(1e155, "model", "b"), "schema"),  # a series without an end
        (_set(7, "model", "k"), "schema"),
        (_set("nbd", "model", "family"), "schema"),
        (_set("bg-gg", "model", "family"), "schema"),  # with k 2
        (_set(0.0, "model", "horizon_days"), "schema"),
        (_set(0.9, "drift", "lost", "p_alive"), "schema"),  # lost before drifting
        (_set(1.5, "drift", "turn"), "schema"),
        (_set("vip", "drift", "worth_tier"), "schema"),
        (_set(1, "boundaries", "hgih"), "schema"),  # misspelt: not passed over
        (_set("", "id"), "identity"),
        (_set("yesterday", "from"), "time"),
        (_set("yesterday", "occurred_at"), "time"),
        (_set("EUR", "currency"), "currency"),
    ],
)
def test_what_nobody_could_be_judged_by_is_refused(change: Callable[[dict[str, Any]], None], reason: str) -> None:
    told = changed(MODEL, change)
    assert (told.reason if isinstance(told, Refusal) else "taken") == reason


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("orders_scale", 0.0),
        ("orders_scale", -0.5),
        ("chance_scale", 0.0),
        ("orders_shift", 1e3),
        ("chance_scale", None),
    ],
)
def test_a_correction_that_would_rise_in_silence_or_overflow_is_refused(name: str, number: float | None) -> None:
    assert isinstance(changed(CORRECTED, _set(number, "model", "correction", name)), Refusal)


def test_a_model_of_before_there_were_corrections_is_read_without_one() -> None:
    assert changed(CORRECTED, _without("model", "correction")) == MODEL._replace(
        parameters=CORRECTED.parameters._replace(correction=NO_CORRECTION) if CORRECTED.parameters else None
    )


def test_infinity_and_nan_are_no_json_and_are_never_written() -> None:
    for name in ("NaN", "Infinity", "1e999"):
        value = write_terms(MODEL, "USD").replace(b"3000.0", name.encode())
        assert isinstance(read(value), Refusal)
    endless = BOUNDS._replace(enter=(-inf, -inf, 0.0, 30_00.0, inf))
    with pytest.raises((RefusedError, ValueError)):
        write_terms(BOUNDARY._replace(rules=endless), "USD")


def test_one_made_more_than_a_day_ahead_is_from_the_future() -> None:
    told = decode(COMMANDS, write_terms(BOUNDARY, "USD"), (), RULES, BOUNDARY.made_us - 2 * DAY_US)
    assert isinstance(told, Refusal)
    assert told.reason == "future"


async def test_every_partition_gets_one_copy_without_a_key() -> None:
    heard: list[Message] = []

    async def publish(messages: Sequence[Message]) -> None:
        heard.extend(messages)

    await publish_copies(publish, Topics("x."), 4, "USD", BOUNDARY)
    assert [(m.topic, m.partition, m.key) for m in heard] == [("x.commands", n, None) for n in range(4)]
    assert {read(m.value or b"") for m in heard} == {BOUNDARY}


@pytest.mark.parametrize("version", [BOUNDARY, MODEL, CORRECTED, SYNLEAD])
def test_what_is_written_fits_the_published_schema(version: Versioned) -> None:
    jsonschema.validate(
        json.loads(write_terms(version, "USD")), schema(TermsVersioned), jsonschema.Draft202012Validator
    )

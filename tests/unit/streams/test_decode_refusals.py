"""Each kind of bad input has its reason, and of several the first in a fixed order is named."""

import pytest

from streams.events.decode import DecodeRules
from streams.events.refusals import Reason
from tests.support.values import ABSENT, LEAST, ORDER, ORDER_US, event, fact, order, packed, reason, told

HUGE = "x" * 10_000_000
ROOMY = DecodeRules(max_event_bytes=20_000_000)
DAY_US = 86_400_000_000


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b" ",
        b"hello",
        b"{",
        b"[1,",
        b"\x00",
        b"\x00" * 100,
        order() + b"\x00",
        order() + b"x",
        b"\xef\xbb\xbf" + order(),
        b"\xff\xfe{",
        order().replace(b"ada", b"\xff"),
        order().replace(b"ada", b"a\x00a"),
        order(note="x").replace(b'"x"', b'"\xff"'),
        order(note="x").replace(b'"x"', b'"\xed\xa0\x80"'),
        order(amount=float("nan")),
        order(amount=float("inf")),
        order(note=float("nan")),
        order(id=5)[:-1],
        order()[:-1] + b',"amount":01}',
    ],
)
def test_what_is_not_json_in_utf_8_is_not_json(value: bytes | None) -> None:
    assert reason(value) == "not_json"


@pytest.mark.parametrize("depth", [5_000, 200_000])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_json_nested_without_end_is_refused_and_does_not_crash(depth: int, opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    nested = (opening * depth + "1" + closing * depth).encode()

    for value in (
        nested,
        *(order(**{field: 1}).replace(b": 1}", b":" + nested + b"}") for field in ("note", "amount")),
    ):
        assert reason(value, rules=ROOMY) == "not_json"


@pytest.mark.parametrize("value", [b"[]", b"3", b"null", b'"x"', b"{}", packed({"a": 1}), packed({"type": None})])
def test_what_is_no_object_or_has_no_type_breaks_the_schema(value: bytes) -> None:
    assert reason(value) == "schema"


@pytest.mark.parametrize("field", list(ORDER))
@pytest.mark.parametrize("wrong", [ABSENT, None, True, [], {}, [1]])
def test_a_field_that_must_be_there_and_is_not_or_is_of_a_wrong_type(field: str, wrong: object) -> None:
    assert reason(order(**{field: wrong})) == "schema"


@pytest.mark.parametrize("field", [field for field in ORDER if field != "amount"])
def test_a_number_is_no_text(field: str) -> None:
    assert reason(order(**{field: 5})) == "schema"


@pytest.mark.parametrize(
    "wrong",
    [
        {"cost": True},
        {"cost": [1]},
        {"discount": {}},
        {"currency": 840},
        {"channel": 1},
        {"revision": -1},
        {"revision": "1"},
        {"revision": 1.5},
        {"revision": 2**64},
        {"lines": {}},
        {"lines": ["x"]},
        {"lines": [{"sku": 1}]},
        {"lines": [{"quantity": -1}]},
        {"lines": [{"quantity": "1"}]},
        {"lines": [{"amount": True}]},
        {"lines": [{"cost": []}]},
    ],
)
def test_an_optional_field_of_a_wrong_type_breaks_the_schema(wrong: dict[str, object]) -> None:
    assert reason(order(**wrong)) == "schema"


@pytest.mark.parametrize(
    "name", ["order.paid", "", "ORDER.PLACED", "order.placed ", "x" * 1_000, "tier.changed", "\x00"]
)
def test_an_unknown_type_is_a_reason_of_its_own(name: str) -> None:
    assert reason(order(type=name)) == "type"
    assert reason(packed({"type": name})) == "type"


@pytest.mark.parametrize("bad", ["", "x" * 129, HUGE, "a\x00b", "a\nb", "\x7f", "a\x85b", "\ud800", "a\udfff"])
@pytest.mark.parametrize("field", ["id", "customer_id", "order_id"])
def test_an_id_that_is_empty_too_long_or_not_text(field: str, bad: str) -> None:
    assert reason(order(**{field: bad}), rules=ROOMY) == "identity"


@pytest.mark.parametrize("good", ["x" * 128, "é" * 128, "😀", "a b", "\u00a0", "\u200b", '"', "\\ud800"])
def test_any_other_text_is_an_id(good: str) -> None:
    assert fact(order(customer_id=good)).customer_id == good.encode()


def test_a_lone_surrogate_that_is_in_no_id_breaks_the_schema() -> None:
    assert reason(order(channel="\ud800")) == "schema"
    assert reason(order(channel="\ud800", customer_id="\ud83d\ude00", place="\\ud800")) == "schema"


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert fact(order(customer_id="\ud83d\ude00", channel="\ud83d\ude00")).customer_id == "😀".encode()


@pytest.mark.parametrize(
    "text", ["", "now", "2024-03-05", "2024-03-05T10:11:12", "1969-12-31T00:00:00Z", "2024-02-30T00:00:00Z"]
)
def test_a_time_that_is_naive_before_1970_or_none(text: str) -> None:
    assert reason(order(occurred_at=text)) == "time"


def test_more_than_a_day_ahead_is_the_future_in_live_time_only() -> None:
    assert reason(order(), wall_us=ORDER_US - DAY_US - 1) == "future"
    assert fact(order()).at_us == ORDER_US


@pytest.mark.parametrize(
    "amount",
    ["NaN", "-1", "-0.01", -1, -0.01, "", "x", "1e5", 1e13, "10000000000.01", "45.901", 45.901, 10**400, "9" * 5_000],
)
def test_money_that_is_negative_absurd_over_precise_or_none(amount: object) -> None:
    assert reason(order(amount=amount)) == "money"
    assert reason(order(cost=amount)) == "money"
    assert reason(order(discount=amount)) == "money"
    assert reason(order(lines=[{"amount": "1"}, {"amount": amount}])) == "money"


def test_an_integer_of_thousands_of_digits_is_money_too() -> None:
    assert reason(order(amount=1).replace(b'"amount": 1', b'"amount": ' + b"9" * 5_000)) == "money"
    assert reason(order(revision=1).replace(b'"revision": 1', b'"revision": ' + b"9" * 5_000)) == "schema"


def test_a_refund_of_nothing_is_refused_and_its_cost_may_be_nothing() -> None:
    assert reason(event("order.refunded", amount="0.00")) == "money"
    assert fact(event("order.refunded", cost=0)).cost == 0


def test_a_record_of_5_mb_is_too_large() -> None:
    assert reason(order(note="x" * 5_000_000)) == "too_large"
    assert reason(b"\xff" * 5_000_000) == "too_large"


def test_the_limit_of_size_is_inclusive() -> None:
    assert fact(order(), rules=DecodeRules(max_event_bytes=len(order())))
    assert reason(order(), rules=DecodeRules(max_event_bytes=len(order()) - 1)) == "too_large"


@pytest.mark.parametrize(
    ("type_", "wrong"),
    [
        ("interaction.suggestion", {"worth": "low"}),
        ("interaction.complaint", {"complaint_id": ABSENT}),
        ("interaction.complaint", {"severity": 0}),
        ("interaction.complaint_resolved", {"severity": 6}),
        ("interaction.rating", {"score": 0}),
        ("interaction.rating", {"score": 6}),
        ("interaction.rating", {"score": 4.5}),
        ("interaction.rating", {"about": "weather"}),
        ("interaction.contact", {"direction": "up"}),
        ("interaction.contact", {"channel": ABSENT}),
        ("interaction.opportunity", {"probability": 1.01}),
        ("interaction.opportunity", {"probability": -0.01}),
        ("interaction.opportunity", {"probability": "0.5"}),
        ("interaction.opportunity", {"state": "maybe"}),
        ("interaction.service", {"attitude": 101}),
        ("interaction.service", {"solved": -1}),
        ("interaction.service", {"professional": None}),
        ("interaction.service", {"on_time": "yes"}),
        ("interaction.declared_spend", {"per": "week"}),
        ("interaction.declared_spend", {"category": None}),
        ("interaction.arrears", {"amount": ABSENT}),
        ("customer.profile", {"attributes": []}),
        ("customer.profile", {"attributes": {"a": {}}}),
        ("customer.profile", {"attributes": {"a": None}}),
        ("customer.consent", {"granted": "yes"}),
        ("customer.blacklisted", {"blacklisted": 1}),
        ("customer.merged", {"other_id": ABSENT}),
        ("customer.corrected", {"margin": ABSENT}),
    ],
)
def test_each_type_holds_to_its_fields(type_: str, wrong: dict[str, object]) -> None:
    assert reason(event(type_, **wrong)) == "schema"


@pytest.mark.parametrize(
    ("type_", "field"),
    [
        ("order.refunded", "refund_id"),
        ("order.refunded", "order_id"),
        ("order.cancelled", "order_id"),
        ("interaction.complaint", "complaint_id"),
        ("interaction.rating", "order_id"),
        ("interaction.opportunity", "opportunity_id"),
        ("interaction.service", "staff_id"),
        ("customer.merged", "other_id"),
        *((type_, "id") for type_ in LEAST),
        *((type_, "customer_id") for type_ in LEAST),
    ],
)
def test_every_id_is_looked_at(type_: str, field: str) -> None:
    assert reason(event(type_, **{field: ""})) == "identity"


@pytest.mark.parametrize(
    ("type_", "field"),
    [
        ("interaction.contact", "cost"),
        ("interaction.opportunity", "amount"),
        ("interaction.declared_spend", "amount"),
        ("interaction.arrears", "amount"),
        ("customer.corrected", "expense"),
        ("order.refunded", "cost"),
    ],
)
def test_every_amount_is_looked_at(type_: str, field: str) -> None:
    assert reason(event(type_, **{field: "-1"})) == "money"
    assert reason(event(type_, currency="XXX", **{field: "1"})) == "currency"


def test_of_several_wrongs_the_first_of_a_fixed_order_is_named() -> None:
    wrongs: list[tuple[Reason, dict[str, object]]] = [
        (Reason.MONEY, {"amount": "-1"}),
        (Reason.CURRENCY, {"currency": "XXX"}),
        (Reason.FUTURE, {"occurred_at": "2999-01-01T00:00:00Z"}),
        (Reason.TIME, {"occurred_at": "x"}),
        (Reason.IDENTITY, {"order_id": "\ud800"}),
        (Reason.TYPE, {"type": "x"}),
        (Reason.SCHEMA, {"type": 5}),
    ]
    fields: dict[str, object] = {}
    for expected, wrong in wrongs:
        fields |= wrong
        assert reason(order(**fields), wall_us=ORDER_US) == expected
    assert reason(order(**fields)[:-1], wall_us=ORDER_US) == Reason.NOT_JSON
    assert [r for r in Reason if r not in (Reason.TOO_LARGE, Reason.NOT_JSON, Reason.LEDGER)] == [
        Reason.SCHEMA,
        Reason.TYPE,
        *(r for r, _ in reversed(wrongs) if r not in (Reason.SCHEMA, Reason.TYPE)),
    ]


def test_a_known_type_with_wrong_fields_is_told_as_schema_before_its_ids_and_amounts() -> None:
    assert reason(order(id="", amount="-1", channel=5)) == "schema"
    assert reason(order(id="", cost=True)) == "schema"
    assert reason(order(id="\ud800", channel=5)) == "schema"


def test_messages_stay_short_whatever_came() -> None:
    refusals = [told(order(type="x" * 100_000)), told(order(amount="1" * 100_000)), told(order(id="x" * 100_000))]

    assert all(len(str(refusal[1])) < 200 for refusal in refusals)

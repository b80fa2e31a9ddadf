"""Plain orders read by compiled code: whatever it takes, decode takes, and both make the same of it."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scoring.layout import EVENT
from streams.events.batch import read_batch
from streams.events.columns import columns
from streams.events.decode import decode
from streams.events.facts import DecodeRules, Fact
from streams.events.plain.batch import read_plain
from tests.support.pipelines import Line
from tests.support.shop_log import as_bytes, shop_log

RULES = (
    DecodeRules(),
    DecodeRules(currency="JPY", default_margin=Decimal("0.3")),
    DecodeRules(currency="KWD", default_margin=Decimal("1.25"), max_event_bytes=180),
)
WALL_US = 1_710_000_000_000_000  # 2024-03-09

TEXTS = st.sampled_from(
    ["a", "c-1", "x" * 128, "x" * 129, "", " ", "é", "\u00a0", 'q"', "back\\slash", "\x7f", "tab\t"]
)
AMOUNTS = [
    "0",
    "45.90",
    "45.9",
    "45.901",
    "045.90",
    "45.",
    ".5",
    "-1.00",
    "1e3",
    "",
    "1" * 19,
    "10000000000.00",
    "4,5",
    "٤.00",
]
INSTANTS = [
    "2024-03-05T10:00:00Z",
    "2024-02-29T23:59:59Z",
    "2023-02-29T00:00:00Z",
    "1900-01-01T00:00:00Z",
    "1970-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "2100-02-29T00:00:00Z",
    "2016-12-31T23:59:60Z",
    "2024-03-05t10:00:00z",
    "2024-03-05T10:00:00+01:00",
    "2024-03-05T10:00:00.250Z",
    "2024-03-05T10:00:00.1234567-23:59",
    "1970-01-01T00:00:00.5+00:01",
    "2024-03-05T10:00:00.Z",
    "2024-03-05T10:00:00+24:00",
    "2024-03-05T10:00:00+0100",
    "2024-03-05T10:00:00.25",
    "2024-03-05T10:00:00",
    "2024-13-05T10:00:00Z",
    "2024-00-10T10:00:00Z",
    "2024-03-05T24:00:00Z",
    "2024-03-05T10:60:00Z",
    "2024-3-05T10:00:00Zx",
    "2024-03-10T10:00:00Z",
    "2999-03-10T10:00:00Z",
]
MONEY: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(AMOUNTS),
    st.integers(-1, 10**13),
    st.decimals(min_value=-1, max_value=10**11, places=3).map(float),
    st.sampled_from([None, True, 0.5, 1e300, [], {}]),
)
TIMES = st.one_of(
    st.sampled_from(INSTANTS),
    st.datetimes().map(lambda t: t.isoformat() + "Z"),
    st.datetimes(timezones=st.timezones()).map(lambda t: t.isoformat()),
)
ANYTHING: st.SearchStrategy[Any] = st.one_of(MONEY, TEXTS, TIMES)
USUAL: dict[str, st.SearchStrategy[Any]] = {
    "id": st.just("e1"),
    "type": st.sampled_from(["order.placed", "order.refunded", "order.cancelled"]),
    "customer_id": st.sampled_from(["c1", "c2"]),
    "occurred_at": st.just("2024-03-05T10:00:00Z"),
    "order_id": st.sampled_from(["o1", "o2"]),
    "refund_id": st.just("r1"),
    "amount": st.sampled_from(["45.90", "45", 45]),
}
ODD: dict[str, st.SearchStrategy[Any]] = {
    "id": TEXTS,
    "type": st.sampled_from(["order.placed", "order.refunded", "order.cancelled", "interaction.visit", "nothing", 1]),
    "customer_id": TEXTS,
    "occurred_at": TIMES,
    "order_id": st.one_of(TEXTS, st.none(), st.integers(0, 3)),
    "refund_id": st.one_of(TEXTS, st.none()),
    "amount": MONEY,
    "cost": MONEY,
    "discount": MONEY,
    "currency": st.sampled_from(["USD", "JPY", "KWD", "EUR", "usd", "", None, 1]),
    "revision": st.one_of(st.integers(-1, 3), st.sampled_from([2**53, 2**53 + 1, 1.0, "1", None, True])),
    "channel": st.one_of(TEXTS, st.sampled_from([None, 1, True])),
    "place": st.sampled_from([None, "here", False]),
    "promotion": st.sampled_from([None, "spring", 7]),
    "lines": st.sampled_from([None, [], [{"sku": "s", "amount": "1.00"}], "x"]),
    "other": ANYTHING,
}


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """JSON of an order that is odd in a few places: in values, spacing, order of fields, repeated fields, stray bytes."""
    fields = [(name, draw(value)) for name, value in USUAL.items()]
    odd = draw(st.lists(st.sampled_from(sorted(ODD)), max_size=3))
    fields += [(name, draw(ODD[name])) for name in odd]
    if draw(st.booleans()):
        fields = list(dict(fields).items())
    fields = draw(st.permutations(fields))
    blank = draw(st.sampled_from(["", "", " ", "\t", "\n \r", "\u000b"]))
    ascii_only = draw(st.booleans())
    parts = [f"{json.dumps(name)}{blank}:{json.dumps(value, ensure_ascii=ascii_only)}" for name, value in fields]
    text = ("{" + blank + f",{blank}".join(parts) + blank + "}").encode()
    if draw(st.integers(0, 3)) == 0 and text:
        at, new = draw(st.integers(0, len(text) - 1)), draw(st.binary(max_size=2))
        text = text[:at] + new + text[at + draw(st.integers(0, 2)) :]
    return text


@settings(max_examples=600, deadline=None)
@given(st.lists(texts(), min_size=1, max_size=4), st.sampled_from(RULES), st.sampled_from([None, WALL_US]))
@example(
    [b'{"id":"e","type":"order.placed","customer_id":"c","occurred_at":"2024-03-05T10:00:00Z","order_id":"o",'],
    RULES[0],
    None,
)
@example([b'{"amount":1.00', b',"id":"e"}'], RULES[0], None)
def test_what_is_read_in_one_pass_is_what_decode_and_columns_make_of_it(
    values: Sequence[bytes], rules: DecodeRules, wall_us: int | None
) -> None:
    read = read_plain(values, rules, wall_us)
    for i in np.flatnonzero(read.plain).tolist():
        told = decode("orders", values[i], (), rules, wall_us)
        assert isinstance(told, Fact), f"{values[i]!r} was read, and decode says {told}"
        assert read.events[i].tobytes() == columns([told])[0].tobytes()
        start, end, id_start, id_end = read.ids[i].tolist()
        assert (read.raw[start:end], read.raw[id_start:id_end].decode()) == (told.customer_id, told.id)


@pytest.mark.parametrize("rules", RULES[:2])
def test_so_it_is_with_one_oddity_at_a_time(rules: DecodeRules) -> None:
    usual = dict.fromkeys(("id", "customer_id", "order_id", "refund_id"), "x") | {
        "type": "order.refunded",
        "occurred_at": INSTANTS[0],
        "amount": "45",
    }
    odd = [usual | {"amount": amount} for amount in AMOUNTS] + [usual | {"occurred_at": at} for at in INSTANTS]
    values = [json.dumps(event).encode() for event in odd]
    told = [decode("orders", value, (), rules, None) for value in values]
    read = read_plain(values, rules, None)
    assert read.plain.any()
    for i in np.flatnonzero(read.plain).tolist():
        fact = told[i]
        assert isinstance(fact, Fact), values[i]
        assert read.events[i].tobytes() == columns([fact])[0].tobytes(), values[i]


@pytest.mark.parametrize("blank", ["", " "])
def test_the_orders_of_a_shop_are_plain(blank: str) -> None:
    log = shop_log(500, 40)
    values = [json.dumps(event, separators=(f",{blank}", f":{blank}")).encode() for event in log]
    assert read_plain(values, RULES[0], None).plain.all()


def test_a_batch_holds_plain_orders_and_all_others_as_if_each_had_been_decoded_by_itself() -> None:
    visit = {"id": "v", "type": "interaction.visit", "customer_id": "Zoë", "occurred_at": "2024-03-05T10:00:00+01:00"}
    placed = {
        "customer_id": "c9",
        "type": "order.placed",
        "order_id": "o",
        "amount": 5,
        "id": "h",
        "occurred_at": "2024-03-05T10:00:00Z",
    }
    values = [
        *map(as_bytes, shop_log(5, 3)),
        json.dumps(visit).encode(),
        b"no event",
        None,
        json.dumps(placed).encode(),
    ]
    headers = {len(values) - 1: [("ce_specversion", b"1.0"), ("ce_id", b"h")]}
    lines = [("orders", Line(value, None, i, headers.get(i, ()))) for i, value in enumerate(values)]
    batch = read_batch(lines, RULES[0], None)
    told = [decode(topic, line.value, line.headers, RULES[0], None) for topic, line in lines]
    facts = {i: fact for i, fact in enumerate(told) if isinstance(fact, Fact)}
    assert batch.at.tolist() == list(facts) == [0, 1, 2, 3, 4, 5, 8]
    assert batch.events[batch.at].tobytes() == columns(list(facts.values())).tobytes()
    assert batch.events.dtype == EVENT
    assert [batch.customer_id(i) for i in facts] == [fact.customer_id for fact in facts.values()]
    assert batch.caused(batch.at) == [(fact.kind, fact.id) for fact in facts.values()]
    assert {i: batch.told[i] for i in (5, 6, 7, 8)} == {i: told[i] for i in (5, 6, 7, 8)}

"""Records that are no events: a good order, spoilt in one way each, and the reason that its dead letter must carry.

And records that look odd and are events all the same.
"""

import json
from collections.abc import Callable
from typing import Any

from tests.soak.records import Message, message
from tests.support.shop_log import Event

LIMIT_BYTES = 16_384  # EBBTIDE_MAX_EVENT_BYTES of the worker that reads them: large enough for deep nesting
DEEP = 5_000  # levels
ABSENT = object()


Spoil = Callable[[Event], Message]


def _bytes(reason: str, change: Callable[[bytes], bytes | None]) -> Spoil:
    return lambda event: message(event)._replace(value=change(json.dumps(event).encode()), reason=reason)


def _fields(reason: str, **changed: Any) -> Spoil:
    def spoil(event: Event) -> Message:
        fields = {name: value for name, value in (event | changed).items() if value is not ABSENT}
        return message(event)._replace(value=json.dumps(fields).encode(), reason=reason)

    return spoil


def _headers(reason: str | None, *headers: tuple[str, bytes | None]) -> Spoil:
    return lambda event: message(event)._replace(headers=headers, reason=reason)


def _amount(digits: bytes) -> Callable[[bytes], bytes]:
    return lambda value: value[:-1] + b', "amount": ' + digits + b"}"


KINDS: dict[str, Spoil] = {
    "tombstone": _bytes("not_json", lambda _: None),
    "empty": _bytes("not_json", lambda _: b""),
    "a word": _bytes("not_json", lambda _: b"hello"),
    "cut off": _bytes("not_json", lambda value: value[: len(value) // 2]),
    "more behind it": _bytes("not_json", lambda value: value + b"}"),
    "byte order mark": _bytes("not_json", lambda value: b"\xef\xbb\xbf" + value),
    "no UTF-8": _bytes("not_json", lambda value: value.replace(b"customer-", b"customer\xff")),
    "no UTF-8 in a field nobody reads": _bytes("not_json", lambda value: value[:-1] + b', "note": "\xed\xa0\x80"}'),
    "no number": _fields("not_json", amount=float("nan")),
    "arrays in arrays": _bytes("not_json", lambda _: b"[" * DEEP + b"]" * DEEP),
    "objects in objects": _bytes("not_json", lambda _: b'{"a":' * (DEEP // 2) + b"1" + b"}" * (DEEP // 2)),
    "an array": _bytes("schema", lambda value: b"[" + value + b"]"),
    "null": _bytes("schema", lambda _: b"null"),
    "no type": _fields("schema", type=ABSENT),
    "no customer": _fields("schema", customer_id=ABSENT),
    "no amount": _fields("schema", amount=ABSENT),
    "an amount of a wrong type": _fields("schema", amount=[1]),
    "an id that is a number": _fields("schema", id=5),
    "a revision below 0": _fields("schema", revision=-1),
    "half a character": _fields("schema", channel="\ud800"),
    "a revision of 3,000 digits": _bytes("schema", lambda value: value[:-1] + b', "revision": ' + b"9" * 3_000 + b"}"),
    "a header that contradicts": _headers("schema", ("ce_type", b"order.cancelled")),
    "one header, two values": _headers("schema", ("ce_id", b"a"), ("ce_id", b"b")),
    "a header that is no text": _headers("schema", ("ce_id", b"\xff")),
    "a header without a value": _headers("schema", ("content-type", None)),
    "CloudEvents of another version": _headers("schema", ("ce_specversion", b"0.3")),
    "a batch of CloudEvents": _headers("schema", ("content-type", b"application/cloudevents-batch+json")),
    "structured without an envelope": _headers("schema", ("content-type", b"application/cloudevents+json")),
    "an unknown type": _fields("type", type="order.paid"),
    "a change of tier come back": _fields("type", type="tier.changed"),
    "a type of 10,000 characters": _fields("type", type="x" * 10_000),
    "an empty id": _fields("identity", order_id=""),
    "an id of 129 characters": _fields("identity", order_id="o" * 129),
    "a customer with a control character": _fields("identity", customer_id="a\nb"),
    "half a character in an id": _fields("identity", id="\udc00"),
    "a time without a zone": _fields("time", occurred_at="2024-03-05T10:11:12"),
    "a day that never was": _fields("time", occurred_at="2024-02-30T00:00:00Z"),
    "before 1970": _fields("time", occurred_at="1969-12-31T23:59:59Z"),
    "the future": _fields("future", occurred_at="2999-01-01T00:00:00Z"),
    "no currency of this world": _fields("currency", currency="ZZZ"),
    "a currency without a rate": _fields("currency", currency="EUR"),
    "a negative amount": _fields("money", amount="-0.01"),
    "too many decimals": _fields("money", amount="1.005"),
    "too much money": _fields("money", amount="10000000000.01"),
    "an amount of 3,000 digits": _bytes("money", _amount(b"9" * 3_000)),
    "an amount of 400 zeros": _bytes("money", _amount(b"1e400")),
    "too large": _fields("too_large", note="x" * LIMIT_BYTES),
}

HARMLESS: dict[str, Spoil] = {
    "no key": lambda event: message(event)._replace(key=None),
    "another key": lambda event: message(event)._replace(key=b"somebody else"),
    "a key that is no text": lambda event: message(event)._replace(key=b"\xff\x00"),
    "headers that say nothing": _headers(None, ("trace", b"\xff" * 100), ("", b""), ("x", None)),
    "binary CloudEvents": lambda event: message(event)._replace(
        headers=(("ce_specversion", b"1.0"), ("ce_id", event["id"].encode()))
    ),
    "a field nobody knows": lambda event: message(event | {"note": "x" * 5_000}),
}

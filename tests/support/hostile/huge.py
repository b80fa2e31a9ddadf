"""Large values, each a megabyte or more of what costs parsers time or memory."""

import json

from tests.support.values import ORDER

_BEFORE = json.dumps(ORDER)[:-1].encode() + b', "x": '
LINE = b'{"sku": "s", "category": "c", "quantity": 1, "amount": "1.00", "cost": "0.50"}'


def _with(value: bytes) -> bytes:
    return _BEFORE + value + b"}"


def _order(name: str, value: bytes) -> bytes:
    return json.dumps({key: told for key, told in ORDER.items() if key != name})[:-1].encode() + b', "%s": %s}' % (
        name.encode(),
        value,
    )


HUGE: dict[str, bytes] = {
    "nested lists": _with(b"[" * 100_000 + b"]" * 100_000),
    "nested lists without an end": _with(b"[" * 1_000_000),
    "nested objects": _with(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "digits": _with(b"9" * 1_000_000),
    "an amount of digits": _order("amount", b"9" * 1_000_000),
    "an amount of digits after the point": _order("amount", b"0." + b"0" * 1_000_000),
    "an amount as a text of digits": _order("amount", b'"' + b"9" * 1_000_000 + b'"'),
    "a revision of digits": _order("revision", b"9" * 1_000_000),
    "an exponent of digits": _order("amount", b"1e" + b"9" * 1_000_000),
    "digits, again and again": _with(b"[" + b",".join([b"9" * 299 + b"e"] * 3_000) + b"]"),
    "lines": _order("lines", b"[" + b",".join([LINE] * 100_000) + b"]"),
    "fields": b"{" + b",".join(b'"f%d": %d' % (i, i) for i in range(100_000)) + b"}",
    "one field, told again and again": _with(b"1" + b', "order_id": "o1"' * 60_000),
    "half characters": _with(b'"' + b"\\ud800" * 200_000 + b'"'),
    "backslashes": _with(b'"' + b"\\\\" * 500_000 + b'"'),
    "a name": _order("customer_id", b'"' + b"x" * 1_000_000 + b'"'),
    "a name of another script": _order("customer_id", b'"' + "é".encode() * 500_000 + b'"'),
    "blanks": b" " * 1_000_000 + json.dumps(ORDER).encode(),
    "noughts": b"\x00" * 1_000_000,
    "a time": _order("occurred_at", b'"2024-03-05T10:11:12.' + b"0" * 1_000_000 + b'Z"'),
    "attributes": json.dumps(
        {**ORDER, "type": "customer.profile", "attributes": {f"a{i}": i for i in range(60_000)}}
    ).encode(),
    "a type without an end": json.dumps({**ORDER, "type": "x" * 1_000_000}).encode(),
    "a word that is none of the known": json.dumps(
        {**ORDER, "type": "interaction.suggestion", "worth": "x" * 1_000_000}
    ).encode(),
    "base64": json.dumps({"specversion": "1.0", "id": "e", "data_base64": "e30K" * 250_000}).encode(),
}

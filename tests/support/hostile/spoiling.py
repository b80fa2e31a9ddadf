"""Good bytes, spoilt: flipped, cut, repeated, mixed with others, or with something in them that parsers trip over."""

import random
from collections.abc import Callable, Sequence

TOKENS = (
    b"NaN",
    b"-Infinity",
    b"1e999999999",
    b"-0",
    b"9" * 400,
    b"0." + b"0" * 400 + b"1",
    b"1E-400",
    b"18446744073709551616",
    b"\\ud800",
    b"\\udc00\\ud800",
    b"\\u0000",
    b"\\",
    b'"',
    b"\xed\xa0\x80",
    b"\xff\xfe",
    b"\x00",
    b"[" * 2_000,
    b'{"a":' * 300,
    b"}" * 20,
    b'"type":"order.placed",',
    b'"amount":null,',
    b'"id":"\xf0\x9f\x92\xa9",',
    b'"occurred_at":"9999-12-31T23:59:60+23:59",',
    b",",
    b"\x80" * 12,
    b"\x91" * 5_000,
    b"\xdd\xff\xff\xff\xff",
    b"\xdb\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff\xff\xff\xff\xff",
)


def spoilt(data: bytes, chance: random.Random, others: Sequence[bytes] = ()) -> bytes:
    """With one to four things done to it."""
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(WAYS)(data, chance, others)
    return data


def _flipped(data: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def _replaced(data: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + chance.choice((b"\x00", b"\xff", b"\x80", chance.randbytes(1))) + data[at + 1 :]


def _cut(data: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] if chance.random() < 0.7 else data[at:]


def _without(data: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    first, last = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
    return data[:first] + data[last:]


def _repeated(data: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    first, last = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
    return data[:last] + data[first:last] * chance.choice((1, 1, 1, 50)) + data[last:]


def _with_token(data: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(TOKENS) + data[at + chance.choice((0, 0, 1, 4)) :]


def _with_noise(data: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.randbytes(chance.randint(1, 16)) + data[at:]


def _crossed(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    if not others:
        return data
    other = chance.choice(others)
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


WAYS: tuple[Callable[[bytes, random.Random, Sequence[bytes]], bytes], ...] = (
    _flipped,
    _flipped,
    _replaced,
    _cut,
    _without,
    _repeated,
    _with_token,
    _with_token,
    _with_noise,
    _crossed,
)

"""How a head and an outbox entry look inside Redis: MessagePack. Sequence and index stand outside, for the scripts."""

from collections.abc import Sequence

import msgspec

from state.errors import StateError
from state.store import Census, Entry, Head


class _Head(msgspec.Struct, array_like=True):
    offsets: dict[str, int]
    clock_us: int
    counters: dict[str, int]
    swept: int = 0


class _Entry(msgspec.Struct, array_like=True):
    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


_encode = msgspec.msgpack.Encoder().encode
_decode_head = msgspec.msgpack.Decoder(_Head).decode
_decode_census = msgspec.msgpack.Decoder(Census).decode
_decode_entry = msgspec.msgpack.Decoder(_Entry).decode


def encode_head(head: Head) -> bytes:
    """All of a head but its sequence and its versions: every commit writes this, and those seldom change."""
    return _encode(_Head(dict(head.offsets), head.clock_us, dict(head.counters), head.swept))


def decode_head(sequence: int, packed: bytes, versions: bytes = b"") -> Head:
    """The head of a bucket; nothing packed is a bucket that was acquired and never committed."""
    if not packed:
        return Head(sequence, {}, 0, {})
    try:
        head = _decode_head(packed)
    except msgspec.DecodeError as error:
        raise StateError(f"A bucket's head in Redis is not one of ours ({error}): is the namespace shared?") from error
    return Head(sequence, head.offsets, head.clock_us, head.counters, head.swept, versions)


def encode_census(census: Census) -> bytes:
    """A part of a census."""
    return _encode(census)


def decode_census(packed: bytes) -> Census:
    """The same back."""
    return _decode_census(packed)


def encode_entries(sequence: int, entries: Sequence[Entry]) -> list[bytes]:
    """Each entry, all but its sequence and index, which must be those that the stream will give it."""
    for index, entry in enumerate(entries):
        if entry.sequence != sequence or entry.index != index:
            raise StateError(f"Entry {index} of commit {sequence} is numbered {entry.sequence}-{entry.index}.")
    return [_encode((entry.topic, entry.key, entry.value, entry.headers)) for entry in entries]


def decode_entry(stream_id: bytes, packed: bytes) -> Entry:
    """An entry as the outbox holds it."""
    sequence, _, index = stream_id.partition(b"-")
    entry = _decode_entry(packed)
    return Entry(int(sequence), int(index), entry.topic, entry.key, entry.value, entry.headers)

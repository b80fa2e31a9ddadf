"""How a head, an outbox entry and a census look inside Redis: MessagePack and a seal. Sequence and index stand outside, for
the scripts.

A head begins with the layout of its bucket, so that a release that is too old for it takes nothing of it; whatever comes,
this stays so. Heads and entries of layout 1 had no seal, and are known by their first byte; censuses and versions it had none.
A release that knows no other layout refuses ours for the seal's.
"""

from collections.abc import Sequence
from typing import Annotated, TypeAlias

import msgspec

from scoring.errors import newer
from scoring.layout import LAYOUT
from state.errors import StateError
from state.keys import LAST_EXACT_US
from state.sealed import UNREADABLE, opened, sealed
from state.store import Census, Entry, Head

HEAD_1 = b"\x93"  # MessagePack's list of three: positions, clock, counters
ENTRY_1 = b"\x94"  # a list of four, as it still is behind the seal

Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class _Marked(msgspec.Struct, array_like=True):
    layout: Count


class _Head(msgspec.Struct, array_like=True):
    layout: Count
    offsets: dict[str, Count]
    clock_us: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
    counters: dict[str, Count]
    swept: Count = 0


class _Entry(msgspec.Struct, array_like=True):
    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


_encode = msgspec.msgpack.Encoder().encode
_decode_marked = msgspec.msgpack.Decoder(_Marked).decode
_decode_head = msgspec.msgpack.Decoder(_Head).decode
_decode_census = msgspec.msgpack.Decoder(Census).decode
_decode_entry = msgspec.msgpack.Decoder(_Entry).decode
_decode_list = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode


def encode_head(head: Head) -> bytes:
    """All of a head but its sequence and its versions: every commit writes this, and those seldom change."""
    return sealed(_encode(_Head(LAYOUT, dict(head.offsets), head.clock_us, dict(head.counters), head.swept)))


def decode_head(sequence: bytes | int, packed: bytes, versions: bytes = b"", key: str = "a head") -> Head:
    """The head of a bucket; nothing packed is a bucket that was acquired and never committed. Raises StateError."""
    try:
        number = int(sequence)
        if not packed:
            return Head(number, {}, 0, {})
        head = _of_layout_1(packed) if packed.startswith(HEAD_1) else _decoded(opened(packed))
    except UNREADABLE as error:
        raise StateError(
            f"{key} in Redis is damaged, or not one of ours: is the namespace shared? It is left as it is: see "
            f"docs/operations.md ({error})"
        ) from error
    return Head(number, head.offsets, head.clock_us, head.counters, head.swept, versions)


def _of_layout_1(packed: bytes) -> _Head:
    return _decode_head(_encode([1, *_decode_list(packed)]))


def _decoded(packed: bytes) -> _Head:
    layout = _decode_marked(packed).layout
    if layout > LAYOUT:
        raise StateError(newer(layout))
    return _decode_head(packed)


def encode_census(census: Census) -> bytes:
    """A part of a census."""
    return sealed(_encode(census))


def decode_census(packed: bytes) -> Census | None:
    """The same back; None where it is damaged, because it is then counted again."""
    try:
        return _decode_census(opened(packed))
    except UNREADABLE:
        return None


def encode_entries(sequence: int, entries: Sequence[Entry]) -> list[bytes]:
    """Each entry, all but its sequence and index, which must be those that the stream will give it."""
    for index, entry in enumerate(entries):
        if entry.sequence != sequence or entry.index != index:
            raise StateError(f"Entry {index} of commit {sequence} is numbered {entry.sequence}-{entry.index}.")
    return [sealed(_encode((entry.topic, entry.key, entry.value, entry.headers))) for entry in entries]


def decode_entry(stream_id: bytes, packed: bytes, key: str = "an outbox") -> Entry:
    """An entry as the outbox holds it. Raises StateError."""
    try:
        sequence, _, index = stream_id.partition(b"-")
        entry = _decode_entry(packed if packed.startswith(ENTRY_1) else opened(packed))
        return Entry(int(sequence), int(index), entry.topic, entry.key, entry.value, entry.headers)
    except UNREADABLE as error:
        raise StateError(
            f"Entry {stream_id.decode(errors='replace')} of {key} in Redis is damaged. It is left as it is: see "
            f"docs/operations.md ({error})"
        ) from error


def decode_score(told: bytes) -> int:
    """A deadline in microseconds, as the due index has it: we write whole numbers, a hand or a fault any that there is."""
    return int(max(-LAST_EXACT_US, min(float(told), LAST_EXACT_US)))

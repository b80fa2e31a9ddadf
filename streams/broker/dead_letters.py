"""A refused record as a dead letter: its bytes as they came, and in the headers why and from where."""

from collections.abc import Sequence

from streams.broker.publishing import Message
from streams.config import DEAD_LETTERS, Topics
from streams.events.text import time_text
from streams.work import Dead

ORIGINAL = "original."  # before the names of the headers that the record came with


def dead_letter(dead: Dead, topics: Topics) -> Message:
    """The record for the topic of dead letters; two tellings of the same refusal have the same position."""
    record = dead.record
    headers = [
        ("reason", str(dead.refusal.reason).encode()),
        ("message", dead.refusal.message.encode(errors="replace")),
        ("topic", topics.full(dead.topic).encode()),
        ("partition", str(dead.partition).encode()),
        ("offset", str(record.offset).encode()),
        ("time", time_text(record.timestamp * 1000).encode()),
    ]
    headers += [(ORIGINAL + name, value) for name, value in record.headers]
    return Message(topics.full(DEAD_LETTERS), dead.partition, record.key, record.value, headers)


def shortened(letter: Message, size: int) -> Message:
    """For a broker that does not take a letter whole: the beginnings of it in `size` bytes, and how long they were.

    Value, key and the headers that the record came with are cut; what we say of it in headers stays.
    """
    key = letter.key and letter.key[: size // 4]
    said = [header for header in letter.headers if not header[0].startswith(ORIGINAL)]
    came = [header for header in letter.headers if header[0].startswith(ORIGINAL)]
    kept = _first(came, size // 4)
    value = letter.value and letter.value[: size - len(key or b"") - _bytes(kept)]
    cuts = (
        ("shortened-from", len(letter.value or b""), len(value or b"")),
        ("shortened-key-from", len(letter.key or b""), len(key or b"")),
        ("shortened-headers-from", _bytes(came), _bytes(kept)),
    )
    said += [(name, str(before).encode()) for name, before, after in cuts if after < before]
    return letter._replace(key=key, value=value, headers=[*said, *kept])


def _first(headers: Sequence[tuple[str, bytes]], size: int) -> list[tuple[str, bytes]]:
    """As many headers as the size holds, the last of them cut."""
    kept: list[tuple[str, bytes]] = []
    for name, value in headers:
        size -= len(name.encode())
        if size < 0:
            break
        kept.append((name, value and value[:size]))  # Kafka has headers without a value
        size -= len(value or b"")
    return kept


def _bytes(headers: Sequence[tuple[str, bytes]]) -> int:
    return sum(len(name.encode()) + len(value or b"") for name, value in headers)

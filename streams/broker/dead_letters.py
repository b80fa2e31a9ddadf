"""A refused record as a dead letter: its bytes as they came, and in the headers why and from where."""

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


def shortened(letter: Message, keep: int) -> Message:
    """For a broker that does not take a letter of this size: the beginning of it, and how long it was."""
    value = letter.value or b""
    return letter._replace(value=value[:keep], headers=[*letter.headers, ("shortened-from", str(len(value)).encode())])

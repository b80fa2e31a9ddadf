"""A history over and over: each round shifted by whole days behind the one before, as new events of the same customers."""

from collections.abc import Iterator
from typing import Any

from msgspec import DecodeError, json

from scoring.layout import DAY_US
from streams.events.text import time_text
from streams.history.reading import History
from streams.history.sources.source import Record

IDS = ("id", "order_id", "refund_id", "complaint_id", "opportunity_id")


def rounds(history: History, until_us: int) -> Iterator[tuple[int, Record]]:
    """Every record with its instant, round after round, up to `until_us`: after that the worker would refuse it.

    The first round is the records as they are. Later rounds hold the bare events only, their ids marked with the round.
    """
    if not history.records:
        return
    span_us = int(history.at_us[-1] - history.at_us[0]) // DAY_US * DAY_US + DAY_US
    yield from zip(history.at_us.tolist(), history.as_read(), strict=True)
    number = 1
    while history.at_us[0] + number * span_us <= until_us:
        for at_us, record in zip(history.at_us.tolist(), history.as_read(), strict=True):
            shifted_us = at_us + number * span_us
            if shifted_us > until_us:
                return
            value = shifted(record, shifted_us, number)
            if value is not None:
                yield shifted_us, record._replace(value=value)
        number += 1


def shifted(record: Record, at_us: int, number: int) -> bytes | None:
    """The event at another time under ids of its own; None where it is no bare event."""
    try:
        event: Any = json.decode(record.value)
    except (DecodeError, UnicodeDecodeError):
        return None
    if record.key is None or record.headers or not isinstance(event, dict):
        return None
    marked = {name: f"{event[name]}~{number}" for name in IDS if isinstance(event.get(name), str)}
    return json.encode(event | marked | {"occurred_at": time_text(at_us)})

"""JSON Lines: an event a line, bare or structured CloudEvents, sent as it stands, malformed lines included."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from streams.history.sources.lines import Lines
from streams.history.sources.source import Record, topic_of

STRUCTURED = (("content-type", b"application/cloudevents+json"),)


class Data(msgspec.Struct):
    """What a structured event says about its customer."""

    customer_id: str | None = None


class Peek(msgspec.Struct):
    """The little of a line that says where it goes; the worker judges the rest."""

    type: str = ""
    customer_id: str | None = None
    specversion: str | None = None
    subject: str | None = None
    data: Data | None = None


class JsonLines:
    """Every line that is not blank is one record."""

    def __init__(self, path: Path) -> None:
        self.currency: str | None = None
        self.skipped: Counter[str] = Counter()
        self._lines = Lines(path)

    def records(self) -> Iterator[Record]:
        """A line that is no event goes to `orders` without a key, and ends in dead-letters."""
        peek = msgspec.json.Decoder(Peek).decode
        for line in self._lines:
            value = line.strip()
            if not value:
                continue
            try:
                seen = peek(value)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                yield Record("orders", None, value)
                continue
            customer = seen.customer_id
            if customer is None and seen.specversion is not None:
                customer = (seen.data and seen.data.customer_id) or seen.subject
            key = None if customer is None else customer.encode("utf-8", "surrogatepass")
            headers = () if seen.specversion is None else STRUCTURED
            yield Record(topic_of(seen.type), key, value, headers)

    def share(self) -> float:
        """How far the latest reading is."""
        return self._lines.share()

"""What a source of events promises: records one after another, the same ones every time it is read."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from streams.errors import SourceError

NO_HEADERS: tuple[tuple[str, bytes], ...] = ()


class Record(NamedTuple):
    """One event as a topic would carry it."""

    topic: str  # without prefix
    key: bytes | None  # the customer id; None where the value does not tell
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = NO_HEADERS


class Source(Protocol):
    """One file. Reading it twice gives the same records, so that sending it twice gives duplicates."""

    currency: str | None  # the currency of every amount, where the kind of file fixes it
    skipped: Counter[str]  # rows left out on purpose, by reason, so far

    def records(self) -> Iterator[Record]:
        """The events in the file's order. Raises SourceError."""

    def share(self) -> float:
        """How much of the file the latest reading is through, 0 to 1."""


def topic_of(event_type: str) -> str:
    """The input topic that carries events of this type."""
    return "orders" if event_type.startswith("order.") else "interactions"


def require_file(path: Path) -> int:
    """The file's size, or an error that says what is wrong with it."""
    try:
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise SourceError(f"{path}: no such file. Check the path.") from error
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}. Check the path.") from error
    if path.is_dir():
        raise SourceError(f"{path} is a folder. Name a .jsonl, .csv or .parquet file in it.")
    if size == 0:
        raise SourceError(f"{path} is empty: there are no events in it.")
    return size

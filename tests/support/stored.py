"""What releases of the past left in Redis (tests/fixtures/make_state.py made it), put back into one."""

import gzip
import json
from base64 import b64decode
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import msgpack
from redis import Redis

from scoring.layout import DAY_US
from streams.config import INTERACTIONS, ORDERS
from streams.work import Slice
from tests.support.pipelines import Line, lines

FIXTURES = Path(__file__).parents[1] / "fixtures"


class Stored(NamedTuple):
    """A state, and the log of which it holds the `first` events."""

    made_by: str  # commit
    settings: dict[str, str]
    first: int
    log: list[dict[str, Any]]
    stored: dict[str, Any]  # key -> type and content

    @property
    def namespace(self) -> str:
        return self.settings["EBBTIDE_NAMESPACE"]

    @property
    def fold_after_us(self) -> int:
        return int(self.settings["EBBTIDE_FOLD_AFTER_DAYS"]) * DAY_US

    def ledgers(self) -> dict[str, bytes]:
        """By customer, as they are stored."""
        kinds = [(key, content) for key, (_, content) in self.stored.items() if key.endswith(":states")]
        return {b64decode(who).decode(): b64decode(blob) for _, pairs in kinds for who, blob in pairs}

    def untold(self) -> list[tuple[str, bytes, bytes, list[list[Any]]]]:
        """What lies in the outboxes: topic, key, value, headers; as layout 1 wrote it."""
        entries = [fields for kind, content in self.stored.values() if kind == "stream" for _, fields in content]
        return [tuple(msgpack.decode(b64decode(packed))) for _, packed in entries]

    def batches(self, size: int) -> list[list[Slice]]:
        """All of the log, as a worker of one partition reads it: some events of each topic at a time."""
        topics = {INTERACTIONS: self._lines("interaction.", "customer."), ORDERS: self._lines("order.")}
        batches = []
        for begin in range(0, len(self.log), size):
            part = {id(event) for event in self.log[begin : begin + size]}
            batches.append([Slice(name, [line for who, line in of if who in part]) for name, of in topics.items()])
        return batches

    def _lines(self, *kinds: str) -> list[tuple[int, Line]]:
        events = [event for event in self.log if event["type"].startswith(kinds)]
        return list(zip(map(id, events), lines(events), strict=True))


def stored_state(layout: int) -> Stored:
    """The fixture of a layout."""
    return Stored(**json.loads(gzip.decompress((FIXTURES / f"state-layout-{layout}.json.gz").read_bytes())))


def restore(client: "Redis", state: Stored) -> None:
    """Let the server hold it, and nothing else under its namespace."""
    if before := list(client.scan_iter(f"{state.namespace}:*")):
        client.delete(*before)
    for key, (kind, content) in state.stored.items():
        if kind == "hash":
            client.hset(key, mapping={b64decode(name): b64decode(value) for name, value in content})
        elif kind == "zset":
            client.zadd(key, {b64decode(name): score for name, score in content})
        elif kind == "string":
            client.set(key, b64decode(content))
        for entry, fields in content if kind == "stream" else ():
            parts = [b64decode(part) for part in fields]
            client.xadd(key, dict(zip(parts[::2], parts[1::2], strict=True)), b64decode(entry))

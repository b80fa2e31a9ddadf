"""Rows into events: columns are named as the contract's fields, or mapped to them.

A row without a type is an `order.placed`; one without an id gets one from its number and its content, so that two equal
rows are two events, and the same file, whatever its name, gives the same ids again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from streams.errors import SourceError
from streams.events.types import EVENTS
from streams.history.sources.source import Record, topic_of


def plan(path: object, columns: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """Which column feeds which field. Raises SourceError where a column is unknown or a needed one is missing."""
    there = ", ".join(columns)
    chosen: dict[str, int] = {name: at for at, name in enumerate(columns) if name in FIELDS}
    for field, column in mapping.items():
        if field not in FIELDS:
            raise SourceError(
                f"--map {field}={column}: events have no field {field}; fields: {', '.join(sorted(FIELDS))}."
            )
        if column not in columns:
            raise SourceError(f"--map {field}={column}: {path} has no column {column}; its columns: {there}.")
        chosen[field] = columns.index(column)
    needed = ("customer_id", "occurred_at") if "type" in chosen else ("customer_id", "occurred_at", "amount")
    for field in needed:
        if field not in chosen:
            raise SourceError(
                f"{path} has no column {field}; say which is: --map {field}=COLUMN. Its columns: {there}."
            )
    return chosen


def events(rows: Iterable[Sequence[Any]], chosen: Mapping[str, int]) -> Iterator[Record]:
    """One record a row."""
    encode = msgspec.json.Encoder().encode
    cells = [(field, at, FIELDS[field]) for field, at in chosen.items()]
    for number, row in enumerate(rows, 1):
        event = {}
        for field, at, read in cells:
            cell = row[at]
            if cell is not None and cell != "":
                event[field] = read(cell)
        kind = event.setdefault("type", "order.placed")
        if "id" not in event or (kind == "order.placed" and "order_id" not in event):
            identify(event, number, row)
        customer = event.get("customer_id")
        yield Record(topic_of(kind), None if customer is None else customer.encode(), encode(event))


def identify(event: dict[str, Any], number: int, row: Sequence[Any]) -> None:
    """Name a row that names itself not, or not wholly."""
    digest = blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    name = event.setdefault("id", f"row-{number}-{digest}")
    if event["type"] == "order.placed":
        event.setdefault("order_id", name)


def text(cell: Any) -> str:
    """An id or a name. Whole floats lose their point: data frames turn ids into floats where some are missing."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell if isinstance(cell, str) else str(cell)


def instant(cell: Any) -> str:
    """A time; a date alone is its midnight, in the zone that naive times are in."""
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, date):
        return f"{cell.isoformat()}T00:00:00"
    written = str(cell)
    return f"{written}T00:00:00" if len(written) == 10 else written.replace(" ", "T", 1)


def money(cell: Any) -> Any:
    """Text stays text, to the last decimal."""
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, float) and cell - cell != 0.0:  # NaN and infinities have no JSON
        return str(cell)
    return cell


def number(cell: Any) -> Any:
    """A JSON number, where it is one."""
    if not isinstance(cell, str):
        return cell
    try:
        return int(cell)
    except ValueError:
        try:
            return float(cell)
        except ValueError:
            return cell


def flag(cell: Any) -> Any:
    """true and false in the ways people write them."""
    if isinstance(cell, str):
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(cell.lower(), cell)
    return cell


def nested(cell: Any) -> Any:
    """A list or an object, written as JSON where cells are text."""
    if not isinstance(cell, str):
        return cell
    try:
        return msgspec.json.decode(cell)
    except msgspec.DecodeError:
        return cell


def _reader(hint: Any) -> Callable[[Any], Any]:
    """How the cells of a field are read, from the type that the field has in its event."""
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    if Any in kinds:
        return money
    if bool in kinds:
        return flag
    if int in kinds or float in kinds:
        return number
    return text if str in kinds or get_origin(kinds[0]) is Literal else nested


def _fields() -> dict[str, Callable[[Any], Any]]:
    """Every field that an event of any type has, and how its cells are read."""
    fields: dict[str, Callable[[Any], Any]] = {"type": text}
    for event in EVENTS:
        fields |= {name: _reader(hint) for name, hint in get_type_hints(event).items()}
    return fields | {"occurred_at": instant}


FIELDS = _fields()

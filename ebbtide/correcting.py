"""A person's corrections of forecast periods as events: built, and looked at as a worker would before any is sent."""

import csv
import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from ebbtide.errors import WrongUsage
from streams.config import COMMANDS
from streams.events.decode import decode
from streams.events.facts import DecodeRules, Fact
from streams.history.sources.source import Record

COLUMNS = ("customer_id", "period", "margin", "expense")


class Correction(NamedTuple):
    """Of one customer and period; margin is a share, expense in major units. At least one of the two is told."""

    customer_id: str
    period: str
    margin: str | None = None
    expense: str | None = None


def read_corrections(path: Path) -> Iterator[tuple[str, Correction]]:
    """Each row of a CSV file with COLUMNS, and where it stands. An empty cell is not told. Raises WrongUsage."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            named = set(rows.fieldnames or ())
            if not {"customer_id", "period"} <= named or not {"margin", "expense"} & named:
                raise WrongUsage(f"{path}: its columns must be {', '.join(COLUMNS)}; of the last two one is enough.")
            for row in rows:
                cells = {name: (row.get(name) or "").strip() or None for name in COLUMNS}
                where = f"{path}, line {rows.line_num}"
                yield (
                    where,
                    Correction(cells["customer_id"] or "", cells["period"] or "", cells["margin"], cells["expense"]),
                )
    except OSError as error:
        raise WrongUsage(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise WrongUsage(f"{path} is no CSV file: {error}") from None


def event_of(where: str, told: Correction, at: str, rules: DecodeRules) -> Record:
    """The correction for `commands`, keyed by its customer. `at` in RFC 3339. Raises WrongUsage with what is wrong."""
    if told.margin is not None and _number(told.margin) > 1:
        raise WrongUsage(f"{where}: margin {told.margin} is a share of the amount: 0.3 is 30%.")
    event = {
        "type": "customer.corrected",
        "id": f"correct-{uuid4()}",
        "customer_id": told.customer_id,
        "occurred_at": at,
        "period": told.period,
        "currency": rules.currency if told.expense is not None else None,
        "margin": told.margin,
        "expense": told.expense,
    }
    value = json.dumps({name: word for name, word in event.items() if word is not None}, ensure_ascii=False).encode()
    fact = decode(COMMANDS, value, (), rules, None)
    if not isinstance(fact, Fact):
        raise WrongUsage(f"{where}: {getattr(fact, 'message', 'no correction')}.")
    return Record(COMMANDS, fact.customer_id, value)


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return Decimal(0)  # decode says what is wrong with it
    return number if number.is_finite() else Decimal(0)

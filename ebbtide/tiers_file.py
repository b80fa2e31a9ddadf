"""Reads tiers.toml: where a customer enters and leaves a tier."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from math import inf
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from ebbtide.errors import WrongUsage
from scoring.layout import DAY_US, Rules

TABLES = ("low", "middle", "high")
KEYS = ("enter", "leave")
MOST = Decimal(10) ** 12  # minor units, as for any money


class Tiers(NamedTuple):
    """The boundaries, and a short digest of them that names this version in every tier change."""

    rules: Rules
    version: str


def read_tiers(path: Path | None, decimals: int) -> Tiers:
    """The tiers of a file, or the packaged ones; `decimals` is how many the reporting currency has."""
    if path is None:
        return parse_tiers(files("ebbtide").joinpath("tiers.toml").read_text("utf-8"), decimals, "tiers.toml")
    try:
        return parse_tiers(path.read_text("utf-8"), decimals, str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsage(f"EBBTIDE_TIERS={path} cannot be read: {error}") from None


def parse_tiers(text: str, decimals: int, name: str) -> Tiers:
    """Check everything about the text; an error names the file, the line and the reason."""
    return _Reader(text, decimals, name).tiers()


class _Reader:
    """One text being read, so that an error can say where."""

    def __init__(self, text: str, decimals: int, name: str) -> None:
        self.text = text
        self.decimals = decimals
        self.name = name

    def tiers(self) -> Tiers:
        try:
            content = tomllib.loads(self.text, parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            raise WrongUsage(f"{self.name}: {error}") from None
        self._only(content, {"min_stay_days", *TABLES}, "")
        min_stay_us = self._min_stay_us(content)
        enter, leave = ([self._minor(content, table, key) for table in TABLES] for key in KEYS)
        for i, table in enumerate(TABLES):
            if leave[i] > enter[i]:
                self._refuse(table, "leave", f"is above enter: who enters {table} would leave it at once")
            if i and enter[i] <= enter[i - 1]:
                self._refuse(table, "enter", f"must be above enter of {TABLES[i - 1]}")
            if i and leave[i] < leave[i - 1]:
                self._refuse(table, "leave", f"must not be below leave of {TABLES[i - 1]}")
        rules = Rules(
            (-inf, -inf, float(enter[0]), float(enter[1]), float(enter[2])),
            (-inf, -inf, float(leave[0]), float(leave[1]), float(leave[2])),
            min_stay_us,
        )
        return Tiers(rules, hashlib.sha256(repr(rules).encode()).hexdigest()[:12])

    def _min_stay_us(self, content: Mapping[str, Any]) -> int:
        days = content.get("min_stay_days", 0)
        if not _is_number(days) or not 0 <= days <= 3650:
            self._refuse("", "min_stay_days", "must be a number of days from 0 to 3650")
        return int(days * DAY_US)

    def _minor(self, content: Mapping[str, Any], table: str, key: str) -> int:
        values = content.get(table)
        if not isinstance(values, dict) or key not in values:
            self._refuse(table, "", f"needs [{table}] with enter and leave")
        self._only(values, set(KEYS), table)
        amount = values[key]
        if not _is_number(amount):
            self._refuse(table, key, "must be an amount of money")
        minor = Decimal(amount).scaleb(self.decimals)
        if abs(minor) > MOST or minor != int(minor):
            self._refuse(
                table, key, f"must be an amount with at most {self.decimals} decimals, up to 10^12 minor units"
            )
        return int(minor)

    def _only(self, values: Mapping[str, Any], known: set[str], table: str) -> None:
        for key in values:
            if key not in known:
                self._refuse(table, key, f"is not known here; known: {', '.join(sorted(known))}")

    def _refuse(self, table: str, key: str, reason: str) -> NoReturn:
        raise WrongUsage(f"{self.name}, line {self._line(table, key)}: {key} {reason}".replace(":  ", ": "))

    def _line(self, table: str, key: str) -> int:
        """Where the key stands, else its table, else the first line."""
        inside, found = "", 1
        for number, line in enumerate(self.text.splitlines(), 1):
            if header := re.match(r"\s*\[\s*(\w+)\s*\]", line):
                inside = header[1]
                if inside in (table, key):
                    found = number
            elif inside == table and key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                return number
        return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite()

"""A TOML file of ours being read: whatever is wrong in it is told in one line with file, line and reason."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NoReturn

from ebbtide.errors import WrongUsage

MOST = Decimal(10) ** 12  # minor units, as for any money
TOP = ""  # the table of the keys above the first header


class TomlFile:
    """One text, so that an error can say where. Tables and keys are named as in the text; TOP is the table above all."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name
        try:
            self._content = tomllib.loads(text, parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            raise WrongUsage(f"{name}: {error}. The file is no TOML: mend it there.") from None

    def __contains__(self, table: str) -> bool:
        return table in self._content

    def table(self, table: str) -> Mapping[str, Any]:
        """The keys of a table; none where it is missing."""
        values = self._content if table == TOP else self._content.get(table, {})
        if not isinstance(values, dict):
            self.refuse(TOP, table, f"must be a table: [{table}]")
        return values

    def only(self, table: str, known: Sequence[str]) -> None:
        """Refuse every key that is not among these."""
        for key in self.table(table):
            if key not in known:
                self.refuse(table, key, f"is not known here; known: {', '.join(sorted(known))}")

    def number(self, table: str, key: str, least: float, most: float, default: float, what: str = "a number") -> float:
        """A number between two."""
        value = self.table(table).get(key)
        if value is None:
            return default
        if not is_number(value) or not least <= value <= most:
            self.refuse(table, key, f"must be {what} from {least:g} to {most:g}")
        return float(value)

    def choice(self, table: str, key: str, among: Sequence[str]) -> str | None:
        """One of these words; None where the key is missing."""
        value = self.table(table).get(key)
        if value is not None and value not in among:
            self.refuse(table, key, f"must be one of: {', '.join(among)}")
        return value

    def text(self, table: str, key: str, most: int) -> str | None:
        """Some printable characters; None where the key is missing."""
        value = self.table(table).get(key)
        if value is not None and not (
            isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) <= most
        ):
            self.refuse(table, key, f"must be a text of 1 to {most} printable characters")
        return value

    def minor(self, table: str, key: str, decimals: int) -> int | None:
        """An amount of money in minor units; None where the key is missing. `decimals` is how many the currency has."""
        amount = self.table(table).get(key)
        if amount is None:
            return None
        if not is_number(amount):
            self.refuse(table, key, "must be an amount of money")
        minor = Decimal(amount).scaleb(decimals)
        if abs(minor) > MOST or minor != int(minor):
            self.refuse(table, key, f"must be an amount with at most {decimals} decimals, up to 10^12 minor units")
        return int(minor)

    def refuse(self, table: str, key: str, reason: str) -> NoReturn:
        """Say what is wrong, and where."""
        where = f"{self._name}, line {self._line(table, key)}"
        raise WrongUsage(f"{where}: {key} {reason}" if key else f"{where}: {reason}")

    def _line(self, table: str, key: str) -> int:
        """Where the key stands, else its table, else the first line."""
        inside, found = TOP, 1
        for number, line in enumerate(self._text.splitlines(), 1):
            if header := re.match(r"\s*\[\s*(\w+)\s*\]", line):
                inside = header[1]
                if inside in (table, key):
                    found = number
            elif inside == table and key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line):
                return number
        return found


def is_number(value: object) -> bool:
    """Whether a value of a TOML file is a number that can be reckoned with."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite()

"""Reads segments.toml: which RFM cells a segment holds. The first that holds a cell has it."""

from collections.abc import Sequence
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import NamedTuple

from ebbtide.errors import WrongUsage
from ebbtide.toml_file import TOP, TomlFile

FIFTHS = range(1, 6)
AXES = ("recency", "frequency", "monetary")
Cell = tuple[int, ...]  # recency, frequency, monetary, 1 to 5 each


class Segments(NamedTuple):
    """The names in the file's order, and the name of each of the 125 cells."""

    names: tuple[str, ...]
    of_cell: dict[Cell, str]

    def of(self, cell: Sequence[int]) -> str | None:
        """The segment of a customer's scores; None for 0-0-0, who has no order."""
        return self.of_cell.get(tuple(cell))


def read_segments(path: Path | None) -> Segments:
    """The segments of a file, or the packaged ones."""
    if path is None:
        return parse_segments(files("ebbtide").joinpath("segments.toml").read_text("utf-8"), "segments.toml")
    try:
        return parse_segments(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsage(f"EBBTIDE_SEGMENTS={path} cannot be read: {error}") from None


def parse_segments(text: str, name: str) -> Segments:
    """Check everything about the text; an error names the file, the line and the reason."""
    file = TomlFile(text, name)
    tables = list(file.table(TOP))
    of_cell: dict[Cell, str] = {}
    for table in tables:
        file.only(table, AXES)
        cells = set(product(*(_range(file, table, axis) for axis in AXES)))
        if not cells - of_cell.keys():
            file.refuse(table, "", f"[{table}] holds no cell that a segment above it does not hold already")
        of_cell = dict.fromkeys(cells, table) | of_cell
    for cell in product(FIFTHS, repeat=3):
        if cell not in of_cell:
            last = tables[-1] if tables else TOP
            shown = "-".join(map(str, cell))
            left = 125 - len(of_cell)
            file.refuse(
                last,
                "",
                f"after this, {left} of the 125 cells have no segment; the first is {shown} ({', '.join(AXES)})",
            )
    return Segments(tuple(tables), of_cell)


def _range(file: TomlFile, table: str, axis: str) -> range:
    given = file.table(table).get(axis, [FIFTHS[0], FIFTHS[-1]])
    ends = given if isinstance(given, list) else [given, given]
    if len(ends) != 2 or not all(type(end) is int and end in FIFTHS for end in ends):
        file.refuse(table, axis, "must be a fifth from 1 to 5, or two of them such as [4, 5]")
    least, most = ends
    if least > most:
        file.refuse(table, axis, f"must go upwards: [{most}, {least}]")
    return range(least, most + 1)

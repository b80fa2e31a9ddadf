"""CSV: a header line that names the columns, then an event a line; plain or gzipped, UTF-8."""

import csv
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from streams.errors import SourceError
from streams.history.sources.lines import Lines
from streams.history.sources.mapping import events, plan
from streams.history.sources.source import Record


class CsvRows:
    """The rows of a CSV file as lists of text, its header apart."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines = Lines(path)
        self.header = next(self._parsed(), [])
        if not any(self.header):
            raise SourceError(f"{path} has no header line. Its first line must name the columns.")

    def __iter__(self) -> Iterator[Sequence[str]]:
        width = len(self.header)
        with closing(self._parsed()) as rows:  # an error would keep the file open for as long as its traceback lives
            next(rows)
            for number, row in enumerate(rows, 2):
                if len(row) == width:
                    yield row
                elif row:
                    cells = f"{len(row)} cells under a header of {width}"
                    raise SourceError(f"{self._path}, row {number}: {cells}. Quote cells that hold commas.")

    def share(self) -> float:
        """How far the latest reading is."""
        return self._lines.share()

    def _parsed(self) -> Generator[list[str], None, None]:
        try:
            with closing(iter(self._lines)) as lines:
                yield from csv.reader((line.decode() for line in lines), strict=True)
        except UnicodeDecodeError as error:
            raise SourceError(f"{self._path} is not UTF-8 ({error.reason}). Convert it: iconv -t UTF-8.") from error
        except csv.Error as error:
            raise SourceError(f"{self._path} is no CSV file: {error}.") from error


class CsvFile:
    """Columns named as event fields, or mapped."""

    def __init__(self, path: Path, mapping: Mapping[str, str]) -> None:
        self.currency: str | None = None
        self.skipped: Counter[str] = Counter()
        self._rows = CsvRows(path)
        self._plan = plan(path, self._rows.header, mapping)

    def records(self) -> Iterator[Record]:
        """A record a row."""
        return events(self._rows, self._plan)

    def share(self) -> float:
        """How far the latest reading is."""
        return self._rows.share()

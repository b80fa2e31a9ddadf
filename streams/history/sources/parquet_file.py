"""Parquet: columns named as event fields, or mapped; an event a row."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from streams.errors import SourceError
from streams.history.sources.mapping import events, plan
from streams.history.sources.source import Record, require_file


def open_parquet(path: Path) -> pq.ParquetFile:
    """The file, or an error that says what is wrong with it."""
    require_file(path)
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{path} is no Parquet file, or not a whole one.") from error


class ParquetFile:
    """Read in batches, so that memory does not grow with the file."""

    def __init__(self, path: Path, mapping: Mapping[str, str]) -> None:
        self.currency: str | None = None
        self.skipped: Counter[str] = Counter()
        self._path = path
        with open_parquet(path) as file:
            self._total: int = file.metadata.num_rows
            self._plan = plan(path, file.schema_arrow.names, mapping)
            self._columns = file.schema_arrow.names
        self._seen = 0

    def records(self) -> Iterator[Record]:
        """A record a row."""
        return events(self._rows(), self._plan)

    def share(self) -> float:
        """Rows read of rows there are."""
        return self._seen / max(1, self._total)

    def _rows(self) -> Iterator[Sequence[Any]]:
        used = sorted(set(self._plan.values()))
        self._seen = 0
        with open_parquet(self._path) as file:
            try:
                for batch in file.iter_batches(batch_size=20_000, columns=[self._columns[at] for at in used]):
                    cells: list[Any] = [[None] * len(batch)] * len(self._columns)
                    for at, column in zip(used, batch.columns, strict=True):
                        cells[at] = in_microseconds(column).to_pylist()
                    yield from zip(*cells, strict=True)
                    self._seen += len(batch)
            except pa.ArrowException as error:
                raise SourceError(f"{self._path} cannot be read: {str(error).splitlines()[0]}.") from error


def in_microseconds(column: Any) -> Any:
    """Times in the precision that Python has; pandas writes nanoseconds."""
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        return column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return column

"""Which source reads a file: by its name's ending, or by the adapter that was asked for."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from streams.errors import SourceError
from streams.history.sources.cdnow import Cdnow
from streams.history.sources.csv_file import CsvFile
from streams.history.sources.jsonl import JsonLines
from streams.history.sources.parquet_file import ParquetFile
from streams.history.sources.source import Source, require_file
from streams.history.sources.uci import Uci

ADAPTERS: dict[str, Callable[[Path], Source]] = {"cdnow": Cdnow, "uci": Uci}


def open_source(path: Path, adapter: str | None = None, mapping: Mapping[str, str] | None = None) -> Source:
    """The source for a file. Raises SourceError, in one line that says what to do."""
    require_file(path)  # before anything about its name
    mapping = mapping or {}
    if adapter is not None:
        if adapter not in ADAPTERS:
            raise SourceError(f"--from {adapter}: no such adapter. There are: {', '.join(ADAPTERS)}.")
        if mapping:
            raise SourceError(f"--map has no meaning with --from {adapter}: the adapter knows its columns.")
        return ADAPTERS[adapter](path)
    match Path(path.name.removesuffix(".gz")).suffix:
        case ".jsonl" | ".ndjson":
            if mapping:
                raise SourceError("--map is for .csv and .parquet files: lines of JSON name their fields themselves.")
            return JsonLines(path)
        case ".csv":
            return CsvFile(path, mapping)
        case ".parquet":
            return ParquetFile(path, mapping)
    raise SourceError(
        f"{path} is neither .jsonl, .csv nor .parquet. For files of another shape: --from {' | '.join(ADAPTERS)}."
    )


def parse_mapping(pairs: Sequence[str]) -> dict[str, str]:
    """`field=column` arguments as a mapping."""
    mapping = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not (field and equals and column):
            raise SourceError(f"--map {pair}: write it as field=column, for example --map amount=dollars.")
        mapping[field] = column
    return mapping

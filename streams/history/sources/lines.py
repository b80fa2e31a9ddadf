"""Reading a file by lines, plain or gzipped, knowing how far one is."""

import gzip
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO, cast

from streams.errors import SourceError
from streams.history.sources.source import require_file

BOM = b"\xef\xbb\xbf"


class Lines:
    """The lines of a file, as bytes. `share` follows the bytes read from the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = require_file(path)
        self._raw: BinaryIO | None = None
        self._share = 0.0

    def __iter__(self) -> Generator[bytes, None, None]:
        try:
            with self._path.open("rb") as raw:
                self._raw = raw
                plain = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if self._path.suffix == ".gz" else raw
                first = True
                for line in plain:
                    yield line.removeprefix(BOM) if first else line
                    first = False
        except (OSError, EOFError) as error:
            raise SourceError(f"{self._path} cannot be read: {error}. Is the file whole?") from error
        finally:
            self._raw, self._share = None, 1.0

    def share(self) -> float:
        """Bytes read of bytes there are."""
        if self._raw is not None:
            self._share = self._raw.tell() / self._size
        return self._share

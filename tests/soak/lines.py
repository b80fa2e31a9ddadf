"""A file of JSON lines, to which whoever writes may die: a line that was cut short is passed over, and spoils no other."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any


def add(fields: Mapping[str, Any], file: Path) -> None:
    """One line more."""
    file.parent.mkdir(exist_ok=True)
    with file.open("a+b") as lines:
        lines.seek(max(0, lines.tell() - 1))
        begin = b"" if lines.read() in (b"", b"\n") else b"\n"  # behind one that was cut short
        lines.write(begin + json.dumps(fields).encode() + b"\n")


def lines_of(file: Path) -> list[dict[str, Any]]:
    """All there are, if there is such a file."""
    found = []
    for line in file.read_bytes().splitlines() if file.exists() else ():
        with suppress(ValueError):
            found.append(json.loads(line))
    return found

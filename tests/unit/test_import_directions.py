"""Imports go one way: ebbtide -> serving, care, streams -> state -> scoring."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {  # room -> rooms
    "scoring": set[str](),
    "state": {"scoring"},
    "streams": {"scoring", "state"},
    "care": {"scoring", "state"},
    "serving": {"scoring", "state"},
    "ebbtide": {"scoring", "state", "streams", "care", "serving"},
}
# no clock, no network
PURE = {"numpy", "scipy", "numba", "math", "re", "typing", "collections", "enum", "functools", "scoring"}


def imports_of(file: Path) -> Iterator[tuple[int, str]]:
    """Line and top-level package of every import, those inside functions included."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno} imports relatively"
            yield node.lineno, (node.module or "").partition(".")[0]


def breaches(room: str, allowed: set[str], among: set[str] | None = None) -> list[str]:
    """Imports of a room that are not allowed; of everything, or only `among` these packages."""
    return [
        f"{file.relative_to(ROOT)}:{line} imports {package}"
        for file in sorted((ROOT / room).rglob("*.py"))
        for line, package in imports_of(file)
        if package not in allowed and (among is None or package in among)
    ]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_rooms_below_it(room: str) -> None:
    assert breaches(room, MAY_IMPORT[room] | {room}, set(MAY_IMPORT) | {"tests", "benchmarks"}) == []


def test_the_core_imports_nothing_that_knows_time_or_network() -> None:
    assert breaches("scoring", PURE) == []


def test_an_import_inside_a_function_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "room.py"
    file.write_text("def f():\n    from streams.clock import wall_us\n    return wall_us()\n")
    assert list(imports_of(file)) == [(2, "streams")]

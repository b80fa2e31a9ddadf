"""What was found so far, a line of JSON each, so that a soak that was stopped goes on where it was."""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.soak.scenario import Found

ROOT = Path(__file__).parents[2]
FILE = ROOT / ".soak" / "results.jsonl"


@dataclass(frozen=True)
class Tree:
    """What is soaked. Results of a tree with changes that are not committed say nothing of any other."""

    commit: str
    dirty: bool


@dataclass(frozen=True)
class Result:
    """How one scenario ended."""

    scenario: str
    short: bool
    seed: int
    on: str  # which broker and Redis
    commit: str
    dirty: bool
    at: str  # RFC 3339
    seconds: float
    found: Found | None  # None: it broke, or took too long
    error: str = ""
    left_out: bool = False  # it cannot be run on this machine: `error` says why

    @property
    def clean(self) -> bool:
        """Nothing was found."""
        return self.found is not None and self.found.clean

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self) | {"found": None if self.found is None else self.found._asdict()}


def tree() -> Tree:
    """The commit that is checked out, and whether files differ from it."""
    commit = _git("rev-parse", "--short=12", "HEAD")
    return Tree(commit or "unknown", not commit or bool(_git("status", "--porcelain")))


def append(result: Result, file: Path = FILE) -> None:
    """Keep it."""
    file.parent.mkdir(exist_ok=True)
    with file.open("a") as lines:
        lines.write(json.dumps(result.as_json()) + "\n")


def read(file: Path = FILE) -> list[Result]:
    """All there are, the newest last; a line that was cut short is left out."""
    if not file.exists():
        return []
    return [_result(line) for line in file.read_text().splitlines() if line.endswith("}")]


def had(results: Iterable[Result], of: Tree, short: bool) -> dict[str, Result]:
    """By scenario, what is known of this very tree at this scale."""
    if of.dirty:
        return {}
    return {r.scenario: r for r in results if (r.commit, r.dirty, r.short) == (of.commit, False, short)}


def _result(line: str) -> Result:
    fields = json.loads(line)
    return Result(**fields | {"found": fields["found"] and Found(**fields["found"])})


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip()

"""What was found so far, a line of JSON each, so that a soak that was stopped goes on where it was."""

import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tests.soak.lines import add, lines_of
from tests.soak.scenario import ALONE, Found, Scenario

ROOT = Path(__file__).parents[2]
FILE = ROOT / ".soak" / "results.jsonl"


class Asked(NamedTuple):
    """What of every scenario is the same in one soak."""

    short: bool
    seed: int | None  # None: drawn
    seeds: int | None  # of the simulator; None: as many as the scale has
    servers: str  # which broker and Redis there are


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
    seeds: int | None = None  # as it was asked

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
    add(result.as_json(), file)


def read(file: Path = FILE) -> list[Result]:
    """All there are, the newest last."""
    return [_result(**line) for line in lines_of(file)]


def had(results: Iterable[Result], of: Tree, wanted: Iterable[Scenario], asked: Asked) -> dict[str, Result]:
    """By scenario, what was found in this very tree, asked the same, on the same servers. What broke was not found out."""
    by_name = {one.name: one for one in wanted}
    of_this = (r for r in results if _is_of(r, of) and r.found is not None and r.scenario in by_name)
    return {r.scenario: r for r in of_this if _answers(r, by_name[r.scenario], asked)}


def broke(results: Iterable[Result], of: Tree) -> dict[str, list[str]]:
    """By scenario, why it did not come to its end in this very tree: told beside what a further attempt finds."""
    found: dict[str, list[str]] = {}
    for result in results:
        if _is_of(result, of) and result.found is None and not result.left_out:
            found.setdefault(result.scenario, []).append(result.error)
    return found


def _is_of(result: Result, of: Tree) -> bool:
    return not of.dirty and (result.commit, result.dirty) == (of.commit, False)


def _answers(result: Result, scenario: Scenario, asked: Asked) -> bool:
    through = scenario.first_seed is not None
    seed = scenario.first_seed if asked.seed is None else asked.seed
    return (
        (result.short, result.on) == (asked.short, ALONE if scenario.alone else asked.servers)
        and (seed is None or result.seed == seed)
        and (not through or result.seeds == asked.seeds)
    )


def _result(found: dict[str, Any] | None, **fields: Any) -> Result:
    return Result(found=None if found is None else Found(**found), **fields)


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip()

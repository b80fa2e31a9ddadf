"""Seeds that the simulator has been through, some hundred a line, so that a soak that is stopped loses little of a long run."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.soak.lines import add, lines_of
from tests.soak.results import FILE, Tree

if TYPE_CHECKING:
    from tests.simulation.running import Result

KEPT = FILE.parent / "simulator.jsonl"


class Range(NamedTuple):
    """From `first` up to and including `last`."""

    first: int
    last: int

    def parts(self, size: int) -> list["Range"]:
        """One after another, of this size at most."""
        return [Range(first, min(first + size - 1, self.last)) for first in range(self.first, self.last + 1, size)]


def keep(seeds: Range, of: Tree, result: "Result", file: Path = KEPT) -> None:
    """Keep what came of these seeds. Of a tree with changes that are not committed nothing is kept."""
    if not of.dirty:
        add({"commit": of.commit, "seeds": seeds, "result": vars(result)}, file)


def known(of: Tree, file: Path = KEPT) -> dict[Range, "Result"]:
    """What came of which seeds in this very tree."""
    if of.dirty:
        return {}
    return {Range(*line["seeds"]): _result(**line["result"]) for line in lines_of(file) if line["commit"] == of.commit}


def forget(file: Path = KEPT) -> None:
    """Nothing is known any more."""
    file.unlink(missing_ok=True)


def _result(faults: dict[str, int], failures: dict[str, str], **sums: Any) -> "Result":
    from tests.simulation.running import Result

    return Result(faults=Counter(faults), failures={int(seed): told for seed, told in failures.items()}, **sums)

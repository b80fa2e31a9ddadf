"""Percentiles over everything that was to come: what never came is infinitely late, and counted."""

from math import ceil, inf, isfinite
from typing import NamedTuple

import numpy as np

from scoring.layout import Floats


class Waited(NamedTuple):
    """How long was waited for each of `expected`; infinite where it never came."""

    p50: float
    p99: float
    latest: float
    expected: int
    missing: int

    def plain(self) -> dict[str, float | None]:
        """For JSON, which has no infinity: None is never."""
        return {name: figure if isfinite(figure) else None for name, figure in self._asdict().items()}

    @property
    def counts(self) -> str:
        """Of how many these are."""
        return f"{self.expected:,} expected, " + (f"{self.missing:,} NEVER CAME" if self.missing else "none missing")


def waited(took: Floats, expected: int) -> Waited:
    """By nearest rank, over the so many that were expected and over whatever came beyond them."""
    expected = max(expected, len(took))
    if expected == 0:
        raise RuntimeError("nothing was expected, and nothing came")
    came = np.sort(took).tolist()

    def at(share: float) -> float:
        rank = ceil(share * expected)
        return float(came[rank - 1]) if rank <= len(came) else inf

    return Waited(at(0.50), at(0.99), at(1.0), expected, expected - int(np.isfinite(took).sum()))

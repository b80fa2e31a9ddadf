"""What the core refuses."""

from collections.abc import Sequence


class ScoringError(Exception):
    """Root of this package's errors."""


class LedgerCorruptError(ScoringError):
    """Stored bytes that are no ledger."""

    def __init__(self, indices: Sequence[int]) -> None:
        super().__init__(
            "The stored ledger is damaged. It is left as it is; ebbtide rebuild makes it anew: see docs/operations.md"
            if len(indices) == 1
            else f"{len(indices)} stored ledgers are damaged. They are left as they are; ebbtide rebuild makes them anew: "
            "see docs/operations.md"
        )
        self.indices = frozenset(indices)


class LedgerNewerError(ScoringError):
    """Stored ledgers that only a later release reads: whole, and not to be touched."""

    def __init__(self, layout: int) -> None:
        super().__init__(newer(layout))


def newer(layout: int) -> str:
    """What to say where the state is ahead of the program."""
    return f"This state was written by a newer Ebbtide (layout {layout}): update this one first"


class HistogramCorruptError(ScoringError):
    """Stored bytes that are no histogram of this version."""

    def __init__(self) -> None:
        super().__init__(
            "A stored histogram of values is damaged or of another version; the next census writes it anew."
        )


class DegenerateError(ScoringError):
    """Data to which a model cannot be fitted, with the reason."""

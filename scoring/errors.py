"""What the core refuses."""

from collections.abc import Sequence


class ScoringError(Exception):
    """Root of this package's errors."""


class LedgerCorruptError(ScoringError):
    """Stored bytes that are no ledger of this version."""

    def __init__(self, indices: Sequence[int]) -> None:
        super().__init__(f"{len(indices)} stored ledgers are damaged or of another version; they are left as they are")
        self.indices = frozenset(indices)


class HistogramCorruptError(ScoringError):
    """Stored bytes that are no histogram of this version."""

    def __init__(self) -> None:
        super().__init__(
            "A stored histogram of values is damaged or of another version; the next census writes it anew."
        )


class DegenerateError(ScoringError):
    """Data to which a model cannot be fitted, with the reason."""

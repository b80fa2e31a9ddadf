"""What the core refuses."""


class ScoringError(Exception):
    """Root of this package's errors."""


class LedgerCorruptError(ScoringError):
    """Stored bytes that are no ledger of this version."""

    def __init__(self, index: int) -> None:
        super().__init__(
            f"The stored ledger number {index} of the batch is damaged or of another version; it is not touched. "
            "Remove it and replay the customer's events."
        )
        self.index = index

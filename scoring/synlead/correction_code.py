"""A correction as a row of the ledger: period and margin in its amount, the expense in its cost, sub 0.

amount = (period index * 4 + unit) << 32 | margin code;  margin code = margin in millionths + 10^9 + 1, 0 for none
cost   = expense in minor units + 1, 0 for none
"""

MARGIN_SCALE = 1_000_000
MOST_MARGIN = 1_000  # either way: margins of -1000 to 1000 leave 31 bits
MARGIN_ZERO = MOST_MARGIN * MARGIN_SCALE + 1
PERIOD_SHIFT = 32
UNITS = 4


def pack_correction(index: int, unit: int, margin_millionths: int | None, expense: int | None) -> tuple[int, int]:
    """(amount, cost) of the row. Margin within +-MOST_MARGIN, expense in minor units, not negative; None: not corrected."""
    margin = 0 if margin_millionths is None else margin_millionths + MARGIN_ZERO
    return (index * UNITS + unit) << PERIOD_SHIFT | margin, 0 if expense is None else expense + 1

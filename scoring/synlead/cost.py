"""What selling costs in a forecast period: the margin and its trend, and the marketing expense. Value-model 2.8 and 2.9."""

from scoring.compiled import compiled


@compiled
def next_margin(margin: float, slope: float, empty: float) -> float:
    """The margin of the first forecast period: the last one's, moved by half the enterprise's trend over the empty periods.

    CHOICE: a slope in points of margin is used as a relative change, as the document writes it; so a margin below zero
    moves the other way, and is to be corrected by hand.
    """
    return margin * (1.0 + slope * empty / 2.0)


@compiled
def expense(amount: float, rate: float, least: float) -> float:
    """Marketing expense of a period that brings `amount`: X = amount * rate, but `least` (the least positive expense of a
    past period) where X does not exceed it and the amount does. Without such a period (0): X."""
    proportional = amount * rate
    if least <= 0.0 or proportional > least or amount < least:
        return proportional
    return least

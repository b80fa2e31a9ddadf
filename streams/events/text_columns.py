"""Times and money as text (text.py), whole columns at once: a message has a dozen of them."""

import numpy as np
import numpy.typing as npt

from scoring.compiled import compiled
from scoring.layout import Ints

SECOND_US = 1_000_000
ROOM = 24  # characters: 19 digits, a point, a sign


def time_texts(at_us: Ints) -> list[str]:
    """RFC 3339 in UTC; a fraction only where there is one."""
    moments = np.ascontiguousarray(at_us).view("M8[us]")
    texts: list[str] = np.datetime_as_string(moments.astype("M8[s]"), timezone="UTC").tolist()
    fractions = np.flatnonzero(at_us % SECOND_US)
    exact = np.datetime_as_string(moments[fractions], timezone="UTC").tolist()
    for i, text in zip(fractions.tolist(), exact, strict=True):
        texts[i] = text
    return texts


def money_texts(minor: Ints, decimals: int) -> list[str]:
    """Minor units in major ones, with all of the currency's decimals."""
    characters = np.zeros((len(minor), ROOM), np.uint32)
    _write_money(minor, decimals, characters)
    texts: list[str] = characters.view(f"U{ROOM}")[:, 0].tolist()
    return texts


@compiled
def _write_money(minor: Ints, decimals: int, out: npt.NDArray[np.uint32]) -> None:
    for i in range(len(minor)):
        rest = abs(minor[i])
        digits = 1
        while rest >= 10:
            rest //= 10
            digits += 1
        negative = 1 if minor[i] < 0 else 0
        at = negative + max(digits, decimals + 1) + (1 if decimals > 0 else 0)
        if negative:
            out[i, 0] = ord("-")
        rest = abs(minor[i])
        for place in range(max(digits, decimals + 1)):
            if place == decimals and decimals > 0:
                at -= 1
                out[i, at] = ord(".")
            at -= 1
            out[i, at] = ord("0") + rest % 10
            rest //= 10

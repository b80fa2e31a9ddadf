"""What a person said of forecast periods: of each period and kind the newest word holds, of all the newest three.

Three of each kind, because the forecast has three periods. Of two words of one instant on one period the lesser holds:
a rule that does not depend on the order of arrival.
"""

import numpy as np

from scoring.compiled import compiled
from scoring.layout import Floats, Ints, Kind, Record, Records
from scoring.synlead.correction_code import MARGIN_SCALE, MARGIN_ZERO, PERIOD_SHIFT, UNITS

CORRECTIONS = 3
_CORRECTION = int(Kind.CORRECTION)
_MARGIN_BITS = (1 << PERIOD_SHIFT) - 1


@compiled
def clear_corrections(inputs: Record) -> None:
    """Nobody said anything."""
    for i in range(CORRECTIONS):
        inputs.margin_at[i], inputs.margin_is[i] = 0.0, 0.0
        inputs.expense_at[i], inputs.expense_is[i] = 0.0, 0.0


@compiled
def copy_corrections(target: Record, source: Record) -> None:
    """From one look into another."""
    for i in range(CORRECTIONS):
        target.margin_at[i], target.margin_is[i] = source.margin_at[i], source.margin_is[i]
        target.expense_at[i], target.expense_is[i] = source.expense_at[i], source.expense_is[i]


@compiled
def correct(h: Record, rows: Records, unit: int, inputs: Record) -> None:
    """Fill the corrections of INPUTS; inputs.period is known. A word on a period of another unit is not heard."""
    clear_corrections(inputs)
    told_us = np.zeros((2, CORRECTIONS), np.int64)  # when each word that holds was said: of margins, of expenses
    for i in range(h.rows):
        if rows[i].kind == _CORRECTION:
            period = (rows[i].amount >> PERIOD_SHIFT) // UNITS
            offset = float(period) - inputs.period
            if (rows[i].amount >> PERIOD_SHIFT) % UNITS != unit or offset < 1.0:
                continue
            margin, expense = rows[i].amount & _MARGIN_BITS, rows[i].cost
            if margin > 0:
                share = (margin - MARGIN_ZERO) / MARGIN_SCALE
                _hear(inputs.margin_at, inputs.margin_is, told_us[0], offset, share, rows[i].at_us)
            if expense > 0:
                _hear(inputs.expense_at, inputs.expense_is, told_us[1], offset, expense - 1.0, rows[i].at_us)


@compiled
def _hear(at: Floats, told: Floats, told_us: Ints, offset: float, word: float, at_us: int) -> None:
    """Keep a word in the place of an older one on the same period, or else of the oldest of all."""
    place = 0
    for i in range(CORRECTIONS):
        if at[i] == offset:
            if at_us > told_us[i] or (at_us == told_us[i] and word < told[i]):
                told[i], told_us[i] = word, at_us
            return
        if at[i] == 0.0 or (at[place] != 0.0 and _is_older(told_us[i], at[i], told_us[place], at[place])):
            place = i
    if at[place] == 0.0 or _is_older(told_us[place], at[place], at_us, offset):
        at[place], told[place], told_us[place] = offset, word, at_us


@compiled
def _is_older(one_us: int, one: float, other_us: int, other: float) -> bool:
    return one_us < other_us or (one_us == other_us and one < other)

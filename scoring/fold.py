"""A ledger's memory is bounded: what is older than it folds into the header.

Given up: a repeat of a folded event, and a refund or cancellation of a folded order, can no longer be matched to it.
"""

import numpy as np

from scoring.compiled import compiled
from scoring.facts import order_of
from scoring.layout import DAY_US, Ints, Kind, Record, Records
from scoring.rows import group_end
from scoring.terms import Limits

_PLACED = int(Kind.PLACED)
_REFUND = int(Kind.REFUND)
_CREDIT = int(Kind.CREDIT)


@compiled
def memory_starts_us(clock_us: int, limits: Limits) -> int:
    """The first instant a ledger remembers in rows, on a day's boundary, so that no day is half folded."""
    return (clock_us - limits.fold_after_us) // DAY_US * DAY_US


@compiled
def fold(h: Record, rows: Records, before_us: int, limits: Limits) -> None:
    """Let go of the groups whose newest row is older than `before_us`; their sums, days and extremes stay in the header.

    An order whose day another, kept order shares stays with it: else nobody could tell whether that day still counts.
    """
    n, kept, lo = h.rows, 0, 0
    newest = np.empty(n, np.int64)  # of the group that each row is in
    if _find_newest(rows, n, before_us, newest):
        _keep_company(rows, n, before_us, newest)
    oldest = before_us + limits.fold_after_us
    while lo < n:
        hi = group_end(rows, n, lo)
        if newest[lo] < before_us:
            _fold_group(h, rows, lo, hi, limits)
        else:
            oldest = min(oldest, newest[lo])
            for i in range(lo, hi):
                rows[kept] = rows[i]
                kept += 1
        lo = hi
    h.folded_rows += n - kept
    h.rows = kept
    h.oldest_us = oldest


@compiled
def _find_newest(rows: Records, n: int, before_us: int, newest: Ints) -> bool:
    """Fill in the newest time of each row's group; whether a later refund keeps an order from before `before_us`."""
    straggling = False
    lo = 0
    while lo < n:
        hi = group_end(rows, n, lo)
        latest, earliest = rows[lo].at_us, rows[lo].at_us
        for i in range(lo + 1, hi):
            latest = max(latest, rows[i].at_us)
            earliest = min(earliest, rows[i].at_us)
        for i in range(lo, hi):
            newest[i] = latest
        straggling = straggling or (rows[lo].kind == _PLACED and earliest < before_us and latest >= before_us)
        lo = hi
    return straggling


@compiled
def _keep_company(rows: Records, n: int, before_us: int, newest: Ints) -> None:
    """Let each old order last as long as a kept order of the same day: raise its group's `newest` to that one's."""
    for i in range(n):
        if rows[i].kind == _PLACED and newest[i] < before_us:
            until = _kept_on_day(rows, n, rows[i].at_us // DAY_US, before_us, newest)
            if until >= before_us:
                for j in range(n):
                    if rows[j].group == rows[i].group:
                        newest[j] = until


@compiled
def _kept_on_day(rows: Records, n: int, day: int, before_us: int, newest: Ints) -> int:
    """The newest time of a kept order of this day; `before_us` - 1 if there is none."""
    for i in range(n):
        if newest[i] >= before_us and rows[i].kind == _PLACED and rows[i].at_us // DAY_US == day:
            return int(newest[i])
    return before_us - 1


@compiled
def _fold_group(h: Record, rows: Records, lo: int, hi: int, limits: Limits) -> None:
    order = order_of(rows, lo, hi, limits.count_free_orders)
    if order[0]:
        h.folded_first_us = min(h.folded_first_us, order[1]) if h.folded_orders > 0 else order[1]
        h.folded_last_us = max(h.folded_last_us, order[1])
        h.folded_orders += 1
    for i in range(lo, hi):
        if rows[i].kind == _REFUND or rows[i].kind == _CREDIT:
            h.refunds -= 1
        if rows[lo].kind != _PLACED and rows[i].kind <= _REFUND:
            h.folded_orphans += 1

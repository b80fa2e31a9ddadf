"""The rows of one ledger: sorted by (group, kind, sub), so that an order, its cancellation and its refunds are neighbours."""

from scoring.compiled import compiled
from scoring.layout import Kind, Record, Records

_REFUND = int(Kind.REFUND)
_CREDIT = int(Kind.CREDIT)


@compiled
def group_start(rows: Records, n: int, group: int) -> int:
    """Index of the first row whose group is not below `group`."""
    lo, hi = 0, n
    while lo < hi:
        mid = (lo + hi) >> 1
        if rows[mid].group < group:
            lo = mid + 1
        else:
            hi = mid
    return lo


@compiled
def group_end(rows: Records, n: int, start: int) -> int:
    """Index after the last row of the group that begins at `start`."""
    end = start
    while end < n and rows[end].group == rows[start].group:
        end += 1
    return end


@compiled
def slot(rows: Records, lo: int, hi: int, kind: int, sub: int) -> int:
    """Where (kind, sub) stands, or belongs, in the group rows[lo:hi]."""
    i = lo
    while i < hi and (rows[i].kind < kind or (rows[i].kind == kind and rows[i].sub < sub)):
        i += 1
    return i


@compiled
def find_refund(rows: Records, n: int, sub: int) -> int:
    """Index of the refund or credit with this id, whichever order it names; -1 if there is none."""
    for i in range(n):
        if rows[i].sub == sub and (rows[i].kind == _REFUND or rows[i].kind == _CREDIT):
            return i
    return -1


@compiled
def find(rows: Records, n: int, event: Record) -> int:
    """Index of the row with the event's identity; -1 if it was never told."""
    lo = group_start(rows, n, event.group)
    hi = group_end(rows, n, lo) if lo < n and rows[lo].group == event.group else lo
    i = slot(rows, lo, hi, event.kind, event.sub)
    if i < hi and rows[i].kind == event.kind and rows[i].sub == event.sub:
        return i
    return -1


@compiled
def insert(rows: Records, n: int, i: int, event: Record) -> None:
    """Put the event's row at index i; the caller has left room for n + 1."""
    for j in range(n, i, -1):
        rows[j] = rows[j - 1]
    row = rows[i]
    row.group = event.group
    row.sub = event.sub
    row.at_us = event.at_us
    row.amount = event.amount
    row.cost = event.cost
    row.discount = event.discount
    row.kind = event.kind
    row.marks = event.marks


@compiled
def remove(rows: Records, n: int, i: int) -> None:
    """Close the gap that row i leaves."""
    for j in range(i, n - 1):
        rows[j] = rows[j + 1]


@compiled
def _compare(a: int, b: int) -> int:
    return -1 if a < b else int(a > b)


@compiled
def compare_content(row: Record, event: Record) -> int:
    """-1, 0 or 1 as the row's content is less than, equal to or greater than the event's.

    Of one identity told twice the least content holds: a rule that does not depend on the order of arrival.
    """
    c = _compare(row.at_us, event.at_us)
    if c == 0:
        c = _compare(row.amount, event.amount)
    if c == 0:
        c = _compare(row.cost, event.cost)
    if c == 0:
        c = _compare(row.marks, event.marks)
    if c == 0:
        c = _compare(row.kind, event.kind)
    if c == 0:
        c = _compare(row.group, event.group)
    if c == 0:
        c = _compare(row.discount, event.discount)
    return c

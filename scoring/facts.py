"""What a ledger's rows say: orders that count, days, sums, first and last. Kept by difference, one touched order at a time."""

from scoring.compiled import compiled
from scoring.layout import COST_NAMED, DAY_US, Kind, Record, Records
from scoring.rows import group_end, group_start
from scoring.terms import Limits

_PLACED = int(Kind.PLACED)
_CANCELLED = int(Kind.CANCELLED)
_REFUND = int(Kind.REFUND)
Order = tuple[bool, int, int, int, bool]  # counts, at_us, held, cost, costless
_NOTHING = (False, 0, 0, 0, False)


@compiled
def share_of(cost: int, part: int, whole: int) -> int:
    """floor(cost * part / whole), exact, for 0 <= part <= whole and cost, whole up to 10^12: the product leaves 64 bits."""
    estimate = int(float(cost) * float(part) / float(whole))
    # the estimate is off by at most one, so the remainder is small and right even where the products wrap around
    remainder = cost * part - estimate * whole
    if remainder < 0:
        return estimate - 1
    return estimate + 1 if remainder >= whole else estimate


@compiled
def order_of(rows: Records, lo: int, hi: int, count_free: bool) -> Order:
    """What the order in rows[lo:hi] contributes: whether it counts, when it occurred, what it still holds and costs."""
    placed = -1
    returned = 0
    unpriced = 0  # the part of the refunds that named no cost
    cost_back = 0
    for i in range(lo, hi):
        kind = rows[i].kind
        if kind == _PLACED:
            placed = i  # revisions ascend: the last one holds
        elif kind == _CANCELLED:
            return _NOTHING
        elif kind == _REFUND:
            returned += int(rows[i].amount)
            if rows[i].marks & COST_NAMED:
                cost_back += int(rows[i].cost)
            else:
                unpriced += int(rows[i].amount)
    if placed < 0:
        return _NOTHING
    amount, cost = int(rows[placed].amount), int(rows[placed].cost)
    held = amount - min(amount, returned)
    if amount > 0:
        cost_back += share_of(cost, min(amount, unpriced), amount)
    counts = held > 0 or (amount == 0 and count_free)
    costless = counts and not (rows[placed].marks & COST_NAMED)
    return counts, int(rows[placed].at_us), held, max(0, cost - cost_back), costless


@compiled
def settle(h: Record, rows: Records, group: int, before: Order, after: Order, limits: Limits) -> None:
    """Bring the header from what the group contributed before a row came or went to what it contributes now."""
    h.held += after[2] - before[2]
    h.cost += after[3] - before[3]
    h.costless += int(after[4]) - int(before[4])
    if before[0] == after[0] and before[1] == after[1]:
        return
    if before[0]:
        _leave(h, rows, group, before[1], limits)
    if after[0]:
        _enter(h, rows, group, after[1], limits)


@compiled
def _enter(h: Record, rows: Records, group: int, at_us: int, limits: Limits) -> None:
    day = at_us // DAY_US
    if h.orders == 0:
        h.first_us = at_us
        h.last_us = at_us
        h.purchase_days = 1
    else:
        first, last = h.first_us // DAY_US, h.last_us // DAY_US
        outside = day < first or day > last
        if outside or (day not in (first, last) and not _other_on_day(rows, h.rows, group, day, limits)):
            h.purchase_days += 1
        h.first_us = min(h.first_us, at_us)
        h.last_us = max(h.last_us, at_us)
    h.orders += 1


@compiled
def _leave(h: Record, rows: Records, group: int, at_us: int, limits: Limits) -> None:
    h.orders -= 1
    if not _other_on_day(rows, h.rows, group, at_us // DAY_US, limits):
        h.purchase_days -= 1
    if at_us == h.first_us or at_us == h.last_us:
        _find_extremes(h, rows, group, limits)


@compiled
def _other_on_day(rows: Records, n: int, group: int, day: int, limits: Limits) -> bool:
    """Whether an order of another group counts on this day. Reached only by what comes late or is taken back."""
    for i in range(n):
        if rows[i].kind == _PLACED and rows[i].group != group and rows[i].at_us // DAY_US == day:
            lo = group_start(rows, n, rows[i].group)
            order = order_of(rows, lo, group_end(rows, n, lo), limits.count_free_orders)
            if order[0] and order[1] // DAY_US == day:
                return True
    return False


@compiled
def _find_extremes(h: Record, rows: Records, group: int, limits: Limits) -> None:
    """First and last order that counts, the given group left out."""
    found = h.folded_orders > 0
    first, last = h.folded_first_us, h.folded_last_us
    lo = 0
    while lo < h.rows:
        hi = group_end(rows, h.rows, lo)
        if rows[lo].kind == _PLACED and rows[lo].group != group:
            order = order_of(rows, lo, hi, limits.count_free_orders)
            if order[0]:
                first = min(first, order[1]) if found else order[1]
                last = max(last, order[1]) if found else order[1]
                found = True
        lo = hi
    h.first_us = first if found else 0
    h.last_us = last if found else 0

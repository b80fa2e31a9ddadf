"""One event into one ledger: told apart from what was told before, kept as a row, its facts drawn.

State is a set of distinct rows and the facts are a function of that set, so the order of arrival does not matter.
"""

from scoring.compiled import compiled
from scoring.facts import order_of, settle
from scoring.layout import Kind, Record, Records, Result
from scoring.rows import compare_content, find, find_refund, group_end, group_start, insert, remove, slot
from scoring.terms import Limits

_REFUND = int(Kind.REFUND)
_CREDIT = int(Kind.CREDIT)
_CONTACT = int(Kind.CONTACT)
_PLACED = int(Kind.PLACED)
_APPLIED = int(Result.APPLIED)
_DUPLICATE = int(Result.DUPLICATE)
_CONFLICT = int(Result.CONFLICT)


@compiled
def apply(h: Record, rows: Records, event: Record, limits: Limits) -> int:
    """Take one event in; `rows` has room for one more. Returns a Result."""
    i = find(rows, h.rows, event)
    if i < 0 and h.refunds > 0 and (event.kind == _REFUND or event.kind == _CREDIT):
        i = find_refund(rows, h.rows, event.sub)
    if i < 0:
        _put(h, rows, event, limits)
        return _APPLIED
    order = compare_content(rows[i], event)
    if order == 0:
        return _DUPLICATE
    if order > 0:
        _drop(h, rows, i, limits)
        _put(h, rows, event, limits)
    return _CONFLICT


@compiled
def _put(h: Record, rows: Records, event: Record, limits: Limits) -> None:
    n = h.rows
    lo = group_start(rows, n, event.group)
    hi = group_end(rows, n, lo) if lo < n and rows[lo].group == event.group else lo
    before = order_of(rows, lo, hi, limits.count_free_orders)
    insert(rows, n, slot(rows, lo, hi, event.kind, event.sub), event)
    h.rows = n + 1
    _count(h, event.kind, event.amount, event.cost, 1)
    if event.kind <= _REFUND:
        settle(h, rows, event.group, before, order_of(rows, lo, hi + 1, limits.count_free_orders), limits)


@compiled
def _drop(h: Record, rows: Records, i: int, limits: Limits) -> None:
    n, group, kind = h.rows, rows[i].group, rows[i].kind
    lo = group_start(rows, n, group)
    hi = group_end(rows, n, lo)
    before = order_of(rows, lo, hi, limits.count_free_orders)
    _count(h, kind, rows[i].amount, rows[i].cost, -1)
    remove(rows, n, i)
    h.rows = n - 1
    if kind <= _REFUND:
        settle(h, rows, group, before, order_of(rows, lo, hi - 1, limits.count_free_orders), limits)


@compiled
def _count(h: Record, kind: int, amount: int, cost: int, sign: int) -> None:
    """The sums that need no order: credits, marketing cost, numbers of rows."""
    if kind in (_REFUND, _CREDIT):
        h.refunds += sign
    if kind == _CREDIT:
        h.credits += sign * amount
    if kind == _CONTACT:
        h.marketing += sign * cost
    if kind >= _CONTACT:
        h.interactions += sign

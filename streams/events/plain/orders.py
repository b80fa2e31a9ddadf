"""One plain order, refund or cancellation: JSON -> EVENT, exactly as decode, facts and columns give it, or left to them.

Each check says yes only where all of those would; so who reads an event cannot be told from what comes of it.
"""

import numpy as np

from scoring.compiled import compiled
from scoring.hashing import flat, tagged_identity
from scoring.layout import COST_NAMED, Bytes, Ints, Kind, Record
from streams.events.plain.fields import (
    AMOUNT,
    CHANNEL,
    COST,
    CURRENCY,
    CUSTOMER_ID,
    DISCOUNT,
    ID,
    LINES,
    OCCURRED_AT,
    ORDER_ID,
    PLACE,
    PROMOTION,
    REFUND_ID,
    REVISION,
    TYPE,
    find_fields,
    is_id,
    is_nothing,
)
from streams.events.plain.tokens import ABSENT, NOT_PLAIN, NUMBER, STRING, which
from streams.events.plain.values import count, instant, minor

TYPES = (b"order.placed", b"order.refunded", b"order.cancelled")
_PLACED, _REFUNDED, _CANCELLED = range(len(TYPES))
_WORDS, _ENDS = flat(TYPES)
READING = np.dtype(  # from DecodeRules; a record, because compiled code passes one by its address
    (
        np.record,
        [
            ("decimals", "i8"),
            ("currency", "i8"),
            ("cost_numerator", "i8"),  # the share of its amount that an order costs which names no cost
            ("cost_denominator", "i8"),
            ("longest", "i8"),  # bytes of an event
            ("latest_us", "i8"),  # an event may not lie later
        ],
    )
)
_MOST_REVISION = 2**53
_CREDIT, _REFUND, _KIND_PLACED, _KIND_CANCELLED = (
    int(kind) for kind in (Kind.CREDIT, Kind.REFUND, Kind.PLACED, Kind.CANCELLED)
)
_OF_ORDER, _OF_REFUND = ord("o"), ord("r")  # tags of identities, as in streams.events.facts


@compiled
def _money(data: Bytes, found: Ints, field: int, decimals: int) -> int:
    if found[field, 0] != STRING and found[field, 0] != NUMBER:
        return NOT_PLAIN
    return minor(data, found[field, 1], found[field, 2], decimals)


@compiled
def currency_code(data: Bytes, start: int, end: int) -> int:
    """A currency's three letters as one number."""
    if end - start != 3:
        return NOT_PLAIN
    return int(data[start]) << 16 | int(data[start + 1]) << 8 | int(data[start + 2])


@compiled
def _in_own_currency(data: Bytes, found: Ints, reading: Record) -> bool:
    if int(found[CURRENCY, 0]) == STRING:
        return currency_code(data, found[CURRENCY, 1], found[CURRENCY, 2]) == int(reading.currency)
    return is_nothing(found, CURRENCY)


@compiled
def _usual_cost(amount: int, reading: Record) -> int:
    """Of an order that names none: its share of the amount, halves to the even one."""
    product, denominator = amount * int(reading.cost_numerator), int(reading.cost_denominator)
    whole = product // denominator
    twice = 2 * (product - whole * denominator)
    return whole + int(twice > denominator or (twice == denominator and whole % 2 == 1))


@compiled
def _read_placed(data: Bytes, found: Ints, reading: Record, event: Record) -> bool:
    for field in (CHANNEL, PLACE, PROMOTION):
        if found[field, 0] != STRING and not is_nothing(found, field):
            return False
    if not is_id(found, ORDER_ID) or not is_nothing(found, LINES) or not _in_own_currency(data, found, reading):
        return False
    amount = _money(data, found, AMOUNT, reading.decimals)
    cost = discount = revision = 0
    if not is_nothing(found, COST):
        cost = _money(data, found, COST, reading.decimals)
        event.marks = COST_NAMED
    elif amount >= 0:
        cost = _usual_cost(amount, reading)
    if not is_nothing(found, DISCOUNT):
        discount = _money(data, found, DISCOUNT, reading.decimals)
    if found[REVISION, 0] != ABSENT:
        if found[REVISION, 0] != NUMBER:
            return False
        revision = count(data, found[REVISION, 1], found[REVISION, 2])
    if amount < 0 or cost < 0 or discount < 0 or not 0 <= revision <= _MOST_REVISION:
        return False
    event.kind = _KIND_PLACED
    event.group = tagged_identity(_OF_ORDER, data, found[ORDER_ID, 1], found[ORDER_ID, 2])
    event.sub, event.amount, event.cost, event.discount = revision, amount, cost, discount
    return True


@compiled
def _read_refunded(data: Bytes, found: Ints, reading: Record, event: Record) -> bool:
    if not is_id(found, REFUND_ID) or not _in_own_currency(data, found, reading):
        return False
    amount = _money(data, found, AMOUNT, reading.decimals)
    cost = 0
    if not is_nothing(found, COST):
        cost = _money(data, found, COST, reading.decimals)
        event.marks = COST_NAMED
    if amount < 1 or cost < 0:
        return False
    event.sub = tagged_identity(_OF_REFUND, data, found[REFUND_ID, 1], found[REFUND_ID, 2])
    if is_nothing(found, ORDER_ID):
        event.kind, event.group = _CREDIT, event.sub
    elif is_id(found, ORDER_ID):
        event.kind = _REFUND
        event.group = tagged_identity(_OF_ORDER, data, found[ORDER_ID, 1], found[ORDER_ID, 2])
    else:
        return False
    event.amount, event.cost = amount, cost
    return True


@compiled
def _read_cancelled(data: Bytes, found: Ints, event: Record) -> bool:
    if not is_id(found, ORDER_ID):
        return False
    event.kind = _KIND_CANCELLED
    event.group = tagged_identity(_OF_ORDER, data, found[ORDER_ID, 1], found[ORDER_ID, 2])
    return True


@compiled
def read_order(data: Bytes, start: int, end: int, reading: Record, found: Ints, event: Record) -> bool:
    """Read data[start:end] into a zeroed EVENT; False: not plain, whatever the event says then.

    `found`, shape (FIELDS, 3): scratch, and afterwards what each field is and where its value starts and ends.
    """
    if end - start > reading.longest or not find_fields(data, start, end, found):
        return False
    if found[TYPE, 0] != STRING or not is_id(found, ID) or not is_id(found, CUSTOMER_ID):
        return False
    if found[OCCURRED_AT, 0] != STRING:
        return False
    event.at_us = instant(data, found[OCCURRED_AT, 1], found[OCCURRED_AT, 2])
    if not 0 <= event.at_us <= reading.latest_us:
        return False
    kind = which(data, found[TYPE, 1], found[TYPE, 2], _WORDS, _ENDS)
    if kind == _PLACED:
        plain = _read_placed(data, found, reading, event)
    elif kind == _REFUNDED:
        plain = _read_refunded(data, found, reading, event)
    else:
        plain = kind == _CANCELLED and _read_cancelled(data, found, event)
    return plain

"""All records of a batch at once: those that are plain orders become EVENTs, the others are named to be decoded one by one."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.compiled import compiled
from scoring.layout import EVENT, Bytes, Ints, Record, Records
from streams.events.facts import DecodeRules
from streams.events.instants import MAX_AHEAD_US
from streams.events.plain.fields import CUSTOMER_ID, FIELDS, ID
from streams.events.plain.orders import READING, currency_code, read_order

_LARGEST_SHARE = 2**20  # of an amount of at most 10^12: the product stays below 2^63
_FOREVER_US = 2**62


class Read(NamedTuple):
    """Of each record: whether it is plain; then its EVENT (customer and now_us 0), and where in `raw` its ids lie."""

    events: Records
    plain: npt.NDArray[np.bool_]
    raw: bytes  # the values of all records, one after another
    ids: Ints  # shape (n, 4): start and end of the customer's id, start and end of the event's


def reading_of(rules: DecodeRules, wall_us: int | None) -> Record:
    """The rules as compiled code takes them; where it could not follow them, it finds no event early enough."""
    numerator, denominator = rules.cost_share
    follows = abs(numerator) <= _LARGEST_SHARE and denominator <= _LARGEST_SHARE
    latest_us = _FOREVER_US if wall_us is None else wall_us + MAX_AHEAD_US
    reading = np.zeros(1, READING)[0]
    reading.decimals, reading.longest = rules.own.decimals, rules.max_event_bytes
    reading.currency = currency_code(np.frombuffer(rules.currency.encode(), np.uint8), 0, len(rules.currency))
    reading.cost_numerator, reading.cost_denominator = (numerator, denominator) if follows else (0, 1)
    reading.latest_us = latest_us if follows else -1
    return reading


def read_plain(values: Sequence[bytes | None], rules: DecodeRules, wall_us: int | None) -> Read:
    """Read what is plain; a value that is to be read otherwise (None, or told by headers) is given as None."""
    n = len(values)
    raw = b"".join([value or b"" for value in values])
    ends = np.cumsum(np.fromiter((len(value or b"") for value in values), np.int64, n))
    read = Read(np.zeros(n, EVENT), np.zeros(n, np.bool_), raw, np.zeros((n, 4), np.int64))
    data, found = np.frombuffer(raw, np.uint8), np.zeros((FIELDS, 3), np.int64)
    with np.errstate(over="ignore"):  # hashes wrap on purpose; only uncompiled NumPy scalars would warn
        _read_all(data, ends, reading_of(rules, wall_us), found, read.events, read.plain, read.ids)
    return read


@compiled
def _read_all(
    data: Bytes, ends: Ints, reading: Record, found: Ints, events: Records, plain: npt.NDArray[np.bool_], ids: Ints
) -> None:
    start = 0
    for i in range(len(ends)):
        plain[i] = read_order(data, start, ends[i], reading, found, events[i])
        ids[i, 0], ids[i, 1] = found[CUSTOMER_ID, 1], found[CUSTOMER_ID, 2]
        ids[i, 2], ids[i, 3] = found[ID, 1], found[ID, 2]
        start = ends[i]

"""The records that the kernel reads and writes: event, row, header, change.

All times are microseconds since 1970-01-01 UTC, all money is integer minor units of the reporting currency.
"""

from enum import IntEnum
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Record: TypeAlias = (
    Any  # one element of an array of the dtypes below (np.record in plain Python, a Numba record compiled)
)
Records: TypeAlias = npt.NDArray[np.void]
Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bytes: TypeAlias = npt.NDArray[np.uint8]

DAY_US = 86_400_000_000
BUCKETS = 256  # customers map to so many, whatever the number of partitions
NEVER_US = np.iinfo(np.int64).max  # a deadline that never comes


class Kind(IntEnum):
    """What a row is; also the order of the rows inside one group."""

    PLACED = 0
    CANCELLED = 1
    REFUND = 2
    CREDIT = 3  # a refund without an order
    CONTACT = 4  # its cost is marketing cost
    INTERACTION = 5  # every other interaction or customer event: kept to be told apart, meaning comes later
    TICK = 6  # an event only: let silence act up to now_us; never a row


class Tier(IntEnum):
    """Standing of a customer; NONE until the first order that counts."""

    NONE = 0
    LOSS = 1
    LOW = 2
    MIDDLE = 3
    HIGH = 4


class Result(IntEnum):
    """What the ledger made of one event."""

    APPLIED = 0
    DUPLICATE = 1
    CONFLICT = 2  # a duplicate whose content differs
    TOO_OLD = 3  # before the ledger's memory (fold horizon): refused with reason `time`
    TICKED = 4  # a TICK; counts as nothing


COST_NAMED = 1  # mark of a row or event: the sender named a cost

EVENT = np.dtype(
    (
        np.record,
        [
            ("group", "u8"),  # hash of the order id; of the identity itself where no order is meant
            ("sub", "u8"),  # PLACED: revision; REFUND, CREDIT: hash of the refund id; else 0
            ("at_us", "i8"),
            ("now_us", "i8"),  # the stream's clock when the event arrives: silence acts up to here first
            ("amount", "i8"),
            ("cost", "i8"),
            ("customer", "u4"),  # index into the batch's ledgers
            ("kind", "u1"),
            ("marks", "u1"),
            ("spare", "u2"),
        ],
    )
)
ROW = np.dtype(
    (
        np.record,
        [
            ("group", "u8"),
            ("sub", "u8"),
            ("at_us", "i8"),
            ("amount", "i8"),
            ("cost", "i8"),
            ("kind", "u4"),
            ("marks", "u4"),
        ],
    )
)
HEADER = np.dtype(
    (
        np.record,
        [
            ("customer", "i8"),  # index in the batch; not stored
            # facts: functions of the set of rows (and of what was folded)
            ("rows", "i8"),  # rows in use
            ("orders", "i8"),
            ("purchase_days", "i8"),
            ("held", "i8"),  # sum of held over orders not cancelled
            ("credits", "i8"),
            ("cost", "i8"),
            ("marketing", "i8"),
            ("first_us", "i8"),
            ("last_us", "i8"),
            ("interactions", "i8"),
            ("refunds", "i8"),  # rows of kind REFUND and CREDIT: none means no search for a refund id
            ("costless", "i8"),  # orders that count and named no cost
            # what was folded away (rows older than the ledger's memory)
            ("folded_rows", "i8"),
            ("folded_orders", "i8"),
            ("folded_first_us", "i8"),
            ("folded_last_us", "i8"),
            ("folded_orphans", "i8"),  # refunds and cancellations folded whose order never came
            ("oldest_us", "i8"),  # no group's newest row is older: below the memory's start, there is something to fold
            # standing: depends on the way here (hysteresis, minimum stay)
            ("tier", "i8"),
            ("sequence", "i8"),  # tier changes so far; with the customer id it names a change
            ("clock_us", "i8"),  # the latest instant the customer was looked at: events and fired deadlines
            ("since_us", "i8"),  # when the tier was entered
            ("due_us", "i8"),  # when silence next moves the tier; NEVER_US if it does not
            ("value", "f8"),  # expected gross profit over the horizon, minor units, as of clock_us
            ("p_alive", "f8"),
        ],
    )
)
INPUTS = np.dtype((np.record, [("x", "f8"), ("t_x", "f8"), ("t", "f8"), ("orders", "f8"), ("profit", "f8")]))
CHANGE = np.dtype(
    (
        np.record,
        [
            ("customer", "i8"),
            ("event", "i8"),  # index of the event that caused it; -1: silence
            ("at_us", "i8"),
            ("sequence", "i8"),
            ("from_tier", "i8"),
            ("to_tier", "i8"),
            ("from_value", "f8"),
            ("to_value", "f8"),
            ("from_p", "f8"),
            ("to_p", "f8"),
            ("before", INPUTS),  # x, t_x, T in days; orders; mean gross profit an order, minor units
            ("after", INPUTS),
            ("shares", "f8", (4,)),  # of the change in value: frequency, recency, age, profit; they sum to it
            (
                "keep_amount",
                "f8",
            ),  # one order of this amount (minor units) by keep_by_us keeps (would have kept) the tier
            ("keep_by_us", "i8"),
        ],
    )
)


class Model(NamedTuple):
    """MBG/NBD x gamma-gamma: times in days, money in minor units."""

    r: float
    alpha: float
    a: float
    b: float
    p: float
    q: float
    v: float
    horizon_days: float


class Rules(NamedTuple):
    """Tier boundaries on value, minor units, indexed by Tier; hysteresis: enter at `enter`, leave below `leave`."""

    enter: tuple[float, float, float, float, float]  # enter[LOSS] is -inf
    leave: tuple[float, float, float, float, float]  # leave[t] <= enter[t]
    min_stay_us: int  # in a tier before a fall


class Limits(NamedTuple):
    """What a ledger counts and how far back it remembers."""

    fold_after_us: int
    count_free_orders: bool

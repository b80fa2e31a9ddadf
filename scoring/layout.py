"""The records that the kernel reads and writes: event, row, header, change.

All times are microseconds since 1970-01-01 UTC, all money is integer minor units of the reporting currency.
"""

from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Record: TypeAlias = (
    Any  # one element of an array of the dtypes below (np.record in plain Python, a Numba record compiled)
)
Records: TypeAlias = npt.NDArray[np.void]
Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bytes: TypeAlias = npt.NDArray[np.uint8]

LAYOUT = 2  # of everything stored: a ledger's first byte, and the first field of a head. Grows when a reader must know
DAY_US = 86_400_000_000
BUCKETS = 256  # customers map to so many, whatever the number of partitions
BUYS_WITHIN_DAYS = 180.0  # the time after an alert in which its customer may buy again
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
    CORRECTION = 7  # a person's word on the forecast of a period; sub, amount and cost as scoring/synlead says


class Tier(IntEnum):
    """Standing of a customer; NONE until the first order that counts."""

    NONE = 0
    LOSS = 1
    LOW = 2
    MIDDLE = 3
    HIGH = 4


class Level(IntEnum):
    """How far a customer has drifted away."""

    NONE = 0
    WATCH = 1
    DRIFTING = 2
    LOST = 3


class Alert(IntEnum):
    """What a drift alert says."""

    WARNED = 0  # silence will lower the tier at falls_at_us
    RAISED = 1  # a level was reached
    CLEARED = 2  # the customer came back


class Cause(IntEnum):
    """What moved a customer where no event did: the `event` of a change or an alert."""

    SILENCE = -1
    BOUNDARY = -2  # new tier boundaries
    MODEL = -3  # a new value model


class Family(IntEnum):
    """The process that a model takes purchases to follow."""

    MBG = 0  # MBG/CNBD-k; k = 1 is MBG/NBD
    BG = 1  # BG/NBD
    PARETO = 2  # Pareto/NBD: a is its s, b its beta
    SYNLEAD = 3  # the 2008 forecast by periods: see Synlead


class Result(IntEnum):
    """What the ledger made of one event."""

    APPLIED = 0
    DUPLICATE = 1
    CONFLICT = 2  # a duplicate whose content differs
    TOO_OLD = 3  # before the ledger's memory (fold horizon): refused with reason `time`
    TICKED = 4  # a TICK; counts as nothing


COST_NAMED = 1  # mark of a row or event: the sender named a cost
ARREARS = 2  # the same: an interaction whose amount the customer owes now

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
            ("discount", "i8"),
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
            ("discount", "i8"),  # of PLACED: what its amount would be higher by; no fact that is scored
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
            ("due_us", "i8"),  # when silence next moves the tier or raises an alert; NEVER_US if it does not
            ("terms", "i8"),  # number of the Terms under which the customer was last looked at
            ("level", "i8"),  # of drift, as last told
            ("alerts", "i8"),  # drift alerts so far; with the customer id it names one
            ("warned_us", "i8"),  # the fall that was last warned of; 0: none since the customer's facts last moved
            ("value", "f8"),  # expected gross profit over the horizon, minor units, as of clock_us
            ("p_alive", "f8"),
            ("peak", "f8"),  # the highest value at any look under these terms' model
        ],
    )
)
INPUTS = np.dtype(
    (
        np.record,
        [
            ("x", "f8"),  # repeat purchase days
            ("t_x", "f8"),  # days from the first to the last purchase
            ("t", "f8"),  # days from the first purchase to the instant of the look
            ("orders", "f8"),
            ("profit", "f8"),  # mean gross profit an order, minor units
            # by periods, for the Synlead family only; else 0
            ("frequency", "f8"),  # orders in the last period with one
            ("amount", "f8"),  # mean amount of an order in it, minor units
            ("margin", "f8"),  # share of that period's amount left after product cost
            ("empty", "f8"),  # whole periods without an order since then
            ("expense_rate", "f8"),  # marketing expense so far / amount so far
            ("least_expense", "f8"),  # the least positive expense of a period so far, minor units; 0: none
            ("period", "f8"),  # index of the last period with an order: scoring/synlead/periods.py
            ("past_amount", "f8"),  # amount so far, minor units
            # a person's corrections of periods after that one, the newest three of each kind
            ("margin_at", "f8", (3,)),  # so many periods after it; 0: none
            ("margin_is", "f8", (3,)),
            ("expense_at", "f8", (3,)),
            ("expense_is", "f8", (3,)),  # minor units
        ],
    )
)
CHANGE = np.dtype(
    (
        np.record,
        [
            ("customer", "i8"),
            ("event", "i8"),  # index of the event that caused it, or a Cause
            ("terms", "i8"),  # number of the Terms in force
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
            ("shares", "f8", (5,)),  # of the change in value: frequency, recency, age, profit, model; they sum to it
            (
                "keep_amount",
                "f8",
            ),  # one order of this amount (minor units) by keep_by_us keeps (would have kept) the tier
            ("keep_by_us", "i8"),
        ],
    )
)


ALERT = np.dtype(
    (
        np.record,
        [
            ("customer", "i8"),
            ("event", "i8"),  # as in CHANGE
            ("terms", "i8"),
            ("at_us", "i8"),
            ("sequence", "i8"),  # of this customer's alerts
            ("alert", "i8"),  # Alert
            ("level", "i8"),  # Level held from now on; of a warning the one held
            ("tier", "i8"),
            ("value", "f8"),
            ("p_alive", "f8"),
            ("tail", "f8"),  # chance of a silence this long from a customer who still buys
            ("at_risk", "f8"),  # value if certainly alive - value, minor units
            ("silent_days", "f8"),
            ("usual_gap_days", "f8"),  # mean gap between purchase days so far; 0 before the second one
            ("chance_to_buy", "f8"),  # within BUYS_WITHIN_DAYS; -1: the family has none (Synlead)
            ("falls_us", "i8"),  # when silence next lowers the tier; NEVER_US if it does not
            ("keep_amount", "f8"),  # as in CHANGE, for that fall
        ],
    )
)

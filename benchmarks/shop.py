"""A seeded shop: orders of customers who differ in pace and spending, with refunds, cancellations, repeats and late arrivals.

The same seed gives the same bytes. Parts are drawn one after another, each going on where the last one ended.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.hashing import identities
from scoring.layout import DAY_US, EVENT, Bytes, Ints, Kind, Records

SEED = 3
FIRST_US = 1_704_067_200_000_000  # 2024-01-01: the whole log lies in the past, where no event is refused as future
REFUNDED, CANCELLED, REPEATED, LATE = 0.03, 0.01, 0.01, 0.02  # of the events
LATE_DAYS = 20
SPENDING = (2.0, 1.0)  # mean and deviation of the logarithm of a customer's usual amount, major units
PACE = 2.0  # shape of the gamma distribution of the customers' paces
_SECOND_US = 1_000_000
_DAY_S = DAY_US // _SECOND_US
LONGEST_AGO_S = 3_000 * _DAY_S  # nothing folds: EBBTIDE_FOLD_AFTER_DAYS is 3,650


class Told(NamedTuple):
    """Events in the order of the log; arrays of shape (n,)."""

    number: Ints  # in the event's id; a repeat has that of what it repeats
    customer: Ints
    kind: Bytes
    order: Ints  # the number in the order's id
    at_us: Ints
    amount: Ints  # minor units


class Past(NamedTuple):
    """Orders of customers, oldest first; arrays of shape (orders, customers)."""

    at_us: Ints
    amount: Ints  # minor units


class Shop:
    """Draws the log."""

    def __init__(self, customers: int, days_between: float, seed: int = SEED) -> None:
        """`days_between` is the mean time between two events of one customer."""
        self._chance = np.random.default_rng(seed)
        pace = self._chance.gamma(PACE, size=customers)
        self._pace = pace / pace.sum()
        self._usual = 100 * self._chance.lognormal(*SPENDING, customers)
        self._newest = np.full(customers, -1)  # the last order of each customer
        self._paid = np.zeros(customers, np.int64)  # and its amount
        self._event_s = days_between * _DAY_S / customers
        self._told = 0

    def draw(self, n: int) -> Told:
        """The next n events."""
        chance = self._chance
        customer = chance.choice(len(self._pace), n, p=self._pace)
        fate = chance.random(n)
        kind = np.where(fate < REFUNDED, Kind.REFUND, Kind.PLACED)
        kind = np.where((fate >= REFUNDED) & (fate < REFUNDED + CANCELLED), Kind.CANCELLED, kind).astype(np.uint8)
        number = np.arange(self._told, self._told + n)
        seconds = ((number + chance.random(n)) * self._event_s).astype(np.int64)
        late = chance.random(n) < LATE
        seconds[late] = np.maximum(seconds[late] - chance.integers(0, LATE_DAYS * _DAY_S, late.sum()), 0)
        amount = (self._usual[customer] * chance.gamma(4.0, 0.25, n)).astype(np.int64) + 1
        order = self._orders(number, customer, kind, amount)
        amount[kind == Kind.REFUND] = (amount[kind == Kind.REFUND] + 1) // 2
        self._told += n
        at_us = FIRST_US + seconds * _SECOND_US
        source = self._sources(n)
        return Told(number[source], customer[source], kind[source], order[source], at_us[source], amount[source])

    def before(self, first: int, end: int, n: int) -> Past:
        """The last n orders that these customers placed before the log begins, had they always bought at their pace."""
        chance = self._chance
        seconds = self._event_s / self._pace[first:end]
        ago_s = np.cumsum(chance.exponential(seconds, (n, end - first)), axis=0).clip(n, LONGEST_AGO_S)[::-1]
        at_us = FIRST_US - (ago_s.astype(np.int64) + np.arange(n, 0, -1)[:, np.newaxis]) * _SECOND_US
        amount = (self._usual[first:end] * chance.gamma(4.0, 0.25, at_us.shape)).astype(np.int64) + 1
        return Past(at_us, amount)

    def _orders(self, number: Ints, customer: Ints, kind: Bytes, amount: Ints) -> Ints:
        """The order that each event is about; refunds and cancellations are about the customer's last one, if any."""
        order = number.copy()
        newest, paid = self._newest, self._paid
        for i, (c, is_order) in enumerate(zip(customer.tolist(), (kind == Kind.PLACED).tolist(), strict=True)):
            if is_order or newest[c] < 0:
                kind[i] = Kind.PLACED
                newest[c], paid[c] = number[i], amount[i]
            else:
                order[i], amount[i] = newest[c], paid[c]
        return order

    def _sources(self, n: int) -> npt.NDArray[np.intp]:
        """Which event stands at each place: a few repeat one that came up to a thousand before."""
        places = np.arange(n)
        repeats = self._chance.random(n) < REPEATED
        places[repeats] = np.maximum(places[repeats] - self._chance.integers(1, 1000, repeats.sum()), 0)
        return places


def customer_ids(told: Told) -> list[bytes]:
    """Of each event: its record's key."""
    return [b"c%06d" % customer for customer in told.customer.tolist()]


def values(told: Told) -> list[bytes]:
    """Each event as bare JSON."""
    times = np.datetime_as_string(told.at_us.astype("datetime64[us]"), unit="s").tolist()
    rows = zip(
        told.number.tolist(),
        told.customer.tolist(),
        told.kind.tolist(),
        told.order.tolist(),
        times,
        told.amount.tolist(),
        strict=True,
    )
    return [_value(*row).encode() for row in rows]


def _value(number: int, customer: int, kind: int, order: int, time: str, amount: int) -> str:
    common = f'"id":"e{number}","customer_id":"c{customer:06d}","occurred_at":"{time}Z","order_id":"o{order}"'
    money = f'"amount":"{amount // 100}.{amount % 100:02d}"'
    match kind:
        case Kind.PLACED:
            return f'{{"type":"order.placed",{common},{money}}}'
        case Kind.REFUND:
            return f'{{"type":"order.refunded",{common},"refund_id":"r{number}",{money}}}'
        case _:
            return f'{{"type":"order.cancelled",{common}}}'


def kernel_events(told: Told) -> Records:
    """Each event as the kernel takes it, `customer` being the customer's number."""
    events = np.zeros(len(told.number), EVENT)
    events["group"] = identities([b"oo%d" % order for order in told.order.tolist()])
    refunds = told.kind == Kind.REFUND
    events["sub"][refunds] = identities([b"rr%d" % number for number in told.number[refunds].tolist()])
    events["kind"] = told.kind
    events["customer"] = told.customer
    events["at_us"] = told.at_us
    events["now_us"] = np.maximum.accumulate(told.at_us)
    events["amount"] = np.where(told.kind == Kind.CANCELLED, 0, told.amount)
    return events

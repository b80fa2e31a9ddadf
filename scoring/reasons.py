"""Why a customer brings a loss, or nearly: what each of the ledger's sums took of the profit, compared with the shop's average."""

from enum import StrEnum
from typing import NamedTuple

import numpy as np

from scoring.compiled import compiled
from scoring.facts import order_of
from scoring.layout import Ints, Kind, Record, Records
from scoring.ledgers import Ledgers
from scoring.rows import group_end

_PLACED = int(Kind.PLACED)


class Reason(StrEnum):
    """What took most."""

    RETURNS = "returns"
    COST = "cost"
    MARKETING = "marketing cost"


class Sums(NamedTuple):
    """One customer's money so far, minor units. What was folded away counts as ordered, as far as it is still held."""

    ordered: int  # amounts of all orders placed
    returned: int  # refunds, cancellations and credits: ordered less what is left of it
    cost: int  # product cost of what is left
    marketing: int

    @property
    def kept(self) -> int:
        """What the customer has paid in the end."""
        return self.ordered - self.returned

    @property
    def profit(self) -> int:
        """Gross profit so far."""
        return self.kept - self.cost - self.marketing


def sums_of(ledgers: Ledgers) -> Ints:
    """The Sums of every customer of a batch, shape (n, 4)."""
    headers = ledgers.headers
    returned = np.empty(len(headers), np.int64)
    _returned(headers, ledgers.rows, ledgers.starts, returned)
    kept = np.maximum(0, headers["held"] - headers["credits"])
    return np.column_stack([kept + returned, returned, headers["cost"], headers["marketing"]])


def reasons(sums: Sums, cost_rate: float) -> dict[Reason, float]:
    """What the customer would have brought more, minor units, largest first: had nothing come back, had the goods cost what
    the shop's goods cost on average (`cost_rate`, cost of 1 of sales), had nobody been contacted. Nothing that took nothing.
    """
    took = {
        Reason.RETURNS: sums.returned * (1.0 - cost_rate),
        Reason.COST: sums.cost - cost_rate * sums.kept,
        Reason.MARKETING: float(sums.marketing),
    }
    found = {reason: amount for reason, amount in took.items() if amount > 0.0}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


@compiled
def _returned(headers: Records, rows: Records, starts: Ints, out: Ints) -> None:
    for c in range(len(headers)):
        out[c] = returned_of(headers[c], rows[starts[c] : starts[c + 1]])


@compiled
def returned_of(h: Record, rows: Records) -> int:
    """What came back of all orders placed, minor units: refunds and cancellations, and credits as far as there was money left."""
    returned = 0
    lo = 0
    while lo < h.rows:
        hi = group_end(rows, h.rows, lo)
        amount = 0
        for i in range(lo, hi):
            if rows[i].kind == _PLACED:
                amount = int(rows[i].amount)  # revisions ascend: the last one holds
        returned += amount - int(order_of(rows, lo, hi, True)[2])
        lo = hi
    return returned + min(int(h.credits), max(0, int(h.held)))

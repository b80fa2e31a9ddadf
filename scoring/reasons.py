"""Why a customer brings a loss, or nearly: what each of the ledger's sums took of the profit, compared with the shop's average."""

from enum import StrEnum
from typing import NamedTuple

import numpy as np

from scoring.compiled import compiled
from scoring.facts import order_of
from scoring.layout import ARREARS, Floats, Ints, Kind, Record, Records
from scoring.ledgers import Ledgers
from scoring.rows import group_end

NEAR = 0.1  # of what was ordered: who has brought less profit than that, arrears left out, is near a loss
_PLACED = int(Kind.PLACED)


class Reason(StrEnum):
    """What took most."""

    RETURNS = "returns"
    DISCOUNTS = "discounts"
    COST = "cost"
    MARKETING = "marketing cost"
    ARREARS = "arrears"


class Sums(NamedTuple):
    """One customer's money so far, minor units. Of what was folded away only sums are known: it counts as ordered as far as
    it was still held, and its discounts and older debts are forgotten."""

    ordered: int  # amounts of all orders placed
    returned: int  # refunds, cancellations and credits: ordered less what is left of it
    cost: int  # product cost of what is left
    marketing: int
    discounts: int  # on orders of which something is left
    arrears: int  # owed now

    @property
    def kept(self) -> int:
        """What the customer's orders come to in the end."""
        return self.ordered - self.returned


def sums_of(ledgers: Ledgers) -> Ints:
    """The Sums of every customer of a batch, shape (n, 6)."""
    headers = ledgers.headers
    from_rows = np.empty((len(headers), 3), np.int64)
    _from_rows(headers, ledgers.rows, ledgers.starts, from_rows)
    returned, discounts, arrears = from_rows.T
    kept = np.maximum(0, headers["held"] - headers["credits"])
    return np.column_stack([kept + returned, returned, headers["cost"], headers["marketing"], discounts, arrears])


def above_near(sums: Ints) -> Floats:
    """Profit so far, arrears left out, less the tenth of what was ordered below which a customer is near a loss; shape (n,),
    minor units. Nobody is near who has ordered nothing."""
    ordered, returned, cost, marketing, _, arrears = sums.T
    profit = ordered - returned - cost - marketing - arrears
    return np.where(ordered > 0, profit - NEAR * ordered, 0.0)


def reasons(sums: Sums, cost_rate: float) -> dict[Reason, float]:
    """What the customer would have brought more, minor units, largest first; nothing that took nothing.

    Had nothing come back; had there been no discounts; had the goods cost what the shop's goods cost on average
    (`cost_rate`, product cost of 1 of sales); had nobody been contacted; had the customer paid.
    """
    took = {
        Reason.RETURNS: sums.returned * (1.0 - cost_rate),
        Reason.DISCOUNTS: float(sums.discounts),
        Reason.COST: sums.cost - cost_rate * (sums.kept + sums.discounts),  # of the price without the discount
        Reason.MARKETING: float(sums.marketing),
        Reason.ARREARS: float(sums.arrears),
    }
    found = {reason: amount for reason, amount in took.items() if amount > 0.0}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


@compiled
def _from_rows(headers: Records, rows: Records, starts: Ints, out: Ints) -> None:
    for c in range(len(headers)):
        out[c, 0], out[c, 1], out[c, 2] = sums_of_rows(headers[c], rows[starts[c] : starts[c + 1]])


@compiled
def sums_of_rows(h: Record, rows: Records) -> tuple[int, int, int]:
    """Returned, discounts and arrears, as in Sums; of arrears the newest word holds, of two at one instant the larger."""
    returned, discounts, arrears, owed_us = 0, 0, 0, 0
    lo = 0
    while lo < h.rows:
        hi = group_end(rows, h.rows, lo)
        placed = -1
        for i in range(lo, hi):
            if rows[i].kind == _PLACED:
                placed = i  # revisions ascend: the last one holds
            elif rows[i].marks & ARREARS and (rows[i].at_us, rows[i].amount) > (owed_us, arrears):
                owed_us, arrears = int(rows[i].at_us), int(rows[i].amount)
        if placed >= 0:
            counts, _, held, _, _ = order_of(rows, lo, hi, True)
            returned += int(rows[placed].amount) - held
            discounts += int(rows[placed].discount) if counts else 0
        lo = hi
    return returned + min(int(h.credits), max(0, int(h.held))), discounts, arrears

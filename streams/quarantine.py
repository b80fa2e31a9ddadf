"""Customers whose stored ledger cannot be read: their events become dead letters, their bytes stay as they are.

So one damaged value does not stop a partition, and nothing is built on top of it or over it.
"""

import logging
from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from streams.events.refusals import Reason, Refusal
from streams.ownership import Partition
from streams.placing import Placed

log = logging.getLogger(__name__)
_DAMAGED = Refusal(
    Reason.LEDGER,
    "the customer's stored ledger is damaged or of another version; it is left as it is: see docs/operations.md",
)


def set_aside(
    owned: Partition, placed: Placed, stored: Sequence[bytes | None], damaged: Collection[int]
) -> tuple[Placed, list[bytes | None]]:
    """The batch without the events of these customers, which are dead letters now; their ledgers as if there were none."""
    for c in sorted(damaged):
        log.error("The ledger of customer %r in bucket %d is damaged", placed.customers[c], placed.homes[c])
    mine = ~np.isin(placed.events["customer"], list(damaged))
    away = np.flatnonzero(~mine).tolist()
    counts = {bucket: Counter(counted) for bucket, counted in placed.counts.items()}
    if placed.batch:  # ticks are nobody's record: their deadlines are forgotten
        for i in away:
            counts.setdefault(int(placed.buckets[i]), Counter()).update(("consumed", f"dead.{Reason.LEDGER}"))
    readable = placed._replace(
        events=placed.events[mine],
        buckets=placed.buckets[mine],
        records=placed.records[mine] if placed.batch else placed.records,
        dead=[*placed.dead, *placed.dead_of(owned, away, _DAMAGED)],
        counts=counts,
    )
    return readable, [None if c in damaged else blob for c, blob in enumerate(stored)]

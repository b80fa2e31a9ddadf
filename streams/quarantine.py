"""Customers whose stored ledger cannot be read: their events become dead letters, their bytes stay as they are.

So one damaged value does not stop a partition, and nothing is built on top of it or over it.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Sequence

import numpy as np

from streams.events.refusals import Reason, Refusal
from streams.ownership import Partition
from streams.placing import Placed

log = logging.getLogger(__name__)


def set_aside(
    owned: Partition,
    placed: Placed,
    stored: Sequence[bytes | None],
    damaged: Collection[int],
    place: Callable[[int], str],
) -> tuple[Placed, list[bytes | None]]:
    """The batch without the events of these customers, which are dead letters now; their ledgers as if there were none.

    `place` names where the ledgers of a bucket lie.
    """
    refusals: dict[int, Refusal] = {}
    for c in sorted(damaged):
        bucket = int(placed.homes[c])
        refusals[c] = Refusal(Reason.LEDGER, damaged_ledger(place(bucket), placed.customers[c], bucket))
        log.error("Damaged: %s", refusals[c].message)
    mine = ~np.isin(placed.events["customer"], list(damaged))
    away = np.flatnonzero(~mine).tolist()
    counts = {bucket: Counter(counted) for bucket, counted in placed.counts.items()}
    if placed.batch:  # ticks are nobody's record: their deadlines are forgotten
        for i in away:
            counts.setdefault(int(placed.buckets[i]), Counter()).update(("consumed", f"dead.{Reason.LEDGER}"))
    whose = placed.events["customer"].tolist()
    dead = [letter for i in away for letter in placed.dead_of(owned, [i], refusals[whose[i]])]
    readable = placed._replace(
        events=placed.events[mine],
        buckets=placed.buckets[mine],
        records=placed.records[mine] if placed.batch else placed.records,
        dead=[*placed.dead, *dead],
        counts=counts,
    )
    return readable, [None if c in damaged else blob for c, blob in enumerate(stored)]


def damaged_ledger(place: str, customer_id: bytes, bucket: int) -> str:
    """Names the stored value and the way out, and never says what is in it."""
    return (
        f"{place} field {customer_id.decode(errors='replace')}: this stored ledger is damaged. It is left as it is until "
        f"ebbtide rebuild --bucket {bucket}"
    )

"""What a batch tells the world: outbox entries about changes of tier and drift alerts. Pure."""

from typing import Any

import numpy as np

from scoring.layout import Ints
from scoring.ledgers import Ran
from state.store import Entry
from streams.clock import wall_us
from streams.config import DRIFT_ALERTS, TIER_CHANGES, Scoring
from streams.events.alerts import drift_alert
from streams.events.messages import message, tier_changed
from streams.events.text import time_text
from streams.ownership import Partition
from streams.placing import Placed
from streams.versions import Versions


def entries(owned: Partition, placed: Placed, ran: Ran, versions: Versions, scoring: Scoring) -> dict[int, list[Entry]]:
    """The messages by bucket, in the order in which things happened; at one instant the change before its alerts."""
    found: dict[int, list[Entry]] = {}
    emitted_at = time_text(wall_us())
    told: list[tuple[Any, ...]] = [*ran.changes.tolist(), *ran.alerts.tolist()]
    changes = len(ran.changes)
    for i in in_order(ran).tolist():
        customer, event = told[i][:2]
        bucket = int(placed.homes[customer])
        key = placed.customers[customer]
        caused = placed.caused(event)
        version = versions.named(told[i][2])
        if i < changes:
            topic, said = TIER_CHANGES, message(tier_changed(told[i], key, caused, version, scoring, emitted_at))
        else:
            topic, said = DRIFT_ALERTS, message(drift_alert(told[i], key, caused, version, scoring, emitted_at))
        listed = found.setdefault(bucket, [])
        listed.append(Entry(owned.heads[bucket].sequence + 1, len(listed), topic, key, *said))
    return found


def in_order(ran: Ran) -> Ints:
    """Indices into the changes followed by the alerts, by time.

    Where a customer meets several at one instant: new terms come before silence, and that before the events of the batch
    (their `event` says so: -3 and -2, -1, then 0, 1, ...).
    """
    both = (ran.changes, ran.alerts)
    is_alert = np.repeat([0, 1], [len(told) for told in both])
    at_us, customer, event, sequence = (
        np.concatenate([told[name] for told in both]) for name in ("at_us", "customer", "event", "sequence")
    )
    return np.lexsort((sequence, is_alert, event, customer, at_us))

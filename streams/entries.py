"""What a batch tells the world: outbox entries about changes of tier and drift alerts. Pure."""

import numpy as np

from scoring.layout import Cause, Ints, Records
from scoring.ledgers import Ran
from state.store import Entry
from streams.clock import wall_us
from streams.config import DRIFT_ALERTS, TIER_CHANGES, Scoring
from streams.events.alerts import drift_alerts
from streams.events.messages import CAUSES, OWN_CAUSES, Because, message, tier_changes
from streams.events.out import DriftAlert, TierChanged
from streams.events.text import time_text
from streams.ownership import Partition
from streams.placing import Placed
from streams.versions import Versions


def entries(owned: Partition, placed: Placed, ran: Ran, versions: Versions, scoring: Scoring) -> dict[int, list[Entry]]:
    """The messages by bucket, in the order in which things happened; at one instant the change before its alerts."""
    changes, alerts = len(ran.changes), len(ran.alerts)
    if not changes + alerts:
        return {}
    emitted_at = time_text(wall_us())
    customers = np.concatenate((ran.changes["customer"], ran.alerts["customer"]))
    homes, keys = placed.homes[customers].tolist(), [placed.customers[c] for c in customers.tolist()]
    names = [key.decode() for key in keys]
    told: list[TierChanged | DriftAlert] = []
    if changes:
        because = _because(placed, ran.changes, versions)
        told += tier_changes(ran.changes, names[:changes], because, scoring, emitted_at)
    if alerts:
        because = _because(placed, ran.alerts, versions)
        told += drift_alerts(ran.alerts, names[changes:], because, scoring, emitted_at)
    found: dict[int, list[Entry]] = {}
    for i in in_order(ran).tolist():
        bucket = homes[i]
        listed = found.setdefault(bucket, [])
        topic = TIER_CHANGES if i < changes else DRIFT_ALERTS
        listed.append(Entry(owned.heads[bucket].sequence + 1, len(listed), topic, keys[i], *message(told[i])))
    return found


def _because(placed: Placed, told: Records, versions: Versions) -> list[Because]:
    """The cause of each change or alert: the event, or what the kernel's number for none means.

    New terms are named by the record that brought them; silence has no name.
    """
    events = told["event"]
    caused = iter(placed.caused(events[events >= 0]))
    found = []
    for event, number in zip(events.tolist(), told["terms"].tolist(), strict=True):
        version = versions.named(number)
        if event >= 0:
            kind, name = next(caused)
            found.append(Because(CAUSES[kind], name, version))
        else:
            found.append(Because(OWN_CAUSES[event], None if event == Cause.SILENCE else version.id, version))
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

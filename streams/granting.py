"""Which drift alerts of a batch the day's budget lets go out. Asked only where there is a budget."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from scoring.budget import Candidate
from scoring.layout import Alert, Ints
from scoring.ledgers import Ran
from state.store import Store
from streams.events.alerts import alert_id
from streams.patience import Patience
from streams.placing import Placed


async def granted(store: Store, limit: int, patience: Patience, placed: Placed, ran: Ran) -> tuple[Placed, Ran]:
    """The run with the alerts that are told, and in the placing's counts how many of each bucket are not.

    Returns need no grant: nothing is asked of anybody by them.
    """
    asking = in_time(placed, ran)
    if not len(asking):
        return placed, ran
    asked = candidates(placed, ran, asking)
    answers = await patience(lambda: store.grant(limit, asked))
    withheld = asking[~np.array(answers, np.bool_)]
    homes = placed.homes[ran.alerts["customer"][withheld]]
    counts = {bucket: Counter(counted) for bucket, counted in placed.counts.items()}
    for bucket, count in Counter(homes.tolist()).items():
        counts.setdefault(bucket, Counter())["drift_withheld"] += count
    return placed._replace(counts=counts), ran._replace(alerts=np.delete(ran.alerts, withheld))


def in_time(placed: Placed, ran: Ran) -> Ints:
    """Indices of the alerts that need a grant, in the order of time; at one instant by customer, as on a replay's tape."""
    asking = np.flatnonzero(ran.alerts["alert"] != Alert.CLEARED)
    alerts = ran.alerts[asking]
    ids = np.array(placed.customers, np.object_)[alerts["customer"]]
    order = sorted(range(len(asking)), key=lambda i: (alerts["at_us"][i], ids[i], alerts["sequence"][i]))
    return asking[order]


def candidates(placed: Placed, ran: Ran, asking: Ints) -> Sequence[Candidate]:
    """These alerts, as the budget wants to know them."""
    alerts = ran.alerts[asking]
    columns = (alerts[name].tolist() for name in ("customer", "sequence", "at_us", "at_risk"))
    return [
        Candidate(alert_id(placed.customers[customer].decode(), sequence), at_us, float(round(at_risk)))
        for customer, sequence, at_us, at_risk in zip(*columns, strict=True)
    ]

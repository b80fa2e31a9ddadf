"""Ledgers are damaged, lost or another's, and `ebbtide rebuild` mends them while events flow; rebuilds and workers die meanwhile.

A rebuild that dies has dropped what was left of the one before, or reads, or has switched some of its buckets and not the others.
The next one has to begin with what it left. Some are of everything, some of the damaged buckets alone.
"""

import json
import time
from collections.abc import Callable, Iterable, Sequence

from state.keys import SHADOW
from tests.soak.commands import begins, broken_off
from tests.soak.crew import Crew, killed
from tests.soak.damage import Damage
from tests.soak.flow import UNDER_WAY, Flow
from tests.soak.heads import holders
from tests.soak.judge import judge
from tests.soak.place import Place
from tests.soak.records import message
from tests.soak.scenario import Found, Scenario
from tests.support.shop_log import Event, shop_log
from tests.support.world import World, until

WORKERS = 2
PER_S = 500
AHEAD = 12_000  # events before the first damage
MEETS = 500  # events upon each damage, at least, before anybody mends it
ONCE = 4  # every fourth order is its customer's only one
HEARD_OF = 5_000  # events in which a refund may still come (tests/support/shop_log.py)
WITH_A_WORKER = 0.4  # of the rebuilds that die


def run(place: Place) -> Found:
    world, chance = place.world, place.chance
    rounds, kills = place.scale((3, 4), (1, 2))
    log = shop_log(place.scale(200_000, 100_000), place.scale(4_000, 2_000), place.seed)
    damage, died, met, extra = Damage(world, chance), 0, 0, 0
    held: list[bool] = []  # of each worker that was killed, whether it held partitions
    takes_s = {True: 1.0, False: 0.3}  # a rebuild of everything, of some buckets
    with Flow(world, map(message, with_passers_by(log)), PER_S) as flow:
        crew = Crew(world, WORKERS)
        flow.rush(AHEAD)
        for number in range(rounds):
            buckets = damage.do(quiet_since(crew, flow))
            crew.goes_on(MEETS, flow)
            until(lambda: world.counters()["dead.ledger"] > 0, "an event meets damage", crew.workers, every_s=0.2)
            met += world.counters()["dead.ledger"]  # all of it is mended before the next
            for _ in range(kills):
                whole = chance.random() < 0.5
                begun, after_s = begins(world, SHADOW), chance.uniform(0, takes_s[whole])
                died += broken_off(world, ["rebuild", *named(buckets, whole)], begun, after_s)
                if chance.random() < WITH_A_WORKER:
                    held.append(crew.kill(chance.randrange(WORKERS)))
            whole = number % 2 == 0
            report = json.loads(world.run("rebuild", "--json", *named(buckets, whole)))
            takes_s[whole] = report["elapsed_s"]
            extra += report["differ"]["extra"]
            crew.goes_on(flow=flow)
        flow.enough()
    crew.resize(1)
    faults = f"{len(damage.customers)} ledgers spoilt, {died} kill -9 of rebuilds, {killed(held)}"
    found = judge(place, flow.sent, faults, peace=flow.steady, spoilt=damage.customers)
    left = shadows(world)
    amiss = f", amiss: {left} shadows left, {extra} extra" if left + extra else ""
    return found._replace(
        reconcile=found.reconcile and not amiss,
        note=f"{met} events met damage, {found.note}{amiss}",
    )


def with_passers_by(log: Iterable[Event]) -> list[Event]:
    """The same log; some orders, with all that is heard of them, are their customer's only one."""
    return [
        event | {"customer_id": f"passer-{event['order_id'][1:]}"} if int(event["order_id"][1:]) % ONCE == 0 else event
        for event in log
    ]


def quiet_since(crew: Crew, flow: Flow) -> Callable[[str], bool]:
    """Whether nothing more comes of a customer, once all that was sent by now is consumed."""
    sent = len(flow.sent)
    while crew.consumed() < sent:
        crew.goes_on(0)
        time.sleep(0.05)
    last = sent - UNDER_WAY - HEARD_OF
    return lambda customer: customer.startswith("passer-") and int(customer.removeprefix("passer-")) < last


def named(buckets: Sequence[int], whole: bool) -> list[str]:
    """On the command line; everything has no name."""
    return [] if whole else [word for bucket in buckets for word in ("--bucket", str(bucket))]


def shadows(world: World) -> int:
    """Buckets of which a shadow lies there."""
    return sum(epoch is not None for epoch in holders(world, SHADOW))


REBUILD = Scenario(
    "rebuild", "a rebuild mends less than was damaged, or leaves a trace where it dies", run, limit_s=480
)

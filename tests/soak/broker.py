"""The broker is killed and started again while events flow: senders, workers and relay try again until it is there.

Every second time it dies when the workers have just committed the first of a backlog, so that they go on to commit what they
cannot publish; and then they die, too, so that the next ones have to.
"""

import time

from tests.soak.crew import Crew
from tests.soak.flow import Flow
from tests.soak.judge import judge
from tests.soak.place import Place
from tests.soak.records import message
from tests.soak.scenario import Found, Scenario
from tests.support.shop_log import shop_log

WORKERS = 2
PER_S = 500
BACKLOG = 40_000  # events: more than a worker has read when it begins
DOWN_S = 10.0  # at most
FLOWS_S = 6.0  # between two kills, at most


def run(place: Place) -> Found:
    kills, chance = place.scale(8, 3), place.chance
    log = map(message, shop_log(place.scale(500_000, 300_000), place.scale(20_000, 5_000), place.seed))
    died = others = 0
    with Flow(place.world, log, PER_S) as flow:
        crew = Crew(place.world, WORKERS, broker_dies=True)
        crew.goes_on(flow=flow)
        for number in range(kills):
            time.sleep(chance.uniform(1, FLOWS_S))
            with_workers = number % 2 == 0
            if with_workers:
                backlog(crew, flow)
            place.broker.kill()
            holders = crew.holders()  # now: after a while without a broker they may give back what they cannot read
            time.sleep(chance.uniform(0, DOWN_S))
            for worker in range(WORKERS if with_workers else 0):
                crew.strike(worker)
                died, others = died + (worker in holders), others + (worker not in holders)
            place.broker.start()
            crew.fill()
            crew.goes_on(PER_S, flow)
        flow.enough()
    crew.resize(1)
    assert died, "no worker that had partitions died while the broker was gone: nothing was proved by it"
    faults = f"{kills} kill -9 of the broker, meanwhile {died} of workers that had partitions, {others} of others"
    found = judge(place, flow.sent, faults)
    return found._replace(note=f"{crew.turned_away} started without a broker, {found.note}")


def backlog(crew: Crew, flow: Flow) -> None:
    """Let one grow, and the workers begin to tell of it."""
    for worker in range(WORKERS):
        crew.strike(worker)
    flow.rush(BACKLOG)
    crew.fill()
    crew.works()  # before that, what is not told is of those who died
    crew.tells()


BROKER = Scenario(
    "broker", "what was under way to or from a broker that died is lost or doubled", run, limit_s=600, needs_kafka=True
)

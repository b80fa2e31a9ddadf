"""Workers stopped for longer than a session: others take over, and the stopped ones wake up in the middle of a commit."""

import signal
import time

from tests.soak.crew import Crew
from tests.soak.flow import Flow
from tests.soak.judge import judge
from tests.soak.place import Place
from tests.soak.records import message
from tests.soak.scenario import Found, Scenario
from tests.support.shop_log import shop_log

WORKERS = 3
PER_S = 2_000
REFUSED = b"Another worker took over partition"
STOPPED_S = (7.0, 12.0)  # the session ends after 6
FLOWS_S = (0.3, 2.0)  # awake before the next are stopped, at most: while it works off what waited, in calm


def run(place: Place) -> Found:
    rounds, chance = place.scale(12, 2), place.chance
    log = map(message, shop_log(place.scale(600_000, 300_000), place.scale(20_000, 5_000), place.seed))
    stopped = 0
    with Flow(place.world, log, PER_S) as flow:
        crew = Crew(place.world, WORKERS)
        crew.goes_on(flow=flow)
        for number in range(rounds):
            zombies = chance.sample(range(WORKERS), 1 + number % 2)
            time.sleep(chance.uniform(0, chance.choice(FLOWS_S)))
            crew.signal(zombies, signal.SIGSTOP)
            time.sleep(chance.uniform(*STOPPED_S))
            crew.goes_on(flow=flow)  # by those that are left
            crew.signal(zombies, signal.SIGCONT)
            stopped += len(zombies)
            crew.goes_on(flow=flow)
        flow.enough()
    crew.resize(1)
    noticed = sum(log.read_bytes().count(REFUSED) for log in place.logs.glob("*.log"))
    assert noticed, "no worker that was stopped found its partition taken: nothing was proved by it"
    faults = f"{stopped} SIGSTOP of {STOPPED_S[0]:.0f} to {STOPPED_S[1]:.0f} s, {noticed} partitions found taken"
    return judge(place, flow.sent, faults, peace=flow.steady)


ZOMBIE = Scenario("zombie", "a worker that wakes up late writes over what another one did", run, limit_s=600)

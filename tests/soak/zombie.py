"""Workers stopped for longer than a session: others take over, and the stopped ones wake up in the middle of a commit.

Some are stopped in calm, the others in the middle of a backlog: what they have at hand then, they try to commit first of all when
they wake up.
"""

import re
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
PER_S = 1_500
BACKLOG = 8_000  # events, to all of them together
REFUSED = re.compile(rb"A commit to partition \d+ was refused")  # by its epoch: what is taken is found by looking, too
STOPPED_S = (7.0, 12.0)  # the session ends after 6
FLOWS_S = 2.0  # at most, before some are stopped in calm


def run(place: Place) -> Found:
    rounds, chance = place.scale(12, 2), place.chance
    log = map(message, shop_log(place.scale(600_000, 300_000), place.scale(20_000, 5_000), place.seed))
    stopped = 0
    with Flow(place.world, log, PER_S) as flow:
        crew = Crew(place.world, WORKERS)
        for number in range(rounds):
            crew.at_work()
            zombies = chance.sample(range(WORKERS), 1 + number % 2)
            if number % 3:
                time.sleep(chance.uniform(0, FLOWS_S))
            else:
                backlog(crew, flow)
            crew.signal(zombies, signal.SIGSTOP)
            time.sleep(chance.uniform(*STOPPED_S))
            crew.goes_on(flow=flow)  # by those that are left
            crew.signal(zombies, signal.SIGCONT)
            stopped += len(zombies)
            crew.goes_on(flow=flow)
        flow.enough()
    crew.resize(1)
    refused = sum(len(REFUSED.findall(log.read_bytes())) for log in place.logs.glob("*.log"))
    assert refused, "no worker that was stopped tried to commit when it woke up: nothing was proved by it"
    faults = f"{stopped} SIGSTOP of {STOPPED_S[0]:.0f} to {STOPPED_S[1]:.0f} s, {refused} commits refused"
    return judge(place, flow.sent, faults, peace=flow.steady)


def backlog(crew: Crew, flow: Flow) -> None:
    """Let one grow, and the workers begin to work it off."""
    crew.signal(range(WORKERS), signal.SIGSTOP)
    flow.rush(BACKLOG)
    crew.signal(range(WORKERS), signal.SIGCONT)
    crew.goes_on()
    crew.tells()


ZOMBIE = Scenario("zombie", "a worker that wakes up late writes over what another one did", run, limit_s=600)

"""kill -9 of workers that hold partitions, at random instants, and beside them of whoever there is: just started, or waiting.

The kills come in bursts. One begins where all partitions are worked on, with every second of those where something was just
committed that has to be told; or, now and then, at any instant while the group settles. After a burst the group waits for the
session of the dead to end (6 s: a real broker refuses shorter ones). More workers than partitions are there, so that some who
are up already take over then, and do not have to start first.
"""

import time

from tests.soak.crew import Crew
from tests.soak.flow import Flow
from tests.soak.judge import judge
from tests.soak.place import Place
from tests.soak.records import message
from tests.soak.scenario import Found, Scenario
from tests.support.shop_log import shop_log

SPARE = 2
PER_S = 500
BURST = (3, 6)  # kills
PAUSES_S = (0.0, 0.3, 3.0)  # between two kills of a burst, at most: at once, while one starts, while the group settles
AIMED = 0.8  # of the kills, at a worker that holds partitions
SETTLED = 0.75  # of the bursts begin where every partition is worked on
SETTLES_S = 10.0  # the others begin at any instant of that time, if anybody holds partitions by then
GOES_ON_S = 2.0  # at most, before a burst that does not wait for something to tell


def run(place: Place) -> Found:
    wanted, chance = place.scale(200, 12), place.chance
    log = map(message, shop_log(place.scale(600_000, 300_000), place.scale(20_000, 5_000), place.seed))
    killed = others = bursts = 0
    with Flow(place.world, log, PER_S) as flow:
        crew = Crew(place.world, place.world.topics.partitions + SPARE)
        crew.at_work()
        while killed < wanted:
            # 1. an instant
            if chance.random() >= SETTLED:
                time.sleep(chance.uniform(0, SETTLES_S))
            else:
                crew.at_work()
                if bursts % 2:
                    crew.tells()
                else:
                    time.sleep(chance.uniform(0, GOES_ON_S))
            # 2. a burst
            for _ in range(chance.randint(*BURST)):
                among = (chance.random() < AIMED and crew.holders()) or range(len(crew.workers))
                if crew.kill(chance.choice(among)):
                    killed += 1
                else:
                    others += 1
                time.sleep(chance.uniform(0, chance.choice(PAUSES_S)))
            bursts += 1
        crew.at_work()
        crew.goes_on(flow=flow)
        flow.enough()
    crew.resize(1)
    faults = f"{killed} kill -9 of workers with partitions, {others} of others, in {bursts} bursts"
    return judge(place, flow.sent, faults, peace=flow.steady)


KILLS = Scenario("kills", "a worker that dies at any instant leaves a trace", run, limit_s=1500)

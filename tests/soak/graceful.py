"""Rolling restarts: one worker after another gets SIGTERM and a successor while events flow.

Each is stopped soon after it got partitions, whether those that were just started have joined or not.
"""

import time

from tests.soak.crew import Crew
from tests.soak.flow import Flow
from tests.soak.judge import judge
from tests.soak.place import Place
from tests.soak.records import message
from tests.soak.scenario import Found, Scenario
from tests.support.shop_log import shop_log

WORKERS = 3
PER_S = 700
WORKS_S = 2.0  # at most, from its partitions to its end


def run(place: Place) -> Found:
    wanted, chance = place.scale(24, 5), place.chance
    log = map(message, shop_log(place.scale(300_000, 200_000), place.scale(20_000, 5_000), place.seed))
    stopped = others = 0
    with Flow(place.world, log, PER_S) as flow:
        crew = Crew(place.world, WORKERS)
        crew.at_work()
        while stopped < wanted:
            number = (stopped + others) % WORKERS
            crew.joins(number)
            time.sleep(chance.uniform(0, WORKS_S))
            if crew.replace(number):
                stopped += 1
            else:  # the group settled anew meanwhile
                others += 1
            crew.goes_on(flow=flow)
        crew.at_work()
        flow.enough()
    crew.resize(1)
    stopped += WORKERS - 1
    faults = f"{stopped} SIGTERM of workers with partitions, {others} of others"
    return judge(place, flow.sent, faults, peace=flow.steady)


GRACEFUL = Scenario("graceful", "a rolling restart loses or doubles what was under way", run, limit_s=480)

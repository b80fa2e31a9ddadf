"""kill -9 of workers at random instants: in mid-stream, just started, while the group settles, several at once.

The kills come in bursts, every second of which begins where something was just committed that has to be told. After each, the
group has to wait for the session of the dead to end (6 s: a real broker refuses shorter ones), so that 200 kills that each
waited for the last would take half an hour.
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
PER_S = 500
BURST = 9  # kills at most; then events have to be consumed
PAUSES_S = (0.0, 0.3, 3.0)  # between two kills of a burst, at most: at once, while it starts, while the group settles
GOES_ON_S = 2.0  # at most, between the first event after a burst and the next one


def run(place: Place) -> Found:
    kills, chance = place.scale(200, 12), place.chance
    log = map(message, shop_log(place.scale(600_000, 300_000), place.scale(20_000, 5_000), place.seed))
    killed = bursts = 0
    with Flow(place.world, log, PER_S) as flow:
        crew = Crew(place.world, WORKERS)
        crew.goes_on(flow=flow)
        while killed < kills:
            if bursts % 2:
                crew.tells()
            for _ in range(min(chance.randint(1, BURST), kills - killed)):
                crew.kill(chance.randrange(WORKERS))
                killed += 1
                time.sleep(chance.uniform(0, chance.choice(PAUSES_S)))
            bursts += 1
            crew.goes_on(flow=flow)
            time.sleep(chance.uniform(0, GOES_ON_S))
        flow.enough()
    crew.resize(1)
    return judge(place, flow.sent, f"{killed} kill -9 in {bursts} bursts", peace=flow.steady)


KILLS = Scenario("kills", "a worker that dies at any instant leaves a trace", run, limit_s=1200)

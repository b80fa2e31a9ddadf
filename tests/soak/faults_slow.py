"""Redis, or the broker, is far away: half a second there and half a second back, from a worker's start on."""

import time
from functools import partial

from tests.soak.between import Between
from tests.soak.crew import Crew
from tests.soak.flow import Flow
from tests.soak.judge import judge
from tests.soak.place import Place
from tests.soak.records import message
from tests.soak.scenario import Found, Scenario
from tests.support.shop_log import shop_log

PER_S = 1_000
FAR_S = 0.5


def run(place: Place, far: str) -> Found:
    log = map(message, shop_log(place.scale(60_000, 15_000), place.scale(4_000, 1_000), place.seed))
    with Between(place) as between:
        proxy = between.to_redis if far == "Redis" else between.to_kafka
        proxy.delay(FAR_S, FAR_S)
        with Flow(place.world, log, PER_S) as flow:
            crew = Crew(between.world, 1)
            while flow.running:
                crew.goes_on(flow=flow)
        sent_s = time.monotonic()
        while crew.consumed() < len(flow.sent):
            crew.goes_on(flow=flow)
        behind_s = time.monotonic() - sent_s
        waited = between.log().count(b"Waiting:")
        found = judge(place, flow.sent, f"{far} {1000 * FAR_S:.0f} ms away, each way")
    return found._replace(note=f"{behind_s:.1f} s behind, waited {waited} times{found.note and ', ' + found.note}")


SLOW_REDIS = Scenario("slow-redis", "a slow Redis is taken for none", partial(run, far="Redis"), 300, needs_kafka=True)
SLOW_BROKER = Scenario(
    "slow-broker", "a slow broker is taken for none", partial(run, far="Kafka"), 300, needs_kafka=True
)

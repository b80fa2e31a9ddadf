"""Redis, or the broker, is far away: half a second there and half a second back, from a worker's start on.

The last events are sent one by one: how long each takes shows whether the worker reads and commits over the long way.
"""

import time
from functools import partial

from tests.soak.between import Between
from tests.soak.crew import Crew
from tests.soak.flow import Flow, send
from tests.soak.judge import judge
from tests.soak.place import Place
from tests.soak.records import Message, messages
from tests.soak.scenario import Found, Scenario
from tests.support.shop_log import shop_log

PER_S = 1_000
FAR_S = 0.5
ALONE = 3  # events
AT_LEAST_S = 0.8 * FAR_S  # the answer to a fetch, on its way as the event comes, may be all that is far


def run(place: Place, far: str) -> Found:
    log = messages(shop_log(place.scale(60_000, 15_000), place.scale(4_000, 1_000), place.seed))
    with Between(place) as between:
        proxy = between.to_redis if far == "Redis" else between.to_kafka
        proxy.delay(FAR_S, FAR_S)
        with Flow(place.world, log[:-ALONE], PER_S) as flow:
            crew = Crew(between.world, 1)
            while flow.running:
                crew.goes_on(flow=flow)
        sent_s = time.monotonic()
        crew.reaches(len(flow.sent))
        behind_s = time.monotonic() - sent_s
        takes_s = min(consumed_within_s(place, crew, one) for one in log[-ALONE:])
        assert takes_s > AT_LEAST_S, (
            f"an event was consumed within {takes_s:.2f} s: the worker has a shorter way to {far}"
        )
        waited = between.log().count(b"Waiting:")
        found = judge(place, log, f"{far} {1000 * FAR_S:.0f} ms away, each way")
    note = f"{behind_s:.1f} s behind, {takes_s:.1f} s for an event, waited {waited} times"
    return found._replace(note=f"{note}{found.note and ', ' + found.note}")


def consumed_within_s(place: Place, crew: Crew, one: Message) -> float:
    """The time from one event's being on the broker until it is consumed."""
    before = crew.consumed()
    send(place.world, [one])
    sent_s = time.monotonic()
    crew.reaches(before + 1)
    return time.monotonic() - sent_s


SLOW_REDIS = Scenario("slow-redis", "a slow Redis is taken for none", partial(run, far="Redis"), 300, needs_kafka=True)
SLOW_BROKER = Scenario(
    "slow-broker", "a slow broker is taken for none", partial(run, far="Kafka"), 300, needs_kafka=True
)

"""Redis reaches maxmemory under noeviction while events flow: the worker waits, says so, and goes on when there is room."""

import time

from redis import Redis as Client

from tests.soak.crew import Crew
from tests.soak.flow import Flow
from tests.soak.judge import judge
from tests.soak.place import Place
from tests.soak.records import message
from tests.soak.scenario import Found, Scenario
from tests.support.shop_log import shop_log
from tests.support.world import until

PER_S = 1_000
FULL = b"refuses for now: OOM"
ROOM_BYTES = 50_000
LOOKS, LOOK_EVERY_S = 40, 0.05
FULL_FOR_S = 12.0  # longer than Kafka's session timeout


def run(place: Place) -> Found:
    rounds = place.scale(4, 1)
    log = map(message, shop_log(place.scale(300_000, 200_000), place.scale(20_000, 10_000), place.seed))
    with Client.from_url(place.redis.url) as redis, Flow(place.world, log, PER_S) as flow:
        crew = Crew(place.world, 1)
        for _ in range(rounds):
            crew.goes_on(2_000, flow)
            before = said(place, FULL)
            redis.config_set("maxmemory-policy", "noeviction")
            redis.config_set("maxmemory", least_used(redis) + ROOM_BYTES)
            until(lambda n=before: said(place, FULL) > n, "the worker says that Redis is full")  # type: ignore[misc]
            time.sleep(FULL_FOR_S)
            crew.check()
            redis.config_set("maxmemory", 0)
            crew.goes_on(flow=flow)
        flow.enough()
    waited = said(place, b"No longer waiting")
    found = judge(place, flow.sent, f"{rounds} times full", peace=flow.steady)
    return found._replace(
        note=f"said so {said(place, FULL)} times, {found.note}", reconcile=found.reconcile and waited > 0
    )


def least_used(redis: Client) -> int:
    """Bytes that it uses without what comes and goes, such as an outbox on its way and the answers to clients."""
    used = []
    for _ in range(LOOKS):
        used.append(redis.info("memory")["used_memory"])
        time.sleep(LOOK_EVERY_S)
    return int(min(used))


def said(place: Place, words: bytes) -> int:
    """How often the worker's log has these words."""
    return (place.world.logs / "worker-0.log").read_bytes().count(words)


REDIS_FULL = Scenario("redis-full", "what a full Redis refuses is lost, or the worker ends", run, limit_s=400)

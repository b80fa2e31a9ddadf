"""Redis is stopped, put back to a snapshot of some time ago and started again, while events flow."""

import shutil
from pathlib import Path

from redis import Redis as Client

from tests.soak.crew import Crew
from tests.soak.flow import Flow
from tests.soak.judge import judge
from tests.soak.place import Place
from tests.soak.records import message
from tests.soak.scenario import Found, Scenario
from tests.support.shop_log import shop_log

PER_S = 1_000


def run(place: Place) -> Found:
    rounds = place.scale(6, 2)
    log = map(message, shop_log(place.scale(300_000, 200_000), place.scale(4_000, 1_000), place.seed))
    aside: list[Path] = []
    with Flow(place.world, log, PER_S) as flow:
        crew = Crew(place.world, 1)
        for _ in range(rounds):
            crew.goes_on(3_000, flow)
            aside.append(snapshot(place, len(aside)))
            crew.goes_on(3_000, flow)
            fall_back(place, place.chance.choice(aside))
        crew.goes_on(3_000, flow)
        flow.enough()
    again = (place.world.logs / "worker-0.log").read_bytes().count(b"The store is behind")
    assert again >= rounds, f"of {rounds} times that Redis fell back, partitions were read again {again} times"
    found = judge(place, flow.sent, f"{rounds} old snapshots", peace=flow.steady)
    return found._replace(note=f"{again} partitions read again, {found.note}")


def snapshot(place: Place, number: int) -> Path:
    with Client.from_url(place.redis.url) as redis:
        redis.save()
    kept = place.redis.folder / f"snapshot-{number}"
    shutil.copy(place.redis.folder / "dump.rdb", kept)
    return kept


def fall_back(place: Place, snapshot: Path) -> None:
    place.redis.stop()  # it saves nothing by itself
    shutil.copy(snapshot, place.redis.folder / "dump.rdb")
    place.redis.start()


REDIS_OLD_SNAPSHOT = Scenario(
    "redis-old-snapshot", "what is older is taken for the truth, or events are applied twice", run, limit_s=300
)

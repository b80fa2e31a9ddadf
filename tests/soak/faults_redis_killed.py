"""Redis with an append-only file is killed while events flow, and loses what was not yet on the disk.

kill -9 alone leaves the kernel's page cache, so that a Redis with appendfsync everysec comes back whole. What a power cut
takes is cut off here: the file ends at any byte that was written within the second before the kill.
"""

import random
import time
from collections import deque
from pathlib import Path

from tests.soak.crew import Crew
from tests.soak.flow import Flow
from tests.soak.judge import judge
from tests.soak.place import Place
from tests.soak.records import message
from tests.soak.scenario import Found, Scenario
from tests.support.shop_log import shop_log

PER_S = 1_000
EVERYSEC = ("--appendonly", "yes", "--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0")
NOT_SYNCED_S = 1.0
LOOK_EVERY_S = 0.05
DOWN_S = 2.0


def run(place: Place) -> Found:
    place.redis.stop()
    place.redis.start(*EVERYSEC)
    chance, kills, lost_bytes = place.chance, place.scale(20, 2), 0
    log = map(message, shop_log(place.scale(600_000, 200_000), place.scale(4_000, 1_000), place.seed))
    with Flow(place.world, log, PER_S) as flow:
        crew = Crew(place.world, 1)
        for _ in range(kills):
            crew.goes_on(2_000, flow)
            sizes = watched(append_only_file(place), chance.uniform(0.5, 2.0))
            place.redis.kill()
            lost_bytes += cut_off(append_only_file(place), sizes, chance)
            time.sleep(chance.uniform(0, DOWN_S))
            place.redis.start()
        crew.goes_on(2_000, flow)
        flow.enough()
    assert lost_bytes, "Redis came back whole each time: nothing was proved by it"
    fallen_back = (place.world.logs / "worker-0.log").read_bytes().count(b"The store is behind")
    assert fallen_back, "no worker found Redis behind: nothing was proved by it"
    found = judge(place, flow.sent, f"{kills} kill -9 of Redis", peace=flow.steady)
    return found._replace(
        note=f"{lost_bytes // 1024} KiB not synced, {fallen_back} partitions read again, {found.note}"
    )


def append_only_file(place: Place) -> Path:
    (file,) = (place.redis.folder / "appendonlydir").glob("*.incr.aof")
    return file


def watched(file: Path, for_s: float) -> deque[tuple[float, int]]:
    """Its sizes of the last second, each with its instant, after having looked for so long."""
    sizes: deque[tuple[float, int]] = deque()
    end_s = time.monotonic() + for_s
    while (now_s := time.monotonic()) < end_s:
        sizes.append((now_s, file.stat().st_size))
        while now_s - sizes[0][0] > NOT_SYNCED_S:
            sizes.popleft()
        time.sleep(LOOK_EVERY_S)
    return sizes


def cut_off(file: Path, sizes: deque[tuple[float, int]], chance: random.Random) -> int:
    """Let it end somewhere after what was surely synced; the bytes it lost."""
    size = file.stat().st_size
    kept = chance.randint(sizes[0][1], size)
    with file.open("r+b") as opened:
        opened.truncate(kept)
    return size - kept


REDIS_KILLED = Scenario("redis-killed", "a Redis that lost its last second is built upon", run, limit_s=420)

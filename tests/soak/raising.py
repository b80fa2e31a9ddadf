"""Partitions are doubled, twice, as docs/operations.md says: workers stop, the command dies again and again, workers start.

Producers go on all the time. Some notice new partitions within a second, others never do. One worker dies in mid-batch instead
of stopping, so that some buckets of a partition have what others lack. A worker that somebody starts too early has to end.
"""

import random
from collections.abc import Callable
from functools import partial

from ebbtide.embedded.server import HOST
from scoring.layout import BUCKETS
from streams.config import Topics
from tests.soak.commands import begins, broken_off
from tests.soak.crew import Crew
from tests.soak.flow import Flow
from tests.soak.heads import moved
from tests.soak.judge import home, judge
from tests.soak.place import Place
from tests.soak.records import Message, message
from tests.soak.scenario import Found, Scenario
from tests.support.proxy import Proxy
from tests.support.shop_log import shop_log
from tests.support.world import World

WORKERS = 2
PER_S = 500
NOTICES_S = 1.0
LATE = 0.3  # of the records come from a producer that does not notice
FAR_S = 0.002  # to Redis, and back, of a command that is to die: else it is through in a moment
PAUSES_S = (0.02, 0.2, 1.0)  # from the first bucket that the command takes over to its death, at most
BEGINS_NOTHING = b"run: ebbtide partitions"  # a worker, in mid-raise


def run(place: Place) -> Found:
    world, first, senders = place.world, place.world.topics.partitions, random.Random(place.seed)
    orders = shop_log(place.scale(300_000, 100_000), place.scale(20_000, 5_000), place.seed)
    log = (unnoticed(message(event), senders, first) for event in orders)  # drawn in the flow's thread
    died = midway = 0
    with Flow(world, log, PER_S, NOTICES_S) as flow:
        crew = Crew(world, WORKERS)
        crew.goes_on(place.scale(3_000, 2_000), flow)
        for count in (2 * first, 4 * first):
            # 1. stop all workers, of the second time one not in order
            if count > 2 * first:
                crew.strike(0)
            crew.resize(0)
            # 2. more partitions
            here, there = dies_while_raising(place, count)
            died, midway = died + here, midway + there
            world.run("partitions", str(count))
            # 3. start them again
            world.topics = Topics(world.topics.prefix, count)
            world.env["EBBTIDE_PARTITIONS"] = str(count)
            crew.resize(WORKERS)
            crew.goes_on(place.scale(5_000, 2_000), flow)
        flow.enough()
    crew.resize(1)
    assert midway, "the command never died between two buckets: nothing was proved by it"
    sent_on = world.counters()["forwarded"]
    found = judge(place, flow.sent, f"{first} -> {2 * first} -> {4 * first}, {died} kill -9 of the command")
    return found._replace(note=f"{midway} between two buckets, {sent_on:,} records sent on, {found.note}")


def dies_while_raising(place: Place, count: int) -> tuple[int, int]:
    """Kill the command until it has died often enough, or is through; how often it died, and how often between two buckets."""
    world, chance = place.world, place.chance
    died = midway = 0
    with Proxy(place.redis.port) as far:
        far.delay(FAR_S, FAR_S)
        redis_url = f"redis://{HOST}:{far.port}/0"
        while died < place.scale(6, 2) and (before := moved(world, count)) < BUCKETS:
            at: Callable[[], bool]
            if died % 2:
                at, after_s = partial(has_moved, world, count, chance.randrange(before, BUCKETS)), 0.0
            else:  # also when it is refused, until the session of the worker that died ends
                at, after_s = begins(world), chance.uniform(0, chance.choice(PAUSES_S))
            dies = broken_off(world, ["partitions", str(count)], at, after_s, EBBTIDE_REDIS_URL=redis_url)
            died += dies
            if dies and 0 < moved(world, count) < BUCKETS:
                midway += 1
                if midway == 1:
                    too_early(world)
    return died, midway


def has_moved(world: World, count: int, buckets: int) -> bool:
    """Whether more than so many buckets have."""
    return moved(world, count) > buckets


def too_early(world: World) -> None:
    """A worker that is started before the command was run again begins nothing, and says what to do."""
    code = world.start_worker().wait(60)
    said = (world.logs / f"worker-{len(world.workers) - 1}.log").read_bytes()
    assert code == 1, f"a worker that was started in the middle ended with {code}"
    assert BEGINS_NOTHING in said, f"a worker that was started in the middle said: {said[-300:]!r}"


def unnoticed(one: Message, chance: random.Random, partitions: int) -> Message:
    """Perhaps the same record, as a producer sends it that knows of so many partitions."""
    if one.key is None or chance.random() >= LATE:
        return one
    return one._replace(partition=home(one.key, partitions))


RAISE = Scenario("raise", "what was written into fewer partitions is lost, or counts twice", run, 480, needs_kafka=True)

"""Between worker and servers everything goes wrong that a network can do, at random instants, with both at once or one."""

import random
import re
import time
from collections import Counter
from collections.abc import Callable

from tests.soak.between import Between
from tests.soak.crew import Crew
from tests.soak.flow import Flow
from tests.soak.judge import judge
from tests.soak.place import Place
from tests.soak.records import message
from tests.soak.scenario import Found, Scenario
from tests.support.proxy import WAYS, Direction, Proxy
from tests.support.shop_log import shop_log

PER_S = 1_000
NOTICED = {
    "Redis": re.compile(rb"Waiting: Redis"),
    "Kafka": re.compile(rb"Waiting: Kafka|Unable connect to node|Connection at [\d.:]+ closed"),
}
CALM_S = 1.0  # at most between two faults; some come before the one before is got over

Trouble = Callable[[Proxy, random.Random], None]


def cut(way: Proxy, _: random.Random) -> None:
    way.cut()


def cut_in_a_message(way: Proxy, chance: random.Random) -> None:
    way.cut_after(chance.randrange(100_000))


def refused(way: Proxy, chance: random.Random) -> None:
    way.refuse()
    way.cut()
    time.sleep(chance.uniform(0.5, 3))
    way.accept()


def half_closed(way: Proxy, chance: random.Random) -> None:
    way.half_close(chance.choice(WAYS))


def swallowed(way: Proxy, chance: random.Random) -> None:
    """In one direction or both; longer, now and then, than commands are waited for and than a group's session."""
    held: list[tuple[Direction, ...]] = [WAYS, ("up",), ("down",)]
    way.hold(*chance.choice(held))
    time.sleep(chance.choice([0.2, 1, 6, 12]))
    way.release()


def delayed(way: Proxy, chance: random.Random) -> None:
    way.delay(chance.uniform(0, 1), chance.uniform(0, 1))
    time.sleep(chance.uniform(0, 5))
    way.delay()


TROUBLES: tuple[Trouble, ...] = (cut, cut, cut_in_a_message, cut_in_a_message, refused, half_closed, swallowed, delayed)


def run(place: Place) -> Found:
    wanted, done = place.scale(60, 12), Counter[str]()
    order = place.chance.sample(TROUBLES, len(TROUBLES))  # each at least once, to both
    log = map(message, shop_log(place.scale(600_000, 200_000), place.scale(4_000, 1_000), place.seed))
    with Between(place) as between:
        ways = [between.to_redis, between.to_kafka]
        with Flow(place.world, log, PER_S) as flow:
            crew = Crew(between.world, 2)
            crew.goes_on(flow=flow)
            while done.total() < wanted:
                among = [ways] if order else [ways[:1], ways[1:], ways]
                trouble = order.pop() if order else place.chance.choice(TROUBLES)
                for way in place.chance.choice(among):
                    trouble(way, place.chance)
                done[trouble.__name__] += 1
                time.sleep(place.chance.uniform(0, CALM_S))
            for way in ways:
                way.cut_after(None)
            crew.goes_on(flow=flow)
            flow.enough()
        crew.resize(1)
        cuts, said = {"Redis": ways[0].cuts, "Kafka": ways[1].cuts}, between.log()
        noticed = {server: len(words.findall(said)) for server, words in NOTICED.items()}
        assert all(cuts.values()), f"connections cut: {cuts}: nothing was proved by it"
        assert all(noticed.values()), f"workers noticed: {noticed}: nothing was proved by it"
        found = judge(place, flow.sent, f"{done.total()} faults, {sum(cuts.values())} connections cut")
    kinds = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in done.most_common())
    kinds += f"; noticed {noticed['Redis']} times of Redis, {noticed['Kafka']} of Kafka"
    return found._replace(note=f"{kinds}{found.note and ', ' + found.note}")


NETWORK = Scenario("network", "what a network does is taken for the end, or for an answer", run, 600, needs_kafka=True)

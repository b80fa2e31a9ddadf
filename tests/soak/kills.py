"""kill -9 of workers that hold partitions, at random instants, and beside them of whoever there is: just started, or waiting.

The kills come in bursts. One begins where all partitions are worked on, with every second of those where something was just
committed that has to be told; or, now and then, at any instant while the group settles. After a burst the group waits for the
session of the dead to end (6 s: a real broker refuses shorter ones). More workers than partitions are there, so that some who
are up already take over then, and do not have to start first.
"""

import random
import time

from tests.soak.crew import Crew, killed
from tests.soak.flow import Flow
from tests.soak.judge import judge
from tests.soak.place import Place
from tests.soak.records import message
from tests.soak.scenario import Found, Scenario
from tests.support.shop_log import shop_log

SPARE = 2
PER_S = 400
BURST = (2, 6)  # kills, unless nobody is left who holds partitions
PAUSES_S = (0.0, 0.3, 3.0)  # between two kills of a burst, at most: at once, while one starts, while the group settles
BESIDE = 0.15  # of the kills strike anybody
SETTLED = 0.75  # of the bursts begin where every partition is worked on
SETTLES_S = 10.0  # the others begin at any instant of that time, if anybody holds partitions by then
GOES_ON_S = 2.0  # at most, before a burst that does not wait for something to tell


def run(place: Place) -> Found:
    wanted, chance = place.scale(200, 12), place.chance
    log = map(message, shop_log(place.scale(600_000, 300_000), place.scale(20_000, 5_000), place.seed))
    held: list[bool] = []  # of each that was killed, whether it held partitions
    bursts = 0
    with Flow(place.world, log, PER_S) as flow:
        crew = Crew(place.world, place.world.topics.partitions + SPARE)
        crew.at_work()
        while sum(held) < wanted:
            await_an_instant(crew, chance, before_it_is_told=bursts % 2 == 1)
            struck = burst(crew, chance)
            held += struck
            bursts += bool(struck)
        crew.at_work()
        crew.goes_on(flow=flow)
        flow.enough()
    crew.resize(1)
    return judge(place, flow.sent, f"{killed(held)}, in {bursts} bursts", peace=flow.steady)


def await_an_instant(crew: Crew, chance: random.Random, before_it_is_told: bool) -> None:
    """At which a burst begins."""
    if chance.random() >= SETTLED:
        time.sleep(chance.uniform(0, SETTLES_S))
        return
    crew.at_work()
    if before_it_is_told:
        crew.tells()
    else:
        time.sleep(chance.uniform(0, GOES_ON_S))


def burst(crew: Crew, chance: random.Random) -> list[bool]:
    """Some kills, for as long as anybody holds partitions; whether each that died did."""
    held: list[bool] = []
    for _ in range(chance.randint(*BURST)):
        there = crew.holders()
        if not there:
            break
        held.append(crew.kill(chance.choice(range(len(crew.workers)) if chance.random() < BESIDE else there)))
        time.sleep(chance.uniform(0, chance.choice(PAUSES_S)))
    return held


KILLS = Scenario("kills", "a worker that dies at any instant leaves a trace", run, limit_s=1500)

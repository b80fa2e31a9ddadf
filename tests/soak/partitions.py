"""All three inputs, unevenly loaded, with records that lie where they do not belong, while workers die."""

import random
import time
from collections.abc import Sequence

from tests.soak.crew import Crew, killed
from tests.soak.flow import Flow
from tests.soak.judge import home, judge
from tests.soak.place import Place
from tests.soak.records import Message, message
from tests.soak.scenario import Found, Scenario
from tests.support.shop_log import Event, shop_log

WORKERS = 3
PER_S = 1_000
BESIDE = 0.3  # interactions and commands for each order
ASTRAY = 0.1  # of the records have no key, another key, or lie in another partition


def run(place: Place) -> Found:
    kills, chance = place.scale(10, 1), place.chance
    partitions = place.world.topics.partitions
    orders = shop_log(place.scale(300_000, 200_000), place.scale(20_000, 5_000), place.seed)
    senders = random.Random(place.seed)  # draw in the flow's thread
    log = (
        astray(one, senders, partitions)
        for event in crowded(orders, partitions)
        for one in (message(event), *map(message, beside(event, senders)))
    )
    held: list[bool] = []  # of each that was killed, whether it held partitions
    with Flow(place.world, log, PER_S) as flow:
        crew = Crew(place.world, WORKERS)
        crew.goes_on(flow=flow)
        for _ in range(kills):
            time.sleep(chance.uniform(0, 3))
            held.append(crew.kill(chance.randrange(WORKERS)))
            crew.goes_on(PER_S, flow)
        flow.enough()
    strays = sum(one.partition is not None for one in flow.sent)
    return judge(place, flow.sent, f"{strays:,} astray, {killed(held)}")


def crowded(log: Sequence[Event], partitions: int) -> list[Event]:
    """The same log; every other customer is called so that partition 0 is theirs."""
    names = {event["customer_id"]: event["customer_id"] for event in log}
    for customer in list(names)[::2]:
        while home(names[customer].encode(), partitions) != 0:
            names[customer] += "'"
    return [event | {"customer_id": names[event["customer_id"]]} for event in log]


def beside(event: Event, chance: random.Random) -> list[Event]:
    """What else is heard of the customer at that time."""
    if chance.random() >= BESIDE:
        return []
    common = {key: event[key] for key in ("customer_id", "occurred_at")} | {"id": f"{event['id']}-beside"}
    kinds: list[Event] = [
        {"type": "interaction.visit"},
        {"type": "interaction.complaint", "complaint_id": common["id"]},
        {"type": "interaction.contact", "channel": "mail", "direction": "out", "cost": "1.25"},
        {"type": "interaction.arrears", "amount": f"{chance.randrange(100)}.00"},
        {"type": "customer.corrected", "period": "2024-02", "margin": "0.25"},
    ]
    return [common | chance.choice(kinds)]


def astray(one: Message, chance: random.Random, partitions: int) -> Message:
    """Perhaps the same record, as a sender that knows nothing of partitions would send it."""
    if one.key is None or chance.random() >= ASTRAY:
        return one
    key = chance.choice([None, one.key, b"somebody else"])
    there = home(one.key, partitions)
    return one._replace(key=key, partition=chance.choice([there, chance.randrange(partitions)]))


PARTITIONS = Scenario(
    "partitions", "what lies where it does not belong is lost, or counts twice, or passes what came before", run, 480
)

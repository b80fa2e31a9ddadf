"""A record that is bad, one of every kind, at every stage at which a record can be bad, and the worker killed upon it.

decode: everything in spoilt.py. place: keys that are not the customer's, or none. load: a customer whose stored ledger is
damaged. apply: an event from before the fold horizon. tell: a record so large that the topic of dead letters refuses it.
None of them stops what comes behind it, in the first life of a worker and in the ones after.
"""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from redis import Redis as Client

from scoring.hashing import buckets
from state.keys import keys_of
from streams.broker.topics import ensure_topics
from streams.config import COMMANDS, DEAD_LETTERS
from tests.soak.crew import Crew
from tests.soak.flow import Flow, send
from tests.soak.judge import judge, settle
from tests.soak.letters import letters_amiss
from tests.soak.place import Place
from tests.soak.records import Message, message, messages
from tests.soak.scenario import Found, Scenario
from tests.soak.spoilt import HARMLESS, KINDS, LIMIT_BYTES
from tests.support.shop_log import Event, shop_log

PER_S = 1_000
TAKES_BYTES = 100_000  # the topic of dead letters; a record is larger than that
KILLS = 2
VICTIM = "customer-damaged"
DAMAGED = b"\x02 these bytes are no ledger"
ENORMOUS_BYTES = 300_000
VERSIONS = ((b"{", "not_json"), (b"{}", "schema"), (b'{"type":"terms.versioned"}', "schema"), (b"[]", "schema"))
AHEAD = 4_000  # events before the first bad record: each bucket has a position then


def run(place: Place) -> Found:
    log = shop_log(AHEAD + place.scale(40_000, 8_000), place.scale(4_000, 1_000), place.seed)
    first, sent = messages(log[:AHEAD]), poisoned(log[AHEAD:], log[0]["customer_id"])
    asyncio.run(take_less(place))
    place.world.env["EBBTIDE_MAX_EVENT_BYTES"] = str(LIMIT_BYTES)
    crew = Crew(place.world, 1)
    send(place.world, first)
    crew.reaches(len(first))
    damage(place)
    with Flow(place.world, sent, PER_S) as flow:
        for _ in range(KILLS):
            crew.goes_on(len(sent) // (KILLS + 2), flow)
            crew.kill(0)
        crew.goes_on(flow=flow)
    crew.check()
    refused = sum(one.reason is not None for one in sent)
    settle(place.world)
    untouched = take_away(place)
    found = judge(place, first + sent, f"{refused} bad records, {KILLS} kill -9")
    amiss = letters_amiss(place.world, sent)
    note = f"{amiss} letters amiss, damaged ledger {'as it was' if untouched else 'written over'}"
    return found._replace(
        lost=found.lost + amiss,
        reconcile=found.reconcile and untouched,
        note=f"{note}{found.note and ', ' + found.note}",
    )


def poisoned(log: list[Event], known: str) -> list[Message]:
    """The log with one bad or odd record of each kind in it, evenly. `known`: a customer whom the worker has met."""
    orders = [event for event in log if event["type"] == "order.placed"]
    fresh = [order | {"id": f"odd{n}", "order_id": f"odd{n}"} for n, order in enumerate(orders[:200])]
    kinds = [*KINDS.values(), *HARMLESS.values()]
    odd = [kind(order) for kind, order in zip(kinds, fresh, strict=False)]
    damaged, (old, huge, *_) = fresh[100:105], fresh[105:]
    odd += [message(order | {"customer_id": VICTIM})._replace(reason="ledger") for order in damaged]
    old |= {"customer_id": known, "occurred_at": "1971-01-01T00:00:00Z"}
    odd += [message(old)._replace(reason="time")]
    odd += [message(huge | {"note": "x" * ENORMOUS_BYTES})._replace(reason="too_large")]
    odd += [Message(COMMANDS, value, None, reason=reason) for value, reason in VERSIONS]
    every = len(log) // len(odd)
    sent: list[Message] = []
    for number, one in enumerate(messages(log)):
        sent.append(one)
        if number % every == every - 1 and odd:
            sent.append(odd.pop())
    return sent + odd


async def take_less(place: Place) -> None:
    """The topic of dead letters takes no more than so much."""
    world = place.world
    await ensure_topics(world.kafka, world.topics)
    admin = AIOKafkaAdminClient(bootstrap_servers=world.kafka)
    await admin.start()
    limits = {"max.message.bytes": str(TAKES_BYTES)}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, world.topics.full(DEAD_LETTERS), limits)])
    await admin.close()


def damage(place: Place) -> None:
    """Let something else than a ledger be stored of a customer whom nobody has met."""
    with Client.from_url(place.redis.url) as redis:
        redis.hset(states_of_the_victim(place), VICTIM, DAMAGED)


def take_away(place: Place) -> bool:
    """The same bytes again, as docs/operations.md says; whether they were still there."""
    states = states_of_the_victim(place)
    with Client.from_url(place.redis.url) as redis:
        found = bool(redis.hget(states, VICTIM) == DAMAGED)
        redis.hdel(states, VICTIM)
    return found


def states_of_the_victim(place: Place) -> str:
    (bucket,) = buckets([VICTIM.encode()]).tolist()
    states: bytes = keys_of(place.world.env["EBBTIDE_NAMESPACE"])[bucket].states
    return states.decode()


POISON = Scenario("poison", "one bad record stops all behind it, or is passed over", run, 400, needs_kafka=True)

"""More partitions under a state with positions, by the command: with records left unread, killed in the middle, while a
producer goes on that has not noticed."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence

import pytest

from ebbtide.embedded import Server
from scoring.hashing import buckets
from streams.broker.publishing import Message, Publisher
from streams.broker.topics import partition_counts
from streams.patience import Patience
from tests.acceptance.test_faults import assert_counters, assert_equals_fold, assert_once_each
from tests.support.shop_log import Event, as_bytes, shop_log
from tests.support.world import World, until

BEFORE, AFTER = 4, 8
EBBTIDE_PARTITIONS = (sys.executable, "-m", "ebbtide", "partitions", str(AFTER), "--json")


@pytest.mark.timeout(240)
def test_partitions_are_doubled_and_every_event_counts_once(world: World, broker: Server) -> None:
    log = shop_log(6_000, customers=600)
    world.send(log[:2_000])
    if broker.name != "kafka":
        assert "cannot add partitions" in refused(world)
        return
    worker = world.start_worker()
    world.settle(2_000)
    assert "stop them first" in refused(world)
    world.send(log[2_000:4_000])
    until(lambda: world.counters()["consumed"] > 2_000, "the worker is at it", [worker])
    worker.kill()  # some buckets of its last batch may be ahead of others
    worker.wait()
    world.send(log[4_000:5_000])  # nobody reads these before

    broken_off = None
    while not is_raised(world):  # until the session of the dead ends, it is refused
        if broken_off is None or broken_off.poll() is not None:
            broken_off = subprocess.Popen(EBBTIDE_PARTITIONS, env=world.env, cwd=world.logs, stderr=subprocess.DEVNULL)
    assert broken_off is not None
    broken_off.kill()
    broken_off.wait()
    asyncio.run(into_old_partitions(world, log[5_000:]))
    told = json.loads(world.run("partitions", str(AFTER), "--json"))
    assert told["partitions"] == AFTER
    assert json.loads(world.run("partitions", str(AFTER), "--json"))["buckets"] == 0

    world.start_worker()
    stats = world.settle(len(log))
    assert_equals_fold(world, log)
    assert_counters(stats, log)
    assert (stats["lag"], stats["forwarded"] > 0) == (0, True)
    assert_once_each(world.changes(), stats)
    rebuilt = json.loads(world.run("rebuild", "--json"))
    assert (rebuilt["switched"], set(rebuilt["differ"].values())) == (256, {0})
    assert_counters(world.stats(), log)


def refused(world: World) -> str:
    """What the command says."""
    told = subprocess.run(
        EBBTIDE_PARTITIONS, env=world.env, cwd=world.logs, capture_output=True, text=True, check=False
    )
    assert told.returncode == 1, told.stderr
    return told.stderr


def is_raised(world: World) -> bool:
    return AFTER in asyncio.run(partition_counts(world.kafka, world.topics)).values()


async def into_old_partitions(world: World, events: Sequence[Event]) -> None:
    """As a producer does that still knows of four."""
    publisher = Publisher(world.kafka, Patience())
    await publisher.start()
    ids = [event["customer_id"].encode() for event in events]
    places = (buckets(ids) % BEFORE).tolist()
    topic = world.topics.full("orders")
    await publisher.publish(
        [Message(topic, p, key, as_bytes(e), []) for p, key, e in zip(places, ids, events, strict=True)]
    )
    await publisher.stop()

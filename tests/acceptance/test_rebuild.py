"""A state with damage in it is made anew from the log, by the command as a person types it, while a worker goes on."""

import json
import threading

import pytest

from ebbtide.embedded import Server
from scoring.hashing import buckets
from tests.acceptance.test_faults import assert_counters, assert_equals_fold
from tests.support.redis_servers import client
from tests.support.shop_log import shop_log
from tests.support.world import World, until

DAMAGED, MISSING = "customer-7", "seen-once"


@pytest.mark.timeout(240)
def test_damage_is_mended_while_a_worker_goes_on_and_nothing_is_lost_or_doubled(
    world: World, redis_server: Server
) -> None:
    log = shop_log(9_000, customers=300)
    log[0] |= {"customer_id": MISSING}
    world.send(log[:5_000])
    world.start_worker()
    world.settle(5_000)
    with client(redis_server) as redis:
        redis.hset(states_of(world, DAMAGED), DAMAGED, b"\x02no ledger")
        redis.hdel(states_of(world, MISSING), MISSING)
    world.send(log[5_000:6_000])
    until(lambda: world.counters()["dead.ledger"] > 0, "an event meets the damage", world.workers)

    dry = json.loads(world.run("rebuild", "--customer", DAMAGED, "--customer", MISSING, "--dry-run", "--json"))
    assert (dry["switched"], dry["differ"]["damaged"]) == (0, 1)
    assert world.counters()["dead.ledger"] > 0

    sending = threading.Thread(target=world.send, args=[log[6_000:]])
    sending.start()
    try:
        told = json.loads(world.run("rebuild", "--json"))
    finally:
        sending.join()
    assert (told["switched"], told["differ"]["damaged"], told["differ"]["extra"]) == (256, 1, 0)
    assert {one["customer_id"]: one["differs"] for one in told["first"]} == {DAMAGED: ["damaged"], MISSING: ["missing"]}

    stats = world.settle(len(log))
    assert_equals_fold(world, log)
    assert_counters(stats, log)
    # a worker that takes a bucket back publishes what the switch left in its outbox
    until(lambda: len({change.id for change in world.changes()}) >= stats["tier_changes"], "corrections", world.workers)
    changes = world.changes()
    ids = {change.id for change in changes}
    assert len(set(changes)) == len(ids), "one id, two contents"
    assert len(ids) == stats["tier_changes"]
    corrections = [change for change in changes if json.loads(change.said)["cause"] == "correction"]
    assert {change.customer_id for change in corrections} == {DAMAGED, MISSING}


def states_of(world: World, customer: str) -> str:
    [bucket] = buckets([customer.encode()]).tolist()
    return f"{world.env['EBBTIDE_NAMESPACE']}:{{{bucket}}}:states"

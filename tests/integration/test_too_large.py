"""Topics that take less than what came: Apache Kafka only, because the embedded broker takes any size."""

import json

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from streams.config import DEAD_LETTERS, ORDERS
from tests.support.builders import order
from tests.support.pipelines import customer_in
from tests.support.workers import Shop, until, working

KAFKAS_DEFAULT = 1_048_588


@pytest.mark.parametrize("broker", ["kafka"], indirect=True)
async def test_records_that_go_on_to_no_topic_whole_do_not_stop_what_is_behind_them(here: Shop) -> None:
    other = customer_in(2, here.partitions)
    huge, large = ("trace", b"h" * 700_000), b"v" * 400_000
    astray = {**order("o1", "9.00", day=1), "customer_id": other, "note": "n" * 900_000}
    await here.put(1, b"no event", b"k")
    await here.put(1, large, b"k", huge)
    await here.put(1, b"no event", b"k" * 1_500_000)
    await here.put(1, json.dumps(astray).encode(), other.encode(), huge)
    for number in (1, 2):
        customer = customer_in(number, here.partitions)
        await here.send([{**order(f"o{n}", "9.00", day=n), "customer_id": customer} for n in range(2, 12)])
    for topic in (ORDERS, DEAD_LETTERS):
        await limit(here, topic)

    async def consumed() -> bool:
        return (await here.counts()).get("consumed", 0) >= 23

    async with working(here):
        await until(consumed)
        letters = await here.records(DEAD_LETTERS, lambda found: len(found) >= 4)
    told = [dict(letter.headers) for letter in letters]
    assert [(said["reason"], said["partition"], said["offset"]) for said in told] == [
        (reason, b"1", offset)
        for reason, offset in [(b"not_json", b"0"), (b"not_json", b"1"), (b"not_json", b"2"), (b"too_large", b"3")]
    ]
    cut = [{name: int(value) for name, value in said.items() if name.startswith("shortened")} for said in told]
    assert cut[0] == {}
    assert cut[1]["shortened-headers-from"] == cut[3]["shortened-headers-from"] == 700_000 + len("original.trace")
    assert cut[2] == {"shortened-key-from": 1_500_000}
    counts = await here.counts()
    assert (counts["applied"], counts["dead.not_json"], counts["forwarded"], counts["consumed"]) == (20, 3, 1, 23)


async def limit(here: Shop, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=here.config.kafka)
    await admin.start()
    configs = {"max.message.bytes": str(KAFKAS_DEFAULT)}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, here.config.topics.full(topic), configs)])
    await admin.close()

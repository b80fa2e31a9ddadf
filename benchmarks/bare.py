"""What reading alone costs: aiokafka's getmany and a JSON decoder on the same topic, nothing done with it."""

from time import perf_counter

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.site import PARTITIONS, Site
from streams.broker.ingest import FETCH_BYTES
from streams.config import ORDERS

AT_ONCE = 5_000


async def read_bare(site: Site, events: int) -> float:
    """Events a second over this many events, from the beginning of the topic."""
    consumer = AIOKafkaConsumer(bootstrap_servers=site.kafka, max_partition_fetch_bytes=FETCH_BYTES)
    await consumer.start()
    places = [TopicPartition(ORDERS, number) for number in range(PARTITIONS)]
    consumer.assign(places)
    await consumer.seek_to_beginning()
    decode = msgspec.json.decode
    done, counted, started = 0, 0, 0.0
    while done < events:
        found = await consumer.getmany(timeout_ms=1_000, max_records=AT_ONCE)
        for records in found.values():
            for record in records:
                decode(record.value)
            done += len(records)
        if not started and done:
            counted, started = done, perf_counter()
    spent = perf_counter() - started
    await consumer.stop()
    return (done - counted) / spent

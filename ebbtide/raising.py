"""More partitions, put together: refused while anybody works, the same again after a crash at any instant."""

from typing import Any

from ebbtide.settings import Settings
from ebbtide.wiring import connect_store, decode_rules, scoring_of, topics_of
from state.store import Store
from streams.broker.lag import extents
from streams.broker.partitions import RAISED, members, raise_partitions
from streams.broker.publishing import Publisher
from streams.broker.telling import Telling
from streams.broker.topics import partition_counts
from streams.clock import by_bucket, by_event, wall_us
from streams.config import INPUTS, Topics
from streams.errors import StreamsError
from streams.patience import Patience
from streams.pipeline import Pipeline
from streams.raising import Left, counts_in, even, rewrite, steps
from streams.rebuild.log import Log


async def raised(settings: Settings, count: int) -> dict[str, Any]:
    """1. refuse what cannot be  2. all buckets of a partition to one position  3. the topics  4. the buckets, one by one.

    Broken off in 3 or 4, no worker begins with what is left (ownership.acquire), and the same again goes on where it was.
    """
    kafka, topics = settings.need_kafka(), topics_of(settings)
    store = await connect_store(settings)
    records = buckets = 0
    try:
        # 1. refuse what cannot be
        there = await _there(kafka, topics)
        befores = counts_in(await store.heads()) - {count}
        if max({*there, *befores}) > count:
            raise StreamsError(f"There are {max({*there, *befores})} partitions, and Kafka takes none away.")
        if not befores and there == {count}:
            return {"before": count, "partitions": count, "buckets": 0, "records": 0}
        await raise_partitions(kafka, topics, count, only_ask=True)
        await _refuse_workers(kafka, settings.namespace)
        while left := steps(await store.heads(), count):
            before, after = left[0]
            # 2. all buckets of a partition to one position
            records += await _even(settings, store, before)
            # 3. the topics: no worker begins from here on; one that began a moment ago may still be at work
            await raise_partitions(kafka, topics, after)
            await _refuse_workers(kafka, settings.namespace)
            # 4. the buckets
            buckets += await rewrite(store, after)
        await raise_partitions(kafka, topics, count)  # where there is no state yet
    finally:
        await store.close()
    return {"before": min({*there, *befores}), "partitions": count, "buckets": buckets, "records": records}


async def _refuse_workers(kafka: str, namespace: str) -> None:
    if found := await members(kafka, namespace):
        raise StreamsError(
            f"{found} workers of {namespace} run: stop them first. One that was killed counts until its session ends, some "
            "10 s."
        )


async def _there(kafka: str, topics: Topics) -> set[int]:
    """How many partitions the inputs have; more than one number where a raise broke off."""
    counts = await partition_counts(kafka, topics)
    for name in RAISED:
        if name not in counts:
            raise StreamsError(f"Topic {topics.full(name)} is missing: start a worker, which creates it.")
    return {counts[name] for name in INPUTS}


async def _even(settings: Settings, store: Store, before: int) -> int:
    """With what a worker has to tell; what it publishes, the next one does."""
    kafka, topics = settings.need_kafka(), topics_of(settings)
    publisher = Publisher(kafka, Patience())
    clock = by_event if settings.clock == "wall" else by_bucket
    telling = Telling(publisher, topics)
    pipeline = Pipeline(
        store, decode_rules(settings), scoring_of(settings), clock, telling, Left(), wall_us, Patience()
    )
    await publisher.start()
    try:
        held = await extents(kafka, topics)
        async with Log(kafka, topics) as log:
            return await even(store, pipeline, log, held, before)
    finally:
        await publisher.stop()

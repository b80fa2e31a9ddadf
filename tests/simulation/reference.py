"""What a log gives without faults, broker and Redis: the real pipeline over the store in memory, a partition at once."""

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition

from streams.clock import by_bucket
from streams.config import DRIFT_ALERTS, ORDERS, TIER_CHANGES
from streams.events.facts import DecodeRules
from streams.ownership import Partition, acquire
from streams.patience import Patience
from streams.pipeline import Pipeline
from streams.work import Record, Records, Slice, Ticks, Verdict
from tests.fakes.memory_store import MemoryStore
from tests.simulation.shop import ENDS_S
from tests.support.pipelines import SCORING, Ears

AT_ONCE = 1_000


def told_of(partitions: int, logs: Mapping[TopicPartition, Sequence[Record]]) -> dict[str, dict[str, dict[str, Any]]]:
    """Topic -> id -> what was told, without when it was computed; silence acts up to the latest clock of all at the end."""
    store, ears = MemoryStore(), Ears()
    wall_us = int(ENDS_S * 1_000_000)
    work = Pipeline(store, DecodeRules(), SCORING, by_bucket, ears, ears, lambda: wall_us, Patience())

    async def run() -> None:
        for owned in await acquire(store, range(partitions), partitions):
            if log := logs[TopicPartition(ORDERS, owned.number)]:
                assert await work.run(owned, Records([Slice(ORDERS, log)])) is Verdict.DONE
        owned_again = await acquire(store, range(partitions), partitions)
        until_us = max(head.clock_us for owned in owned_again for head in owned.heads.values())
        for owned in owned_again:
            await _silence(store, work, owned, until_us)

    _drive(run())
    return {
        TIER_CHANGES: {told["id"]: told for told in ears.changes},
        DRIFT_ALERTS: {told["id"]: told for told in ears.alerts},
    }


async def _silence(store: MemoryStore, work: Pipeline, owned: Partition, until_us: int) -> None:
    while dues := (await store.due(list(owned.heads), until_us, AT_ONCE))[0]:
        assert await work.run(owned, Ticks(dues, until_us)) is Verdict.DONE


def _drive(coroutine: Coroutine[None, None, None]) -> None:
    """The store in memory never waits: what awaits it runs through at once, inside any loop."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("the store in memory waits")

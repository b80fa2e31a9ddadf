"""A rebuild of a real log: it goes through the versions that a worker went through, each at its time."""

import pytest
from redis.asyncio import Redis

from scoring.hashing import buckets
from scoring.layout import BUCKETS
from scoring.ledgers import peek
from streams.broker.lag import extents
from streams.config import COMMANDS, INPUTS, INTERACTIONS, ORDERS
from streams.errors import StreamsError
from streams.events.facts import DecodeRules
from streams.rebuild import log as reading
from streams.rebuild.log import Log
from streams.rebuild.rebuild import Rebuild
from streams.rebuild.settling import Settled
from streams.rebuild.shadow import Shadow
from tests.integration.test_versions import two_versions_met
from tests.integration.test_worker import orders
from tests.support.pipelines import SCORING
from tests.support.workers import Shop, working


async def test_versions_are_met_one_after_another_as_a_worker_met_them(here: Shop) -> None:
    async with working(here):
        await two_versions_met(here)
    before, counts = await here.states(), await here.counts()
    moved = max(before, key=lambda who: int(peek(before[who]).sequence))
    assert int(peek(before[moved]).sequence) == 3

    await lose(here, moved)
    found = [dict(settled.counts) for settled in await rebuild(here) if settled.counts]
    assert found == [{"missing": 1}]
    after = await here.states()
    assert after == before
    assert (await here.counts()) == counts | {
        "tier_changes": counts["tier_changes"] + 1,
        "tier_changes.corrected": 1,
    }


async def test_what_a_log_does_not_have_is_not_waited_for_for_ever(here: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "STUCK_S", 1.0)
    await here.send(orders(10, 10), ORDERS)
    ends = {ORDERS: 1_000, INTERACTIONS: 0, COMMANDS: 0}
    async with Log(here.config.kafka, here.config.topics) as log:
        with pytest.raises(StreamsError, match="Nothing more came of partition 0"):
            async for _ in log.read(0, dict.fromkeys(INPUTS, 0), ends):
                pass


async def lose(here: Shop, customer_id: bytes) -> None:
    """Redis forgets one customer."""
    [bucket] = buckets([customer_id]).tolist()
    async with Redis.from_url(here.redis_url) as client:
        assert await client.hdel(f"{here.config.namespace}:{{{bucket}}}:states", customer_id.decode())


async def rebuild(here: Shop) -> list[Settled]:
    """All buckets."""
    through: list[Settled] = []
    shadow = Shadow(here.store.shadow(), DecodeRules(), SCORING, "wall")
    held = await extents(here.config.kafka, here.config.topics)
    await shadow.begin(range(BUCKETS))
    async with Log(here.config.kafka, here.config.topics) as log:
        rebuild = Rebuild(here.store, shadow, log, held, SCORING, "wall", through.append)
        for number in range(here.partitions):
            await rebuild.run(range(number, BUCKETS, here.partitions))
    return through

"""A version from the topic to every customer, on running servers."""

import json
from functools import partial

from scoring.layout import BUCKETS, Tier
from scoring.ledgers import peek
from streams.broker.versioning import publish_copies
from streams.clock import wall_us
from streams.config import ORDERS, TIER_CHANGES
from streams.events.text import time_text
from streams.versions import Versioned, newest, unpack
from tests.integration.test_worker import orders
from tests.support.kernel import TERMS
from tests.support.workers import Shop, until, working

BUYERS = 40


def stricter(name: str, at_us: int) -> Versioned:
    """Boundaries that nobody reaches."""
    infinite = 1e12
    rules = TERMS.rules._replace(
        enter=(*TERMS.rules.enter[:3], infinite, infinite), leave=(*TERMS.rules.leave[:3], infinite, infinite)
    )
    return Versioned(name, at_us, at_us, name, rules, TERMS.drift)


async def two_versions_met(here: Shop) -> None:
    """BUYERS bought, and met stricter boundaries, and then again those from before."""
    await here.send(orders(BUYERS, BUYERS), ORDERS)
    await until(lambda: _consumed(here, BUYERS))
    for number, rules in ((2, stricter("strict", 0).rules), (3, TERMS.rules)):
        at_us = wall_us() // 1_000_000 * 1_000_000
        version = stricter(f"v{number}", at_us)._replace(rules=rules)
        await publish_copies(here.publisher.publish, here.config.topics, here.partitions, "USD", version)
        await until(partial(_swept, here, number))


async def test_a_version_on_commands_meets_everybody_at_its_instant_without_an_event_of_theirs(here: Shop) -> None:
    async with working(here):
        await here.send(orders(BUYERS, BUYERS), ORDERS)
        await until(lambda: _consumed(here, BUYERS))
        above = {who for who, blob in (await here.states()).items() if peek(blob)["tier"] > Tier.LOW}
        from_us = wall_us() // 1_000_000 * 1_000_000
        version = stricter("strict", from_us)
        for _ in range(2):  # once more is once
            await publish_copies(here.publisher.publish, here.config.topics, here.partitions, "USD", version)

        records = await here.records(TIER_CHANGES, lambda found: len(found) >= BUYERS + len(above))
        told = [change for change in (json.loads(record.value) for record in records) if change["cause"] == "boundary"]
        assert above
        assert {change["customer_id"].encode() for change in told} == above
        for change in told:
            assert (change["occurred_at"], change["cause_id"], change["boundaries"]) == (
                time_text(from_us),
                "strict",
                "strict",
            )
        assert {int(peek(blob)["terms"]) for blob in (await here.states()).values()} == {2}
        await until(lambda: _swept(here, 2))
        await until(lambda: _consumed(here, BUYERS + 2 * here.partitions))
        counts = await here.counts()
        assert counts["applied"] == BUYERS + here.partitions
        assert counts["duplicate"] == here.partitions
        assert unpack(newest((await here.store.heads()).values())).new.terms.number == 2


async def _consumed(here: Shop, n: int) -> bool:
    return (await here.counts()).get("consumed", 0) >= n


async def _swept(here: Shop, number: int) -> bool:
    heads = await here.store.heads()
    return len(heads) == BUCKETS and all(head.swept == number for head in heads.values())


async def test_a_state_that_is_filled_again_from_kafka_went_through_the_same_versions(here: Shop) -> None:
    async with working(here):
        await two_versions_met(here)
        before = {who: _way(blob) for who, blob in (await here.states()).items()}
        assert max(sequence for _, sequence, _ in before.values()) == 3
        counts = await here.counts()
        await here.flush()
        await until(lambda: _swept(here, 3))
        assert {who: _way(blob) for who, blob in (await here.states()).items()} == before
        again = await here.counts()
        assert {name: again[name] for name in ("consumed", "applied", "tier_changes")} == {
            name: counts[name] for name in ("consumed", "applied", "tier_changes")
        }


def _way(blob: bytes) -> tuple[int, int, int]:
    header = peek(blob)
    return int(header["tier"]), int(header["sequence"]), int(header["terms"])

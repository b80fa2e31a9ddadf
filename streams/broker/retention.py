"""How long the broker keeps the inputs: what it no longer holds, nobody can read again."""

from contextlib import suppress
from typing import NamedTuple

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from streams.broker.topics import open_admin
from streams.config import INPUTS, Topics

POLICY, RETENTION = "cleanup.policy", "retention.ms"
_DAY_MS = 86_400_000


class Kept(NamedTuple):
    """What becomes of a topic's records."""

    compacted: bool  # all but the last record of each key go
    for_ms: int  # negative: for ever


async def retention(kafka: str, topics: Topics) -> dict[str, Kept]:
    """Of each input; without those that the broker tells nothing of, as the embedded one does."""
    asked = [
        ConfigResource(ConfigResourceType.TOPIC, topics.full(name), dict.fromkeys((POLICY, RETENTION)))
        for name in INPUTS
    ]
    told: dict[str, Kept] = {}
    async with open_admin(kafka) as admin:
        with suppress(KafkaError):  # a broker that does not know the question ends the connection
            for response in await admin.describe_configs(asked):
                for error, _, _, topic, entries in response.resources:
                    values = {name: value for name, value, *_ in entries}
                    if not error and values.keys() >= {POLICY, RETENTION}:
                        kept = Kept("compact" in values[POLICY], int(values[RETENTION]))
                        told[topics.plain(topic)] = kept
    return told


def compacted(told: dict[str, Kept]) -> str | None:
    """What to do about inputs that lose all but the last record of each customer; None where none does."""
    names = [name for name, kept in told.items() if kept.compacted]
    if not names:
        return None
    return (
        f"{' and '.join(names)}: cleanup.policy is compact, which keeps one record a customer, so a state that is lost or damaged "
        "cannot be made again from the log. Set cleanup.policy=delete"
    )


def short_lived(told: dict[str, Kept]) -> str | None:
    """What it means that inputs are not kept for ever; None where all are."""
    names = [name for name, kept in told.items() if kept.for_ms >= 0]
    if not names:
        return None
    days = min(told[name].for_ms for name in names) / _DAY_MS
    return (
        f"{' and '.join(names)} are kept for {days:g} days: a Redis that comes back older than that cannot be mended from the log. "
        "Keep backups of Redis that are younger, or set retention.ms=-1"
    )

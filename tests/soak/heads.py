"""What the heads of the buckets say, read straight from Redis: many looks a second."""

from redis import Redis

from state.codec import decode_head
from state.keys import keys_of
from state.store import Head
from streams.config import INPUTS
from streams.ownership import PARTITIONS
from streams.stages import Stage, stages
from tests.support.world import World


def holders(world: World, generation: str = "") -> list[bytes | None]:
    """The epoch under which each bucket is held; None: there is no such bucket. `generation`: behind the namespace."""
    return _read(world, generation, "epoch")


def moved(world: World, partitions: int) -> int:
    """Buckets that go on with so many partitions."""
    return sum(head.offsets.get(PARTITIONS) == partitions for head in _heads(world))


def past_of(world: World) -> list[list[Stage]]:
    """Of each bucket: in which partitions it was, and up to where it was read there, while there were fewer."""
    heads = _heads(world)
    return [stages(head, b, INPUTS)[:-1] if PARTITIONS in head.offsets else [] for b, head in enumerate(heads)]


def _heads(world: World) -> list[Head]:
    return [decode_head(0, packed or b"") for packed in _read(world, "", "head")]


def _read(world: World, generation: str, field: str) -> list[bytes | None]:
    with Redis.from_url(world.env["EBBTIDE_REDIS_URL"]) as redis, redis.pipeline(transaction=False) as asked:
        for keys in keys_of(world.env["EBBTIDE_NAMESPACE"] + generation):
            asked.hget(keys.head, field)
        found: list[bytes | None] = asked.execute()
    return found

"""What is committed and not yet told."""

from redis import Redis

from state.keys import keys_of
from tests.support.world import World


def untold(world: World, namespace: str) -> int:
    """Messages that are committed and that the relay has not yet published."""
    with Redis.from_url(world.env["EBBTIDE_REDIS_URL"]) as redis, redis.pipeline(transaction=False) as asked:
        for keys in keys_of(namespace):
            asked.xlen(keys.outbox)
        return sum(map(int, asked.execute()))

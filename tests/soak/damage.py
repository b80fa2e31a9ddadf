"""Ledgers that are damaged, lost or another's, put into Redis on purpose."""

import random
from collections.abc import Callable, Collection, Sequence

from redis import Redis

from scoring.layout import BUCKETS
from state.keys import Keys, keys_of
from tests.support.world import World

AT_ONCE = 8  # buckets
SHARE = 0.5  # of their customers


class Damage:
    """What was done so far."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.customers: set[str] = set()
        self._keys = keys_of(world.env["EBBTIDE_NAMESPACE"])
        self._redis_url = world.env["EBBTIDE_REDIS_URL"]
        self._chance = chance

    def do(self, quiet: Callable[[str], bool]) -> Sequence[int]:
        """Spoil some customers of some buckets; these buckets. `quiet`: whether nothing more comes of a customer.

        Only of those a ledger is lost, or is another's: a worker cannot know, and would begin the customer's numbers anew.
        """
        chosen = self._chance.sample(range(BUCKETS), AT_ONCE)
        with Redis.from_url(self._redis_url) as redis:
            for bucket in chosen:
                ledgers = redis.hgetall(self._keys[bucket].states)
                for customer in self._chance.sample(sorted(ledgers), int(len(ledgers) * SHARE)):
                    self.customers.add(customer.decode())
                    if quiet(customer.decode()):
                        self._lose(redis, self._keys[bucket], customer, list(ledgers.values()))
                    else:
                        redis.hset(self._keys[bucket].states, customer, self._damaged(ledgers[customer]))
        return chosen

    def _lose(self, redis: "Redis", keys: Keys, customer: bytes, ledgers: Collection[bytes]) -> None:
        redis.zrem(keys.due, customer)  # or silence would act upon what is not theirs
        if self._chance.random() < 0.5:
            redis.hdel(keys.states, customer)
        else:
            redis.hset(keys.states, customer, self._chance.choice(sorted(ledgers)))

    def _damaged(self, ledger: bytes) -> bytes:
        """Cut off, or one bit of it turned; not in the first byte, which says of which layout it is."""
        at = self._chance.randrange(1, len(ledger))
        bit = 1 << self._chance.randrange(8)
        return self._chance.choice([ledger[:at], ledger[:at] + bytes([ledger[at] ^ bit]) + ledger[at + 1 :]])

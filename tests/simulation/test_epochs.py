"""An epoch that is given twice: what no run met, because it takes two fail-overs in a row, each to a clock that is behind."""

from state.redis_store import RedisStore
from state.store import Head, Outcome
from tests.simulation.redis_engine import Engine, NoDistance
from tests.support.commits import commit


async def test_two_owners_under_one_epoch_do_not_take_each_others_commits_for_their_own() -> None:
    now_s = 1_000.0
    engine = Engine(lambda: now_s, {})
    first, second, third = (RedisStore(NoDistance(engine), "test", "redis") for _ in range(3))
    engine.keys.skew_s = 1.0
    await first.acquire([0])
    now_s += 0.2
    engine.keys.skew_s = -1.0  # a replica takes over, two seconds behind; nothing is lost
    [one] = await second.acquire([0])
    engine.keys.fall_back(now_s - 0.1)  # another takes over; the acquisition is lost
    now_s += 0.1
    [other] = await third.acquire([0])
    assert one.epoch == other.epoch
    mine, others = commit(one, 1, {b"a": b"1"}), commit(other, 1, {b"b": b"2"})
    assert await second.commit([mine]) == [Outcome.DONE]
    assert await third.commit([others._replace(head=Head(1, {"orders": 7}, 0, {}))]) == [Outcome.BEHIND]
    assert await second.commit([mine]) == [Outcome.DONE]
    [again] = await third.acquire([0])
    assert again.head == mine.head
    assert again.epoch > one.epoch

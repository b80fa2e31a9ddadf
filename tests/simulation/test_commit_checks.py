"""Each check of commit.lua by itself: a few requests that come out otherwise where that one alone is missing."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import pytest

from state.redis_store import RedisStore
from state.scripts import COMMIT
from state.store import Head, Outcome, Owned
from tests.simulation import bugs
from tests.simulation.redis_engine import Engine, NoDistance
from tests.support.commits import commit

DONE, STALE, BEHIND = Outcome.DONE, Outcome.STALE, Outcome.BEHIND


class Bench:
    """A bucket, and the hand that makes its Redis fall back."""

    def __init__(self, script: bytes) -> None:
        self.now_s = 1_000.0
        self.engine = Engine(lambda: self.now_s, {COMMIT.text: script})
        self.store = RedisStore(NoDistance(self.engine), "test", "redis")

    async def own(self) -> Owned:
        self.now_s += 1.0
        [owned] = await self.store.acquire([0])
        return owned

    async def writes(self, owned: Owned, sequence: int, value: bytes, offset: int | None = None) -> Outcome:
        self.now_s += 1.0
        one = commit(owned, sequence, {b"a": value})
        if offset is not None:
            one = one._replace(head=Head(sequence, {"orders": offset}, 0, {}))
        [outcome] = await self.store.commit([one])
        return outcome

    async def stored(self) -> bytes | None:
        return (await self.store.load({0: [b"a"]}))[0][0]

    def falls_back(self, by_s: float) -> None:
        self.engine.keys.fall_back(self.now_s - by_s)


async def a_zombie_has_the_next_number(bench: Bench) -> Outcome:
    zombie = await bench.own()
    await bench.writes(zombie, 1, b"1")
    await bench.own()  # nothing was written since: the number that the zombie has is the next one
    return await bench.writes(zombie, 2, b"the zombie's")


async def redis_forgot_who_owns(bench: Bench) -> Outcome:
    await bench.writes(await bench.own(), 1, b"1")
    owner = await bench.own()
    bench.falls_back(0.5)  # to before that: whoever acquires next may get what this one still writes under
    return await bench.writes(owner, 2, b"2")


async def another_wrote_the_same_number_under_the_same_epoch(bench: Bench) -> Outcome:
    owner = await bench.own()
    await bench.writes(owner, 1, b"1", offset=7)
    return await bench.writes(owner, 1, b"another's", offset=8)


async def a_copy_comes_after_what_followed_it(bench: Bench) -> Outcome:
    owner = await bench.own()
    for sequence in (1, 2, 3):
        await bench.writes(owner, sequence, b"%d" % sequence)
    return await bench.writes(owner, 1, b"1")


async def what_comes_before_it_was_lost(bench: Bench) -> Outcome:
    owner = await bench.own()
    await bench.writes(owner, 1, b"1")
    await bench.writes(owner, 2, b"2")
    bench.falls_back(0.5)
    return await bench.writes(owner, 3, b"3")


async def a_copy_comes(bench: Bench) -> Outcome:
    owner = await bench.own()
    await bench.writes(owner, 1, b"1")
    return await bench.writes(owner, 1, b"1 again")


class Case(NamedTuple):
    """`removed`: one check of the script. `answer` and `stored`: with the whole script."""

    removed: Sequence[bytes]
    story: Callable[[Bench], Awaitable[Outcome]]
    answer: Outcome
    stored: bytes


CASES = {
    "an earlier epoch": Case(bugs.EARLIER_EPOCH, a_zombie_has_the_next_number, STALE, b"1"),
    "a later epoch": Case(bugs.LATER_EPOCH, redis_forgot_who_owns, BEHIND, b"1"),
    "the head": Case(bugs.SAME_HEAD, another_wrote_the_same_number_under_the_same_epoch, BEHIND, b"1"),
    "a number that is written": Case(bugs.WRITTEN, a_copy_comes, DONE, b"1"),
    "a number that is passed": Case(bugs.PASSED, a_copy_comes_after_what_followed_it, STALE, b"3"),
    "a gap": Case(bugs.GAP, what_comes_before_it_was_lost, BEHIND, b"1"),
}


@pytest.mark.parametrize("name", CASES)
async def test_the_whole_script_answers_as_it_should_and_without_the_check_it_does_not(name: str) -> None:
    case = CASES[name]
    whole, lacking = Bench(COMMIT.text), Bench(bugs.without(*case.removed))
    assert (await case.story(whole), await whole.stored()) == (case.answer, case.stored)
    assert (await case.story(lacking), await lacking.stored()) != (case.answer, case.stored)

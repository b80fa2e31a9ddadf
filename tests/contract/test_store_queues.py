"""What store.py promises, over every store there is: deadlines and outbox."""

from scoring.layout import NEVER_US
from state.store import Due, Entry, Owned, Sent, Store
from tests.support.commits import commit, entry

BUCKET, OTHER = 17, 255
NOW_US = 1_780_000_000_000_000


async def own(store: Store, bucket: int = BUCKET) -> Owned:
    return (await store.acquire([bucket]))[0]


async def test_deadlines_come_earliest_first_up_to_and_including_the_instant(store: Store) -> None:
    await store.commit([commit(await own(store), deadlines={b"c": NOW_US + 1, b"b": NOW_US, b"a": NOW_US - 1})])
    found, following = await store.due([BUCKET], NOW_US, 10)
    assert found == [Due(BUCKET, b"a", NOW_US - 1), Due(BUCKET, b"b", NOW_US)]
    assert following == {BUCKET: NOW_US + 1}


async def test_a_limit_leaves_the_rest_and_tells_when_it_comes(store: Store) -> None:
    await store.commit([commit(await own(store), deadlines={b"%d" % i: 100 + i for i in range(5)})])
    for limit, following in ((1, 101), (4, 104), (5, NEVER_US), (6, NEVER_US)):
        found, rest = await store.due([BUCKET], 200, limit)
        assert [due.due_us for due in found] == list(range(100, 100 + min(limit, 5)))
        assert rest == {BUCKET: following}


async def test_each_bucket_has_its_own_limit_and_its_own_next(store: Store) -> None:
    first, second = await store.acquire([BUCKET, OTHER])
    await store.commit([commit(first, deadlines={b"a": 1, b"b": 2}), commit(second, deadlines={b"c": 1, b"d": 9})])
    found, following = await store.due([OTHER, 4, BUCKET], 5, 1)
    assert found == [Due(OTHER, b"c", 1), Due(BUCKET, b"a", 1)]
    assert following == {OTHER: 9, 4: NEVER_US, BUCKET: 2}


async def test_a_deadline_moves_and_goes(store: Store) -> None:
    owned = await own(store)
    await store.commit([commit(owned, 1, deadlines={b"a": 5, b"b": 6})])
    await store.commit([commit(owned, 2, deadlines={b"a": 7, b"b": NEVER_US, b"nobody": NEVER_US})])
    assert await store.due([BUCKET], 6, 9) == ([], {BUCKET: 7})
    await store.commit([commit(owned, 3, deadlines={b"a": NEVER_US})])
    assert await store.due([BUCKET], NOW_US, 9) == ([], {BUCKET: NEVER_US})


async def test_deadlines_keep_every_microsecond(store: Store) -> None:
    last = 2**53 - 1
    deadlines = {b"a": last - 1, b"b": last, b"c": -1, b"after 2255": last + 1}
    await store.commit([commit(await own(store), deadlines=deadlines)])
    found, following = await store.due([BUCKET], last, 9)
    assert [due.due_us for due in found] == [-1, last - 1, last]
    assert following == {BUCKET: NEVER_US}


async def test_the_outbox_is_read_oldest_first_and_whole(store: Store) -> None:
    owned = await own(store)
    for sequence in range(1, 12):
        await store.commit([commit(owned, sequence, messages=[b"a", b"b", b"c"])])
    expected = [
        entry(sequence, index, value) for sequence in range(1, 12) for index, value in enumerate((b"a", b"b", b"c"))
    ]
    assert await store.outbox([BUCKET, OTHER], 100) == {BUCKET: expected, OTHER: []}
    assert await store.outbox([BUCKET], 5) == {BUCKET: expected[:5]}


async def test_what_was_published_goes_and_the_rest_stays(store: Store) -> None:
    owned = await own(store)
    for sequence in (1, 2):
        await store.commit([commit(owned, sequence, messages=[b"a", b"b", b"c"])])
    for _ in range(2):  # trimming is idempotent
        await store.trim({BUCKET: Sent(owned.epoch, 2, 0)})
        assert numbers(await store.outbox([BUCKET], 9)) == [(2, 1), (2, 2)]
    await store.trim({BUCKET: Sent(owned.epoch, 1, 2)})
    assert numbers(await store.outbox([BUCKET], 9)) == [(2, 1), (2, 2)]
    await store.trim({BUCKET: Sent(owned.epoch, 2, 2)})
    assert numbers(await store.outbox([BUCKET], 9)) == []
    await store.commit([commit(owned, 3, messages=[b"d"])])
    assert numbers(await store.outbox([BUCKET], 9)) == [(3, 0)]


async def test_whoever_lost_the_bucket_trims_nothing(store: Store) -> None:
    zombie = await own(store)
    await store.commit([commit(zombie, 1, messages=[b"a"])])
    await own(store)
    await store.trim({BUCKET: Sent(zombie.epoch, 1, 0)})
    assert numbers(await store.outbox([BUCKET], 9)) == [(1, 0)]


async def test_a_commit_without_messages_leaves_the_outbox_as_it_is(store: Store) -> None:
    owned = await own(store)
    await store.commit([commit(owned, 1, messages=[b"a"])])
    await store.commit([commit(owned, 2, {b"c": b"1"})])
    assert numbers(await store.outbox([BUCKET], 9)) == [(1, 0)]


def numbers(outbox: dict[int, list[Entry]]) -> list[tuple[int, int]]:
    return [(e.sequence, e.index) for e in outbox[BUCKET]]

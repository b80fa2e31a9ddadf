"""What store.py promises, over every store there is: a shadow beside what is live, and the switch."""

from state.store import Head, Held, Outcome, Owned, Sent, Store, Switch
from tests.support.commits import commit, entry, head

BUCKET, OTHER = 17, 255


async def own(store: Store, bucket: int = BUCKET) -> Owned:
    return (await store.acquire([bucket]))[0]


def switch_of(live: Owned, sequence: int, shadow: Owned, rebuilt: int) -> Switch:
    return Switch(live.bucket, Held(live.epoch, sequence), Held(shadow.epoch, rebuilt))


async def test_who_holds_a_bucket_is_told(store: Store) -> None:
    assert await store.held() == {}
    owned = await own(store)
    await store.commit([commit(owned)])
    assert await store.held() == {BUCKET: Held(owned.epoch, 1)}


async def test_a_shadow_is_apart_from_what_is_live(store: Store) -> None:
    await store.commit([commit(await own(store), states={b"a": b"live"})])
    shadow = store.shadow()
    await shadow.commit([commit(await own(shadow), states={b"a": b"shadow"}, deadlines={b"a": 5}, messages=[b"m"])])
    assert await store.load({BUCKET: [b"a"]}) == {BUCKET: [b"live"]}
    assert await store.shadow().load({BUCKET: [b"a"]}) == {BUCKET: [b"shadow"]}
    await shadow.drop([BUCKET, OTHER])
    assert await shadow.heads() == {}
    assert await own(shadow) == Owned(BUCKET, (await shadow.held())[BUCKET].epoch, Head(0, {}, 0, {}))
    assert await store.heads() == {BUCKET: head(1)}


async def test_a_switch_puts_the_shadow_in_the_place_of_all_that_is_live(store: Store) -> None:
    shadow = store.shadow()
    live, other = await store.acquire([BUCKET, OTHER])
    await store.commit([commit(live, 1, {b"a": b"1"}, {b"a": 1, b"gone": 2}, [b"told", b"not yet"])])
    await store.commit([commit(live, 2, {b"gone": b"2"}), commit(other, 1, {b"b": b"other"})])
    await store.trim({BUCKET: Sent(live.epoch, 1, 0)})
    rebuilt = await own(shadow)
    made = commit(rebuilt, 1, {b"a": b"new", b"c": b"3"}, {b"c": 7}, [b"correction"])
    await shadow.commit([made._replace(head=made.head._replace(versions=b"v"), takes=True)])

    assert await store.switch([switch_of(live, 2, rebuilt, 1)]) == [Outcome.DONE]

    assert await store.load({BUCKET: [b"a", b"c", b"gone"]}) == {BUCKET: [b"new", b"3", None]}
    assert [(due.customer_id, due.due_us) for due in (await store.due([BUCKET], 9, 9))[0]] == [(b"c", 7)]
    assert (await store.heads())[BUCKET] == head(1)._replace(sequence=3, versions=b"v")
    assert (await store.outbox([BUCKET], 9))[BUCKET] == [entry(1, 1, b"not yet"), entry(3, 0, b"correction")]
    assert await store.load({OTHER: [b"b"]}) == {OTHER: [b"other"]}
    assert await shadow.heads() == {}
    assert await shadow.load({BUCKET: [b"a"]}) == {BUCKET: [None]}
    # once more is once, and the next owner goes on behind both
    assert await store.switch([switch_of(live, 2, rebuilt, 1)]) == [Outcome.DONE]
    after = await own(store)
    assert await store.commit([commit(after, 4, {b"a": b"4"}, messages=[b"m"])]) == [Outcome.DONE]


async def test_the_sequence_grows_beyond_a_longer_shadow_too_and_versions_go_with_it(store: Store) -> None:
    shadow = store.shadow()
    live, rebuilt = await own(store), await own(shadow)
    first = commit(live, 1)
    await store.commit([first._replace(head=first.head._replace(versions=b"old"), takes=True)])
    for sequence in range(1, 5):
        await shadow.commit([commit(rebuilt, sequence)])
    assert await store.switch([switch_of(live, 1, rebuilt, 4)]) == [Outcome.DONE]
    assert (await store.heads())[BUCKET] == head(4)._replace(sequence=5)


async def test_nobody_switches_what_somebody_else_took_over(store: Store) -> None:
    shadow = store.shadow()
    live, rebuilt = await own(store), await own(shadow)
    await store.commit([commit(live, 1, {b"a": b"1"})])
    await shadow.commit([commit(rebuilt, 1, {b"a": b"new"})])
    worker = await own(store)
    assert await store.switch([switch_of(live, 1, rebuilt, 1)]) == [Outcome.STALE]
    again = await own(store)
    assert again.epoch > worker.epoch
    second = await own(shadow)  # another rebuild
    assert await store.switch([switch_of(again, 1, rebuilt, 1)]) == [Outcome.BEHIND]
    await shadow.drop([BUCKET])
    assert await store.switch([switch_of(again, 1, second, 1)]) == [Outcome.BEHIND]
    assert await store.load({BUCKET: [b"a"]}) == {BUCKET: [b"1"]}


async def test_whoever_held_the_bucket_before_the_switch_is_refused(store: Store) -> None:
    shadow = store.shadow()
    worker = await own(store)
    await store.commit([commit(worker, 1, {b"a": b"1"})])
    live, rebuilt = await own(store), await own(shadow)
    await shadow.commit([commit(rebuilt, 1, {b"a": b"new"})])
    await store.switch([switch_of(live, 1, rebuilt, 1)])
    for sequence in (1, 2, 3):
        assert await store.commit([commit(worker, sequence, {b"a": b"zombie"})]) == [Outcome.STALE]
    assert await store.load({BUCKET: [b"a"]}) == {BUCKET: [b"new"]}

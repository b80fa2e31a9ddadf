"""What store.py promises, over every store there is: ownership, the commit, falling back."""

import pytest

from scoring.hashing import buckets
from state.errors import StateError
from state.store import Census, Head, Outcome, Owned, Sent, Store
from tests.contract.conftest import Subject
from tests.support.commits import commit, head

BUCKET = 17
EVERY_BYTE = bytes(range(256))


async def own(store: Store, bucket: int = BUCKET) -> Owned:
    return (await store.acquire([bucket]))[0]


async def test_a_bucket_that_was_never_committed_starts_from_nothing(store: Store) -> None:
    assert (await own(store)).head == Head(0, {}, 0, {})


async def test_what_was_committed_is_loaded_in_the_order_asked(store: Store) -> None:
    owned = await own(store)
    assert await store.commit([commit(owned, states={b"a": b"1", b"b": b"2"})]) == [Outcome.DONE]
    assert await store.load({BUCKET: [b"b", b"nobody", b"a", b"b"], 3: [], 4: [b"a"]}) == {
        BUCKET: [b"2", None, b"1", b"2"],
        3: [],
        4: [None],
    }


async def test_the_next_owner_finds_the_head_and_holds_a_later_epoch(store: Store) -> None:
    first = await own(store)
    await store.commit([commit(first)])
    second = await own(store)
    assert second.head == head(1)
    assert second.epoch > first.epoch


async def test_many_buckets_commit_in_one_call_each_by_itself(store: Store) -> None:
    everyone = await store.acquire(range(256))
    assert [owned.bucket for owned in everyone] == list(range(256))
    await own(store, 200)  # somebody else takes one of them over
    outcomes = await store.commit([commit(owned, states={b"a": b"%d" % owned.bucket}) for owned in everyone])
    assert outcomes == [Outcome.STALE if bucket == 200 else Outcome.DONE for bucket in range(256)]
    loaded = await store.load({bucket: [b"a"] for bucket in range(256)})
    assert loaded == {bucket: [None if bucket == 200 else b"%d" % bucket] for bucket in range(256)}


async def test_nothing_asked_is_nothing_answered(store: Store) -> None:
    assert await store.acquire([]) == []
    assert await store.commit([]) == []
    assert await store.load({}) == {}
    assert await store.due([], 1, 1) == ([], {})
    assert await store.outbox([], 1) == {}
    await store.trim({})


async def test_ids_and_ledgers_are_any_bytes_the_empty_ledger_included(store: Store) -> None:
    states = {EVERY_BYTE: EVERY_BYTE, b"empty": b"", b"\x00": b"\r\n$3\r\n", "é{1}".encode(): b"x"}
    owned = await own(store)
    await store.commit([commit(owned, states=states, deadlines={EVERY_BYTE: 5}, messages=[EVERY_BYTE, b""])])
    assert await store.load({BUCKET: list(states)}) == {BUCKET: list(states.values())}
    assert {pair async for pair in store.states(BUCKET)} == set(states.items())
    assert [due.customer_id for due in (await store.due([BUCKET], 5, 9))[0]] == [EVERY_BYTE]
    assert [entry.value for entry in (await store.outbox([BUCKET], 9))[BUCKET]] == [EVERY_BYTE, b""]


async def test_a_resent_commit_is_done_and_written_once(store: Store) -> None:
    owned = await own(store)
    batch = commit(owned, states={b"a": b"1"}, deadlines={b"a": 7}, messages=[b"m"])
    assert [await store.commit([batch]) for _ in range(3)] == [[Outcome.DONE]] * 3
    assert len((await store.outbox([BUCKET], 9))[BUCKET]) == 1
    assert (await store.heads())[BUCKET].sequence == 1


async def test_a_resent_commit_takes_nothing_back_that_came_after_it(store: Store) -> None:
    owned = await own(store)
    await store.commit([commit(owned, 1, {b"a": b"1"})])
    await store.commit([commit(owned, 2, {b"a": b"2"})])
    assert await store.commit([commit(owned, 1, {b"a": b"1"})]) == [Outcome.STALE]
    assert await store.load({BUCKET: [b"a"]}) == {BUCKET: [b"2"]}


async def test_whoever_lost_the_bucket_is_refused_and_changes_nothing(store: Store) -> None:
    zombie = await own(store)
    await store.commit([commit(zombie, 1, {b"a": b"1"}, {b"a": 5}, [b"m"])])
    await own(store)
    late = commit(zombie, 2, {b"a": b"2", b"b": b"2"}, {b"a": 9, b"b": 9}, [b"n"])
    assert await store.commit([late]) == [Outcome.STALE]
    assert await store.commit([commit(zombie, 1, {b"a": b"2"})]) == [Outcome.STALE]
    assert await store.load({BUCKET: [b"a", b"b"]}) == {BUCKET: [b"1", None]}
    assert [due.due_us for due in (await store.due([BUCKET], 99, 9))[0]] == [5]
    assert [entry.value for entry in (await store.outbox([BUCKET], 9))[BUCKET]] == [b"m"]
    assert (await store.heads())[BUCKET] == head(1)


async def test_a_gap_in_the_sequence_is_behind_and_writes_nothing(store: Store) -> None:
    owned = await own(store)
    assert await store.commit([commit(owned, 2, {b"a": b"2"}, {b"a": 2}, [b"m"])]) == [Outcome.BEHIND]
    assert await store.load({BUCKET: [b"a"]}) == {BUCKET: [None]}
    assert await store.due([BUCKET], 9, 9) == ([], {BUCKET: (1 << 63) - 1})
    assert await store.outbox([BUCKET], 9) == {BUCKET: []}


async def test_a_store_that_came_back_empty_is_behind_and_starts_again(subject: Subject) -> None:
    store = subject.store
    owned = await own(store)
    await store.commit([commit(owned, 1, {b"a": b"1"}, messages=[b"m"])])
    subject.wipe()
    assert await store.commit([commit(owned, 2, {b"a": b"2"})]) == [Outcome.BEHIND]
    again = await own(store)
    assert again.head == Head(0, {}, 0, {})
    assert again.epoch > owned.epoch
    assert await store.commit([commit(again, 1, {b"a": b"1"}, messages=[b"m"])]) == [Outcome.DONE]


async def test_a_store_that_fell_back_is_behind_and_goes_on_from_there(subject: Subject) -> None:
    store = subject.store
    owned = await own(store)
    await store.commit([commit(owned, 1, {b"a": b"1"})])
    subject.remember()
    for sequence in (2, 3, 4):
        await store.commit([commit(owned, sequence, {b"a": b"%d" % sequence})])
    subject.rollback()
    assert await store.commit([commit(owned, 5, {b"a": b"5"})]) == [Outcome.BEHIND]
    again = await own(store)
    assert again.head == head(1)
    assert await store.load({BUCKET: [b"a"]}) == {BUCKET: [b"1"]}
    assert await store.commit([commit(again, 2, {b"a": b"2"})]) == [Outcome.DONE]


async def test_a_store_that_forgot_its_owner_is_behind_and_gives_no_epoch_twice(subject: Subject) -> None:
    store = subject.store
    zombie = await own(store)
    await store.commit([commit(zombie, 1)])
    subject.remember()
    lost = await own(store)
    subject.rollback()
    assert await store.commit([commit(lost, 2)]) == [Outcome.BEHIND]
    assert (await own(store)).epoch > lost.epoch
    assert await store.commit([commit(lost, 2)]) == [Outcome.STALE]
    assert await store.commit([commit(zombie, 2)]) == [Outcome.STALE]


async def test_thousands_of_customers_and_messages_go_in_one_commit(store: Store) -> None:
    ids = [b"customer-%d" % i for i in range(5_001)]
    states = {customer_id: customer_id * 20 for customer_id in ids}
    deadlines = {customer_id: 1_000_000 + i for i, customer_id in enumerate(ids)}
    messages = [b"message %d" % i for i in range(1_000)]
    owned = await own(store)
    assert await store.commit([commit(owned, 1, states, deadlines, messages)]) == [Outcome.DONE]
    assert await store.load({BUCKET: ids}) == {BUCKET: list(states.values())}
    due, _ = await store.due([BUCKET], 2_000_000, 10_000)
    assert [(d.customer_id, d.due_us) for d in due] == list(deadlines.items())
    assert [entry.value for entry in (await store.outbox([BUCKET], 2_000))[BUCKET]] == messages
    assert {pair async for pair in store.states(BUCKET)} == set(states.items())
    removed = dict.fromkeys(ids, (1 << 63) - 1)
    assert await store.commit([commit(owned, 2, deadlines=removed)]) == [Outcome.DONE]
    assert (await store.due([BUCKET], 2_000_000, 10))[0] == []


async def test_heads_are_those_of_every_bucket_there_is(store: Store) -> None:
    assert await store.heads() == {}
    first, second = await store.acquire([3, 250])
    await store.commit([commit(second)])
    assert await store.heads() == {3: Head(0, {}, 0, {}), 250: head(1)}
    assert await store.commit([commit(first)]) == [Outcome.DONE]  # reading took nothing over


async def test_customers_are_counted_over_all_buckets(store: Store) -> None:
    assert await store.customers() == 0
    one, other = await store.acquire([3, 200])
    await store.commit([commit(one, states={b"a": b"1", b"b": b"2"}), commit(other, states={b"c": b"3"})])
    assert await store.customers() == 3


async def test_one_customers_state_is_found_by_the_id_alone(store: Store) -> None:
    customer_id = "zoë".encode()
    owned = await own(store, int(buckets([customer_id])[0]))
    assert await store.state(customer_id) is None
    await store.commit([commit(owned, states={customer_id: b"ledger"})])
    assert await store.state(customer_id) == b"ledger"


async def test_entries_that_are_not_numbered_as_the_store_will_are_a_bug(store: Store) -> None:
    owned = await own(store)
    batch = commit(owned, 1, messages=[b"a", b"b"])
    with pytest.raises(StateError, match="numbered"):
        await store.commit([batch._replace(outbox=batch.outbox[1:])])


async def test_a_trim_from_before_a_rollback_takes_no_message_of_after_it(subject: Subject) -> None:
    """The same (sequence, index) is another message when the batches were cut otherwise the second time."""
    store = subject.store
    owned = await own(store)
    subject.remember()
    for sequence in (1, 2):
        await store.commit([commit(owned, sequence, messages=[b"published %d" % sequence])])
    subject.rollback()
    again = await own(store)
    for sequence in (1, 2):
        await store.commit([commit(again, sequence, messages=[b"to be published %d" % sequence])])
    await store.trim({BUCKET: Sent(owned.epoch, 2, 0)})
    assert len((await store.outbox([BUCKET], 9))[BUCKET]) == 2


async def test_versions_are_kept_until_a_commit_takes_new_ones(store: Store) -> None:
    owned = await own(store)
    assert owned.head.versions == b""
    first = commit(owned, 1)
    await store.commit([first._replace(head=first.head._replace(versions=EVERY_BYTE, swept=3), takes=True)])
    await store.commit([commit(owned, 2)])  # writes a head without them
    assert (await own(store)).head == head(2)._replace(versions=EVERY_BYTE)
    assert (await store.heads())[BUCKET].versions == EVERY_BYTE


async def test_a_refused_commit_takes_no_versions(store: Store) -> None:
    zombie = await own(store)
    await own(store)
    late = commit(zombie, 1)
    assert await store.commit([late._replace(head=late.head._replace(versions=b"late"), takes=True)]) == [Outcome.STALE]
    assert (await own(store)).head.versions == b""


async def test_versions_fall_back_with_the_position(subject: Subject) -> None:
    owned = await own(subject.store)
    subject.remember()
    first = commit(owned, 1)
    await subject.store.commit([first._replace(head=first.head._replace(versions=b"new"), takes=True)])
    subject.rollback()
    assert (await own(subject.store)).head == Head(0, {}, 0, {})


async def test_the_newest_part_of_a_census_is_kept_for_each_bucket(store: Store) -> None:
    assert await store.censuses() == {}
    await store.acquire([3, 200])
    await store.put_census(3, Census(1, b"before"))
    await store.put_census(3, Census(2**60, EVERY_BYTE))
    await store.put_census(200, Census(7, b""))
    assert await store.censuses() == {3: Census(2**60, EVERY_BYTE), 200: Census(7, b"")}
    await own(store, 3)
    assert len(await store.censuses()) == 2


async def test_the_customers_of_many_buckets_are_read_together(store: Store) -> None:
    everyone = await store.acquire(range(256))
    await store.commit([commit(o, states={b"%d-%d" % (o.bucket, n): b"x" for n in range(3)}) for o in everyone])
    assert [pair async for pair in store.states()] == []
    found = [customer_id async for customer_id, _ in store.states(*range(256))]
    assert sorted(found) == sorted(b"%d-%d" % (bucket, n) for bucket in range(256) for n in range(3))

"""What the store does when its server is away, slow, full, read-only or moved: it says so, in time, and comes back."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
import uvloop

from ebbtide.embedded import Server, start_redis
from ebbtide.embedded.server import HOST, free_port
from state.errors import StateError, StoreUnavailable
from state.keys import keys_of
from state.redis_store import RedisStore
from state.store import Outcome, Sent
from tests.support.commits import commit
from tests.support.half_deaf import HalfDeaf
from tests.support.proxy import Proxy
from tests.support.redis_servers import client, running_cluster

BUCKET = 17
BRIEF_S = 0.3


@asynccontextmanager
async def connected(
    servers: Sequence[Server], timeout_s: float = 5.0, namespace: str | None = None
) -> AsyncIterator[RedisStore]:
    store = await RedisStore.connect(servers[0].url, namespace or f"test-{secrets.token_hex(4)}", timeout_s)
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that a test may set as it likes."""
    with start_redis() as server:
        yield server


async def test_a_server_that_is_away_is_unavailable_at_once_and_names_no_password() -> None:
    port = free_port()
    began = time.monotonic()
    with pytest.raises(
        StoreUnavailable, match=f"Redis at {HOST}:{port} does not answer.*EBBTIDE_REDIS_URL.*ebbtide up"
    ) as told:
        await RedisStore.connect(f"redis://user:secret@{HOST}:{port}", "test")
    assert time.monotonic() - began < 2
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("url", ["http://:secret@localhost", "redis://:secret@localhost:port", "secret"])
async def test_an_address_that_is_none_is_told_without_its_password(url: str) -> None:
    with pytest.raises(StateError, match="EBBTIDE_REDIS_URL") as told:
        await RedisStore.connect(url, "test")
    assert "secret" not in str(told.value)


async def test_a_wrong_password_is_told_as_such(own_server: Server) -> None:
    with client(own_server) as hand:
        hand.config_set("requirepass", "right")
    with pytest.raises(StoreUnavailable, match="user name or password") as told:
        await RedisStore.connect(f"redis://:secret@{own_server.address}", "test")
    assert "secret" not in str(told.value)
    store = await RedisStore.connect(f"redis://:right@{own_server.address}", "test")
    await store.close()


async def test_a_server_that_restarts_comes_back_without_a_new_store() -> None:
    with start_redis() as server:
        store = await RedisStore.connect(server.url, "test")
        owned = (await store.acquire([BUCKET]))[0]
        await store.commit([commit(owned, 1)])
    with pytest.raises(StoreUnavailable):
        await store.commit([commit(owned, 2)])
    with start_redis(server.port):
        assert await store.commit([commit(owned, 2)]) == [Outcome.BEHIND]
        again = (await store.acquire([BUCKET]))[0]
        assert again.epoch > owned.epoch
        assert await store.commit([commit(again, 1)]) == [Outcome.DONE]
        await store.close()


async def test_a_commit_whose_answer_was_lost_is_found_done_and_happened_once(own_server: Server) -> None:
    async with HalfDeaf(own_server.port).running() as way:
        store = await RedisStore.connect(f"redis://{HOST}:{way.port}", "test", BRIEF_S)
        owned = (await store.acquire([BUCKET]))[0]
        await store.commit([commit(owned, 1)])  # from here on the server knows the script
        batch = commit(owned, 2, {b"a": b"1"}, messages=[b"m"])
        calls = scripts_run(own_server)
        way.deaf = True
        with pytest.raises(StoreUnavailable, match=r"within 0\.3 s"):
            await store.commit([batch])
        way.deaf = False
        assert scripts_run(own_server) <= calls + 1  # nothing re-sends it behind our back
        assert (await store.heads())[BUCKET].sequence == 2
        assert await store.commit([batch]) == [Outcome.DONE]
        assert len((await store.outbox([BUCKET], 9))[BUCKET]) == 1
        await store.close()


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_connection_that_was_reset_while_nobody_looked_is_made_anew(
    own_server: Server, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def met(way: Proxy) -> None:
        store = await RedisStore.connect(f"redis://{HOST}:{way.port}/0", "met")
        for looks in range(4):  # how far the loop has got with the news when the next command goes out
            await store.load({BUCKET: [b"a"]})
            way.cut()
            time.sleep(0.02)  # noqa: ASYNC251 - the loop is busy meanwhile, as with a batch
            for _ in range(looks):
                await asyncio.sleep(0)
            with suppress(StoreUnavailable):
                await store.load({BUCKET: [b"a"]})
            assert await store.load({BUCKET: [b"a"]}) == {BUCKET: [None]}
        await store.close()

    with Proxy(own_server.port) as way, asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(met(way))


async def test_a_server_that_hangs_is_unavailable_within_bounds(servers: list[Server]) -> None:
    async with connected(servers, BRIEF_S) as store:
        owned = (await store.acquire([BUCKET]))[0]
        pause(servers, milliseconds=600)
        began = time.monotonic()
        with pytest.raises(StoreUnavailable, match=r"within 0\.3 s"):
            await store.commit([commit(owned)])
        assert time.monotonic() - began < 2 * BRIEF_S
        await asyncio.sleep(0.6)
        assert await store.commit([commit(owned)]) == [Outcome.DONE]


async def test_answers_of_an_exchange_that_was_cancelled_are_not_taken_for_those_of_the_next(
    servers: list[Server],
) -> None:
    async with connected(servers) as store:
        owned = (await store.acquire([BUCKET]))[0]
        await store.commit([commit(owned, 1, {b"a": b"1", b"b": b"2"})])
        pause(servers, milliseconds=200)
        loading = asyncio.create_task(store.load({BUCKET: [b"a"]}))
        await asyncio.sleep(0.05)
        loading.cancel()
        await asyncio.wait([loading])
        assert await store.load({BUCKET: [b"b"]}) == {BUCKET: [b"2"]}


async def test_more_callers_than_connections_take_turns(servers: list[Server]) -> None:
    async with connected(servers) as store:
        await store.commit([commit((await store.acquire([BUCKET]))[0], 1, {b"a": b"1"})])
        loaded = await asyncio.gather(*(store.load({BUCKET: [b"a"]}) for _ in range(100)))
        assert loaded == [{BUCKET: [b"1"]}] * 100


async def test_a_server_that_forgot_the_scripts_is_told_them_again(servers: list[Server]) -> None:
    async with connected(servers) as store:
        everyone = await store.acquire(range(256))
        for server in servers:
            with client(server) as hand:
                hand.script_flush()
        assert await store.commit([commit(owned) for owned in everyone]) == [Outcome.DONE] * 256


async def test_a_full_server_is_unavailable_and_took_nothing(own_server: Server) -> None:
    async with connected([own_server]) as store:
        owned = (await store.acquire([BUCKET]))[0]
        batch = commit(owned, 1, {b"a": b"1"}, {b"a": 5}, [b"m"])
        with client(own_server) as hand:
            hand.config_set("maxmemory", 1)
            with pytest.raises(StoreUnavailable, match="OOM"):
                await store.commit([batch])
            hand.config_set("maxmemory", 0)
        assert await store.load({BUCKET: [b"a"]}) == {BUCKET: [None]}
        assert (await store.heads())[BUCKET].sequence == 0
        assert await store.commit([batch]) == [Outcome.DONE]


async def test_a_full_server_may_be_told_what_was_published(own_server: Server) -> None:
    async with connected([own_server]) as store:
        owned = (await store.acquire([BUCKET]))[0]
        await store.commit([commit(owned, 1, {}, {}, [b"m"])])
        with client(own_server) as hand:
            hand.config_set("maxmemory", 1)
            await store.trim({BUCKET: Sent(owned.epoch, 1, 0)})
            assert await store.outbox([BUCKET], 10) == {BUCKET: []}


async def test_a_replica_is_refused_and_a_server_that_becomes_one_is_unavailable(own_server: Server) -> None:
    async with connected([own_server]) as store:
        owned = (await store.acquire([BUCKET]))[0]
        with client(own_server) as hand:
            hand.execute_command("REPLICAOF", HOST, free_port())
        with pytest.raises(StoreUnavailable, match="READONLY"):
            await store.commit([commit(owned)])
        with pytest.raises(StateError, match="replica"):
            await RedisStore.connect(own_server.url, "test")


async def test_an_address_that_leads_to_another_server_after_a_failover_is_followed(own_server: Server) -> None:
    with start_redis() as promoted:
        async with HalfDeaf(own_server.port).running() as way:
            store = await RedisStore.connect(f"redis://{HOST}:{way.port}", "test")
            owned = (await store.acquire([BUCKET]))[0]
            with client(own_server) as hand:
                hand.execute_command("REPLICAOF", HOST, promoted.port)
            way.lead_to(promoted.port)
            with pytest.raises(StoreUnavailable, match="READONLY"):
                await store.commit([commit(owned)])
            assert await store.commit([commit(owned)]) == [Outcome.BEHIND]
            await store.close()


async def test_a_server_that_evicts_keys_is_refused_and_one_that_might_is_warned_of(own_server: Server) -> None:
    with client(own_server) as hand:
        hand.config_set("maxmemory-policy", "allkeys-lru")
        async with connected([own_server]) as store:
            assert "maxmemory-policy allkeys-lru" in " ".join(await store.warnings())
        hand.config_set("maxmemory", "100mb")
    with pytest.raises(StateError, match="set maxmemory-policy noeviction"):
        await RedisStore.connect(own_server.url, "test")


async def test_a_bucket_whose_head_was_deleted_by_hand_is_not_begun_anew(own_server: Server) -> None:
    async with connected([own_server], namespace="test") as store:
        await store.commit([commit((await store.acquire([BUCKET]))[0], 1, {b"a": b"1"})])
        with client(own_server) as hand:
            hand.delete("test:{17}:head")
        with pytest.raises(StateError, match=r"test:\{17\}:head was deleted"):
            await store.acquire([BUCKET])


async def test_a_slot_may_move_to_another_node_at_any_time() -> None:
    keys = keys_of("test")[BUCKET]
    with running_cluster() as servers:
        async with connected(servers, namespace="test") as store:
            owned = (await store.acquire([BUCKET]))[0]
            await store.commit([commit(owned, 1, {b"a": b"1"})])
            at = keys.slot * len(servers) // 16_384
            with client(servers[at]) as giver, client(servers[at - 1]) as taker:
                names = [str(node.execute_command("CLUSTER", "MYID"), "ascii") for node in (giver, taker)]
                taker.execute_command("CLUSTER", "SETSLOT", keys.slot, "IMPORTING", names[0])
                giver.execute_command("CLUSTER", "SETSLOT", keys.slot, "MIGRATING", names[1])
                giver.execute_command(
                    "MIGRATE", HOST, servers[at - 1].port, "", 0, 1000, "KEYS", *giver.keys("test:{17}:*")
                )
                assert await store.load({BUCKET: [b"a"], 3: [b"a"]}) == {BUCKET: [b"1"], 3: [None]}  # ASK
                with pytest.raises(
                    StoreUnavailable, match="moving a slot"
                ):  # neither node can tell that a key is nowhere
                    await store.commit([commit(owned, 2, {b"a": b"2"})])
                for node in (taker, giver):
                    node.execute_command("CLUSTER", "SETSLOT", keys.slot, "NODE", names[1])
            assert await store.commit([commit(owned, 2, {b"a": b"2"})]) == [Outcome.DONE]  # MOVED
            assert await store.load({BUCKET: [b"a"]}) == {BUCKET: [b"2"]}


async def test_a_cluster_that_lost_a_node_is_unavailable_within_bounds() -> None:
    with running_cluster() as servers:
        async with connected(servers, 1.0) as store:
            everyone = await store.acquire(range(256))
            servers[1].stop()
            began = time.monotonic()
            with pytest.raises(StoreUnavailable):
                await store.commit([commit(owned) for owned in everyone])
            assert time.monotonic() - began < 5


def pause(servers: Sequence[Server], milliseconds: int) -> None:
    for server in servers:
        with client(server) as hand:
            hand.client_pause(milliseconds)


def scripts_run(server: Server) -> int:
    with client(server) as hand:
        statistics = hand.info("commandstats")
    return sum(int(statistics.get(f"cmdstat_{name}", {"calls": 0})["calls"]) for name in ("eval", "evalsha"))

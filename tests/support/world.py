"""Real processes around a broker and a Redis: workers to start and kill, what they stored and what they published."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from state.redis_store import RedisStore
from streams.broker.topics import ensure_topics
from streams.config import Topics
from tests.support.shop_log import Event, as_bytes

SOON_S = 90.0
LOOK_EVERY_S = 0.02
STILL = 18  # looks, a tenth of a second apart: the last silence falls a second after the last record
ROOT = Path(__file__).parents[2]
EBBTIDE = (sys.executable, "-m", "ebbtide")


class Change(NamedTuple):
    """A tier change as published, without the wall clock."""

    id: str
    customer_id: str
    said: str  # the whole value but emitted_at


class World:
    """One namespace and one set of topics on a broker and a Redis."""

    def __init__(self, kafka: str, redis_url: str, logs: Path, prefix: str, partitions: int = 4) -> None:
        self.kafka = kafka
        self.logs = logs
        self.topics = Topics(prefix, partitions)
        self.workers: list[subprocess.Popen[bytes]] = []
        self.env = {key: value for key, value in os.environ.items() if not key.startswith("EBBTIDE_")} | {
            "EBBTIDE_KAFKA": kafka,
            "EBBTIDE_REDIS_URL": redis_url,
            "EBBTIDE_NAMESPACE": prefix.rstrip("."),
            "EBBTIDE_TOPIC_PREFIX": prefix,
            "EBBTIDE_PARTITIONS": str(partitions),
            "EBBTIDE_CLOCK": "stream",
            "PYTHONPATH": str(ROOT),  # workers run in their log's folder, where a .env of the clone is not read
        }

    def send(self, events: Sequence[Event]) -> None:
        """Keyed by customer, in order."""
        asyncio.run(self._send(events))

    def start_worker(self, **env: str) -> "subprocess.Popen[bytes]":
        with (self.logs / f"worker-{len(self.workers)}.log").open("wb") as log:
            worker = subprocess.Popen([*EBBTIDE, "worker"], env=self.env | env, stderr=log, stdout=log, cwd=self.logs)
        self.workers.append(worker)
        return worker

    def close(self) -> None:
        """No worker outlives its test."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()

    def run(self, *arguments: str, **env: str) -> str:
        """An ebbtide command's output; fails with what it said."""
        done = subprocess.run(
            [*EBBTIDE, *arguments], env=self.env | env, capture_output=True, text=True, check=False, cwd=self.logs
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stats(self, **env: str) -> dict[str, Any]:
        summary: dict[str, Any] = json.loads(self.run("stats", "--json", **env))
        return summary

    def facts(self, **env: str) -> dict[str, dict[str, Any]]:
        """What `export ledger` says, by customer."""
        lines = [json.loads(line) for line in self.run("export", "ledger", "-", **env).splitlines()]
        return {line["customer_id"]: line for line in lines}

    def settle(self, consumed: int, **env: str) -> dict[str, Any]:
        """Wait until so many events are consumed and the counters stand still; returns the statistics."""
        seen: list[Counter[str]] = []

        def settled() -> bool:
            seen.append(self.counters(**env))
            return seen[-1]["consumed"] >= consumed and len(seen) > STILL and seen[-1] == seen[-STILL]

        until(settled, f"{consumed} events are consumed", self.workers, every_s=0.1)
        return self.stats(**env)

    def counters(self, **env: str) -> "Counter[str]":
        """The heads' counters, from the store itself: a command for each look would be slower than the worker."""
        return asyncio.run(_counters(self.env | env))

    def changes(self) -> list[Change]:
        """Everything on tier-changes, repeats included."""
        return asyncio.run(self._changes())

    async def _send(self, events: Sequence[Event]) -> None:
        await ensure_topics(self.kafka, self.topics)
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, linger_ms=20, max_batch_size=262_144)
        await producer.start()
        try:
            topic = self.topics.full("orders")
            for event in events:
                await producer.send(topic, as_bytes(event), key=event["customer_id"].encode())
            await producer.flush()
        finally:
            await producer.stop()

    async def _changes(self) -> list[Change]:
        topic = self.topics.full("tier-changes")
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.kafka, auto_offset_reset="earliest", enable_auto_commit=False
        )
        await consumer.start()
        try:
            places = [TopicPartition(topic, number) for number in range(self.topics.partitions)]
            consumer.assign(places)
            ends = await consumer.end_offsets(places)
            found: list[Change] = []
            while any([await consumer.position(place) < end for place, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found += [_change(record.value) for record in records]
            return found
        finally:
            await consumer.stop()


async def _counters(env: Mapping[str, str]) -> "Counter[str]":
    store = await RedisStore.connect(env["EBBTIDE_REDIS_URL"], env["EBBTIDE_NAMESPACE"])
    try:
        total: Counter[str] = Counter()
        for head in (await store.heads()).values():
            total.update(head.counters)
        return total
    finally:
        await store.close()


def _change(value: bytes) -> Change:
    said = json.loads(value)
    said.pop("emitted_at")
    return Change(said["id"], said["customer_id"], json.dumps(said, sort_keys=True))


def until(
    true: Callable[[], bool],
    what: str,
    workers: Sequence["subprocess.Popen[bytes]"] = (),
    every_s: float = LOOK_EVERY_S,
) -> None:
    """Wait for something that comes by itself; fails where it does not, or where every worker has ended."""
    give_up = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < give_up, f"not within {SOON_S:.0f} s: {what}"
        assert not workers or any(w.poll() is None for w in workers), f"every worker ended before {what}"
        time.sleep(every_s)


def stop(worker: "subprocess.Popen[bytes]") -> tuple[int, float]:
    """SIGTERM; the exit code, and the seconds it took."""
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    return worker.wait(30), time.monotonic() - began

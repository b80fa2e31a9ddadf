"""The embedded broker and Redis: on loopback, ended with their parent however it dies, nothing left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ebbtide.embedded import Server, start_broker, start_redis
from ebbtide.embedded.server import HOST, free_port
from ebbtide.errors import EbbtideError

STARTERS = [pytest.param(start_broker, id="broker"), pytest.param(start_redis, id="redis")]
Start = Callable[[int | None], Server]
PARENT = """
import sys, time
from ebbtide.embedded import start_broker, start_redis
broker, redis = start_broker(), start_redis()
print(broker.port, redis.port, flush=True)
time.sleep(60)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the servers take for /tmp."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


@pytest.mark.parametrize("start", STARTERS)
def test_a_server_answers_while_it_is_held_and_leaves_nothing(start: Start, temporary: Path) -> None:
    with start(None) as server:
        assert answers(server.port)
        assert len(list(temporary.iterdir())) == 1
    assert not answers(server.port)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("start", STARTERS)
def test_a_server_listens_on_loopback_only(start: Start) -> None:
    with start(None) as server, socket.socket() as elsewhere:
        # another loopback address reaches what listens on every address, and only that
        assert elsewhere.connect_ex(("127.0.0.2", server.port)) != 0


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_servers_end_with_their_parent_however_it_dies(kill: signal.Signals, temporary: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout is not None
        ports = [int(port) for port in parent.stdout.readline().split()]
        assert all(answers(port) for port in ports)
        os.kill(parent.pid, kill)
    assert within(5, lambda: not any(answers(port) for port in ports))
    assert within(5, lambda: list(temporary.iterdir()) == [])


@pytest.mark.parametrize("start", STARTERS)
def test_a_taken_port_is_one_line_that_says_so(start: Start) -> None:
    with socket.socket() as squatter:
        squatter.bind((HOST, 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        with pytest.raises(EbbtideError, match=rf"^Port {port} is taken\."):
            start(port)


def test_another_server_on_the_port_is_not_mistaken_for_ours(monkeypatch: pytest.MonkeyPatch, temporary: Path) -> None:
    with start_redis() as other:
        monkeypatch.setattr("ebbtide.embedded.server._taken", lambda _port: False)  # taken between look and bind
        with pytest.raises(EbbtideError, match="redis did not start"):
            start_redis(other.port)
        assert len(list(temporary.iterdir())) == 1


def test_a_port_of_ones_own_choice_is_used() -> None:
    port = free_port()
    with start_redis(port) as server:
        assert (server.port, server.url) == (port, f"redis://127.0.0.1:{port}/0")


def test_a_server_that_cannot_start_says_why_in_one_line(temporary: Path) -> None:
    with pytest.raises(EbbtideError, match="Bad directive") as caught:
        start_redis(options=["--nonsense", "1"])
    assert "\n" not in str(caught.value)
    assert list(temporary.iterdir()) == []


def test_a_server_that_ends_by_itself_is_seen_and_leaves_nothing(temporary: Path) -> None:
    with start_redis() as server:
        with socket.create_connection((HOST, server.port)) as connection:
            connection.sendall(b"SHUTDOWN NOSAVE\r\n")
        assert within(5, lambda: not server.alive)
        assert list(temporary.iterdir()) == []

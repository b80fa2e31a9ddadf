"""Workers by number: started, killed, started again at once, and what became of those who ended by themselves."""

import signal
import subprocess
import time
from collections.abc import Iterable

from tests.soak.flow import Flow
from tests.soak.outboxes import untold
from tests.support.world import World, until

LOOK_EVERY_S = 0.05
GOES_ON_WITHIN_S = 90.0
STOPS_WITHIN_S = 15.0


class Crew:
    """So many workers of a world."""

    def __init__(self, world: World, size: int) -> None:
        self._world = world
        self.workers = [world.start_worker() for _ in range(size)]

    def kill(self, number: int) -> None:
        """kill -9, and another one in its place."""
        self.strike(number)
        self.fill()

    def strike(self, number: int) -> None:
        """kill -9."""
        self.workers[number].kill()
        self.workers[number].wait()

    def fill(self) -> None:
        """Start another one in the place of each that has ended."""
        for number, worker in enumerate(self.workers):
            if worker.poll() is not None:
                self.workers[number] = self._world.start_worker()

    def signal(self, numbers: Iterable[int], what: signal.Signals) -> None:
        """SIGSTOP or SIGCONT."""
        for number in numbers:
            self.workers[number].send_signal(what)

    def replace(self, number: int) -> int:
        """SIGTERM, wait, and another one in its place; the exit code."""
        code = end(self.workers[number])
        self.workers[number] = self._world.start_worker()
        return code

    def resize(self, size: int) -> list[int]:
        """Start more, or stop the last ones in order; their exit codes."""
        stopped, self.workers = self.workers[size:], self.workers[:size]
        while len(self.workers) < size:
            self.workers.append(self._world.start_worker())
        return [end(worker) for worker in stopped]

    def goes_on(self, events: int = 1, flow: Flow | None = None) -> None:
        """Wait until so many more events are consumed, or everything is that was ever sent."""
        before, give_up = self.consumed(), time.monotonic() + GOES_ON_WITHIN_S
        while (now := self.consumed()) < before + events:
            if flow is not None and flow.done and now >= len(flow.sent):
                return
            self.check()
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
        """No worker ends unless it is told to."""
        for worker in self.workers:
            if worker.poll() is not None:
                raise AssertionError(f"worker {worker.pid} ended by itself with exit code {worker.returncode}")


def end(worker: "subprocess.Popen[bytes]") -> int:
    """SIGTERM; the exit code."""
    worker.send_signal(signal.SIGTERM)
    return worker.wait(STOPS_WITHIN_S)

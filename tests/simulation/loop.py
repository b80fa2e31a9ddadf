"""An event loop in virtual time: no thread, no socket. Where nothing is left to do, time jumps to the next timer.

Everything that runs belongs to a process, or to nobody (servers, the world). A process can be paused: what it has to do
waits, as after SIGSTOP. It can be dead: what it has to do is never done, no `finally` of it runs, as after SIGKILL.
"""

import asyncio
import heapq
import warnings
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, ContextVar, copy_context
from itertools import count
from typing import Any, TypeVar

T = TypeVar("T")

STARTS_AT_S = 1_000.0
CANCELLED_TIMES = 50
STEPS_AT_ONCE = 200_000  # callbacks at one instant: more is a loop that never lets time pass


class Process:
    """Whether what belongs to it runs."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.paused = False
        self.dead = False
        self.waiting: list[asyncio.Handle] = []  # while it is paused
        self.ambush: tuple[str, Callable[[], None]] | None = None  # what befalls it when it comes to this step

    async def comes_to(self, step: str) -> None:
        """Whoever lies in wait for this step strikes now, once."""
        if self.ambush and self.ambush[0] == step:
            _, strike = self.ambush
            self.ambush = None
            strike()
            await asyncio.sleep(0)  # paused or dead, it goes no further


RUNNING: ContextVar[Process | None] = ContextVar("running", default=None)


def apart() -> Context:
    """A context that belongs to nobody: for what a server does, whoever asked for it."""
    context = copy_context()
    context.run(RUNNING.set, None)
    return context


class StuckError(Exception):
    """Nothing will ever happen again, or time no longer passes."""


class Loop(asyncio.AbstractEventLoop):
    """As much of a loop as asyncio's tasks, futures, locks and timeouts need."""

    def __init__(self) -> None:
        self._now_s = STARTS_AT_S
        self._ready: deque[tuple[asyncio.Handle, Process | None]] = deque()
        self._timers: list[tuple[float, int, asyncio.TimerHandle, Process | None]] = []
        self._numbers = count()
        self.unhandled: list[dict[str, Any]] = []  # what nobody caught

    def time(self) -> float:
        return self._now_s

    def call_soon(  # type: ignore[override]  # typed with variadic arguments there
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append((handle, _owner(context)))
        return handle

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now_s + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._numbers), timer, _owner(context)))
        return timer

    def create_future(self) -> "asyncio.Future[Any]":
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Coroutine[Any, Any, T] | Generator[Any, None, T],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> "asyncio.Task[T]":
        return asyncio.Task(coro, loop=self, name=name, context=context)

    def resume(self, process: Process) -> None:
        """What waited while the process was paused goes on, in its order."""
        process.paused = False
        self._ready.extend((handle, process) for handle in process.waiting)
        process.waiting.clear()

    def run_until_complete(self, main: Coroutine[Any, Any, T]) -> T:  # type: ignore[override]
        """Run until this coroutine ends; raises StuckError where it never would."""
        asyncio._set_running_loop(self)
        try:
            task = self.create_task(main)
            while not task.done():
                self._step()
            return task.result()
        finally:
            asyncio._set_running_loop(None)

    def _step(self) -> None:
        """All that is ready now; before it, where nothing is, the jump to the next timer."""
        ready = self._ready
        if not ready:
            self._jump()
        steps = 0
        while ready:
            handle, process = ready.popleft()
            steps += 1
            if steps > STEPS_AT_ONCE:
                raise StuckError(f"time stands still at {self._now_s:.3f} s")
            if handle.cancelled():
                continue
            if process is not None and (process.dead or process.paused):
                if not process.dead:
                    process.waiting.append(handle)
                continue
            handle._run()

    def _jump(self) -> None:
        timers = self._timers
        while timers and timers[0][2].cancelled():
            heapq.heappop(timers)
        if not timers:
            raise StuckError("nothing is left that could ever happen")
        self._now_s = max(self._now_s, timers[0][0])
        while timers and timers[0][0] <= self._now_s:
            _, _, timer, process = heapq.heappop(timers)
            self._ready.append((timer, process))

    def abandon(self) -> None:
        """End what is left over, so that nothing of it is told or runs when it is collected."""
        asyncio._set_running_loop(self)
        self._timers.clear()
        self._ready.clear()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # coroutines that are cancelled before they begin
            for _ in range(CANCELLED_TIMES):  # what ends in order waits for others, and is cancelled again there
                tasks = asyncio.all_tasks(self)
                if not tasks:
                    break
                for task in tasks:
                    task.cancel()
                del tasks
                while self._ready:
                    self._ready.popleft()[0]._run()
        asyncio._set_running_loop(None)

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def get_debug(self) -> bool:
        return False

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is passed over when its time comes."""

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Tasks that were never looked at again are those of processes that died; anything else is told by the judge."""
        if context.get("message", "").startswith("Task "):
            return
        self.unhandled.append(context)


def _owner(context: Context | None) -> Process | None:
    return RUNNING.get() if context is None else context.get(RUNNING)

"""A way to a server that fails as networks do, in a thread of its own, so that whoever turns its knobs may block.

What passes is never changed, and nothing is left out of a connection that lives: TCP does neither. A hold is a black
hole whose packets come through in the end; who does not wait for that long ends the connection.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import Any, Literal, TypeVar

from ebbtide.embedded.server import HOST

Direction = Literal["up", "down"]  # up: to the server
WAYS: tuple[Direction, ...] = ("up", "down")
CHUNK = 65_536
UNDER_WAY = 256  # chunks that a slow way holds in each direction
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST, and what was still to be sent is lost
T = TypeVar("T")


class Proxy(AbstractContextManager["Proxy"]):
    """A port that leads to another; every method may be called at any time, from any thread."""

    def __init__(self, server_port: int = 0) -> None:
        self.port = 0
        self.cuts = 0  # connections that were reset
        self._server_port = server_port
        self._weather = _Weather()
        self._links: set[_Link] = set()
        self._listener: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self.release()
        self.accept()

    def lead_to(self, server_port: int) -> None:
        """New connections go to this port of loopback; those there are stay."""
        self._server_port = server_port

    def cut(self) -> int:
        """Reset every connection; how many there were."""
        return self._do(lambda: self._each(_Link.reset))

    def refuse(self) -> None:
        """Nobody listens: who connects is refused. Connections that there are stay."""
        self._wait(self._stop_listening())

    def accept(self) -> None:
        """Listen (again), on the same port."""
        self._wait(self._listen())

    def delay(self, up_s: float = 0.0, down_s: float = 0.0) -> None:
        """What is sent from now on takes so long on its way; how much passes in a second stays about as it is."""
        self._weather.delay_s = {"up": up_s, "down": down_s}

    def hold(self, *ways: Direction) -> None:
        """A black hole in these directions alone, or in both: connections stay and nothing passes."""
        self._do(lambda: self._clear(set(WAYS) - set(ways or WAYS)))

    def release(self) -> None:
        """What was held passes."""
        self._do(lambda: self._clear(WAYS))

    def half_close(self, way: Direction) -> int:
        """End one direction of every connection as if its sender had said that no more comes; how many there were."""
        return self._do(lambda: self._each(lambda link: link.end(way)))

    def cut_after(self, count: int | None) -> None:
        """Let so many bytes pass, of all connections together, and reset the one that carries the next; None: never."""
        self._do(lambda: setattr(self._weather, "left", count))

    def stop(self) -> None:
        """End it all."""
        self._wait(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _do(self, what: Callable[[], T]) -> T:
        async def done() -> T:
            return what()

        return self._wait(done())

    def _wait(self, what: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result()

    def _each(self, what: "Callable[[_Link], None]") -> int:
        for link in self._links:
            what(link)
        return len(self._links)

    def _clear(self, clear: Collection[Direction]) -> None:
        for way, event in self._weather.clear.items():
            event.set() if way in clear else event.clear()

    async def _listen(self) -> None:
        if self._listener is None:
            self._listener = await asyncio.start_server(self._serve, HOST, self.port)
            self.port = self._listener.sockets[0].getsockname()[1]

    async def _stop_listening(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def _end(self) -> None:
        await self._stop_listening()
        while self._links:
            self._each(_Link.reset)
            await asyncio.sleep(0.01)

    async def _serve(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        try:
            from_server, to_server = await asyncio.open_connection(HOST, self._server_port)
        except OSError:
            _reset(to_client)
            return
        link = _Link(self._weather, {"up": from_client, "down": from_server}, {"up": to_server, "down": to_client})
        self._links.add(link)
        try:
            await link.run()
        finally:
            self._links.discard(link)
            self.cuts += link.was_cut


class _Weather:
    """What befalls every connection."""

    def __init__(self) -> None:
        self.delay_s: dict[Direction, float] = dict.fromkeys(WAYS, 0.0)
        self.clear = {way: asyncio.Event() for way in WAYS}
        self.left: int | None = None  # bytes that still pass before a cut

    def allowed(self, data: bytes) -> tuple[bytes, bool]:
        """What of the data still passes, and whether the connection is cut then."""
        if self.left is None or len(data) <= self.left:
            self.left = None if self.left is None else self.left - len(data)
            return data, False
        kept, self.left = data[: self.left], None
        return kept, True


class _Link:
    """One connection, from the client to here and from here to the server."""

    def __init__(
        self,
        weather: _Weather,
        sources: dict[Direction, asyncio.StreamReader],
        sinks: dict[Direction, asyncio.StreamWriter],
    ) -> None:
        self.was_cut = False
        self._weather = weather
        self._sources = sources
        self._sinks = sinks
        self._broken = asyncio.Event()
        self._ended: set[Direction] = set()

    def reset(self) -> None:
        """End both sides at once."""
        self.was_cut = True
        self._broken.set()

    def end(self, way: Direction) -> None:
        """Tell the receiver of this direction that no more comes."""
        if way not in self._ended:
            self._ended.add(way)
            with suppress(OSError):
                self._sinks[way].write_eof()

    async def run(self) -> None:
        """Pass on in both directions until both have ended, or one side breaks it off."""
        tasks = [asyncio.create_task(self._pass_on(way)) for way in WAYS]
        try:
            await self._over(tasks)
        finally:
            for task in tasks:
                task.cancel()
            for writer in self._sinks.values():
                _reset(writer) if self._broken.is_set() else writer.close()

    async def _over(self, tasks: "Sequence[asyncio.Task[None]]") -> None:
        broken: asyncio.Task[Any] = asyncio.create_task(self._broken.wait())
        while not (broken.done() or all(task.done() for task in tasks)):
            left = [task for task in tasks if not task.done()]
            await asyncio.wait([broken, *left], return_when=asyncio.FIRST_COMPLETED)
        broken.cancel()

    async def _pass_on(self, way: Direction) -> None:
        under_way: asyncio.Queue[tuple[bytes, float]] = asyncio.Queue(UNDER_WAY)
        taking = asyncio.create_task(self._take(way, under_way))
        try:
            await self._give(way, under_way)
        finally:
            taking.cancel()

    async def _take(self, way: Direction, under_way: "asyncio.Queue[tuple[bytes, float]]") -> None:
        now = asyncio.get_running_loop().time
        try:
            while data := await self._sources[way].read(CHUNK):
                await under_way.put((data, now() + self._weather.delay_s[way]))
            await under_way.put((b"", now() + self._weather.delay_s[way]))
        except OSError:  # that side was reset; so is the other
            self._broken.set()

    async def _give(self, way: Direction, under_way: "asyncio.Queue[tuple[bytes, float]]") -> None:
        now = asyncio.get_running_loop().time
        while True:
            data, due_s = await under_way.get()
            await asyncio.sleep(max(0.0, due_s - now()))
            await self._weather.clear[way].wait()
            if not data:
                return self.end(way)
            if way in self._ended:
                continue  # its receiver was told that no more comes
            data, cut = self._weather.allowed(data)
            try:
                self._sinks[way].write(data)
                await self._sinks[way].drain()
            except OSError:
                self._broken.set()
            if cut:
                self.reset()


def _reset(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    writer.transport.abort()

"""A way to a server that can lose the answers: what is sent arrives, and the sender never hears of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from ebbtide.embedded.server import HOST


class HalfDeaf:
    """A proxy before a server on loopback; while `deaf`, answers are lost."""

    def __init__(self, port: int) -> None:
        self.deaf = False
        self.port = 0
        self._server_port = port

    def lead_to(self, port: int) -> None:
        """New connections go to another server, as after a failover; those there are stay."""
        self._server_port = port

    @asynccontextmanager
    async def running(self) -> AsyncIterator["HalfDeaf"]:
        listener = await asyncio.start_server(self._serve, HOST, 0)
        self.port = listener.sockets[0].getsockname()[1]
        yield self
        listener.close()
        await listener.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(HOST, self._server_port)
        await asyncio.gather(
            _pass_on(reader, to_server, lambda: True), _pass_on(from_server, writer, lambda: not self.deaf)
        )


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wanted: Callable[[], bool]) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            if wanted():
                writer.write(data)
                await writer.drain()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()

"""Whether Kafka answers, asked at sockets of the test's own."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from streams.broker import reachable
from streams.broker.reachable import answers

NOBODY = "127.0.0.1:1"


@asynccontextmanager
async def server(answer: bytes | None, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """Says this to whoever asks; with None, it takes the connection and stays silent."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(14)
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()

    listener = await asyncio.start_server(serve, host, port)
    yield listener.sockets[0].getsockname()[1]
    listener.close()
    await listener.wait_closed()


async def test_one_server_that_answers_is_enough() -> None:
    async with server(b"\x00\x00\x00\x06") as port:
        assert await answers(f"{NOBODY}, 127.0.0.1:{port}")


async def test_nobody_there_is_no_answer() -> None:
    assert not await answers(NOBODY)


@pytest.mark.parametrize("answer", [None, b""], ids=["silent", "closes"])
async def test_a_connection_alone_is_no_answer(answer: bytes | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reachable, "WITHIN_S", 0.05)
    async with server(answer) as port:
        assert not await answers(f"127.0.0.1:{port}")


async def test_an_address_without_a_port_is_asked_where_kafka_listens_by_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, int]] = []

    async def refused(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        asked.append((host, port))
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncio, "open_connection", refused)
    assert not await answers("kafka,[::1],[::1]:9093")
    assert sorted(asked) == [("::1", 9092), ("::1", 9093), ("kafka", 9092)]


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
async def test_an_ipv6_address_is_understood() -> None:
    async with server(b"\x00\x00\x00\x06", "::1") as port:
        assert await answers(f"[::1]:{port}")

"""Whether Kafka answers, asked without its client, which does not say so while it tries again."""

import asyncio
import struct

from aiokafka.conn import collect_hosts

WITHIN_S = 2.0
# ApiVersions v0, which every broker answers: size, api key 18, version 0, correlation 1, no client id
QUESTION = struct.pack(">ihhih", 10, 18, 0, 1, -1)


async def answers(kafka: str) -> bool:
    """Whether any of the bootstrap servers does."""
    hosts = [(host, port) for host, port, _ in collect_hosts(kafka)]  # as the client reads them: with or without a port
    return any(await asyncio.gather(*(_answers(host, port) for host, port in hosts)))


async def _answers(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(WITHIN_S):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(QUESTION)
                await reader.readexactly(4)
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False
    return True

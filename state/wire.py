"""Many commands in one round trip, each sent once.

The connections (address, TLS, login) are redis-py's; its clients are passed by, because they send a command that timed
out again by themselves, up to ten times, and pack pipelines in Python, which costs as much as all the rest.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias, cast

import hiredis
from redis.asyncio.connection import AbstractConnection, BlockingConnectionPool
from redis.exceptions import AuthenticationError, BusyLoadingError, RedisError, ResponseError

from state.errors import StateError, StoreUnavailable

Command: TypeAlias = Sequence[bytes | str | int]
Reply: TypeAlias = Any  # what hiredis makes of RESP2: bytes, int, list, None, or a ResponseError in its place

# hiredis' own stub takes a tuple of one element only
_pack = cast(Callable[[tuple[bytes | str | int, ...]], bytes], hiredis.pack_command)

CONNECTIONS = 16  # to one server: three partitions in flight, relay, timers, and room
READ_BYTES = 1 << 18
NO_SERVER = "Start it or set EBBTIDE_REDIS_URL; to try Ebbtide without one: ebbtide up"
PASSING = ("OOM", "READONLY", "LOADING", "BUSY", "MISCONF", "NOREPLICAS", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN")
RESET = "the handler is closed"  # uvloop's word for a connection that was reset a moment ago; no OSError
DEMOTED = (
    "READONLY",
    "LOADING",
    "MASTERDOWN",
)  # a server that is not the one the address should lead to, after a failover


class Request(NamedTuple):
    """A command, and the slot that all its keys lie in."""

    slot: int
    command: Command


class Wire(Protocol):
    """The way to one server, or to all of a cluster."""

    async def exchange(self, requests: Sequence[Request]) -> list[Reply]:
        """Send all, then read all. A server's refusal of one command stands in its place, as a ResponseError."""

    async def everywhere(self, command: Command) -> dict[str, Reply]:
        """The answer of every server that takes writes, by its address."""

    async def close(self) -> None:
        """End the connections."""


class ServerWire:
    """The way to one server."""

    def __init__(self, connection_arguments: dict[str, Any], timeout_s: float) -> None:
        """The arguments are those of redis-py's connections, as its parse_url gives them."""
        self.address = _address(connection_arguments)
        self._timeout_s = timeout_s
        self._pool: Any = BlockingConnectionPool(  # redis-py leaves its methods untyped
            max_connections=CONNECTIONS,
            timeout=None,  # here and for the socket: one bound, around the whole exchange, is simpler and cheaper
            **connection_arguments
            | {
                "socket_timeout": None,
                "socket_connect_timeout": timeout_s,
                "socket_read_size": READ_BYTES,
                "decode_responses": False,
                "protocol": 2,  # lists and bytes; nothing pushed between the answers
                "health_check_interval": 0,
            },
        )

    async def exchange(self, requests: Sequence[Request]) -> list[Reply]:
        """See Wire; the slots do not matter here."""
        return await self.send([request.command for request in requests])

    async def everywhere(self, command: Command) -> dict[str, Reply]:
        """See Wire."""
        return {self.address: (await self.send([command]))[0]}

    async def send(self, commands: Sequence[Command]) -> list[Reply]:
        """The replies to the commands, in their order, from one connection and in one round trip."""
        packed = [_pack(tuple(command)) for command in commands]
        try:
            async with asyncio.timeout(self._timeout_s):
                connection = await self._pool.get_connection()
                try:
                    replies = await _converse(connection, packed)
                    if any(map(_of_another_role, replies)):
                        await (
                            connection.disconnect()
                        )  # the next one is made anew, to whichever server has the address then
                    return replies
                finally:
                    await self._pool.release(connection)
        except TimeoutError as error:
            raise unavailable(self.address, f"did not answer within {self._timeout_s:g} s") from error
        except (RedisError, OSError) as error:
            raise unavailable(self.address, _reason(error)) from error
        except RuntimeError as error:
            if RESET not in str(error):
                raise
            raise unavailable(self.address, _reason(error)) from error

    async def close(self) -> None:
        """See Wire."""
        await self._pool.aclose()


async def _converse(connection: AbstractConnection, packed: list[bytes]) -> list[Reply]:
    # cut short, either call ends the connection: no answer is left to be taken for one of the next exchange
    await connection.send_packed_command(packed, check_health=False)
    return [await _reply(connection) for _ in packed]


async def _reply(connection: AbstractConnection) -> Reply:
    try:
        return await connection.read_response(disable_decoding=True)
    except ResponseError as error:
        return error


def _of_another_role(reply: Reply) -> bool:
    return isinstance(reply, ResponseError) and _text(reply).startswith(DEMOTED)


def _text(error: ResponseError) -> str:
    return f"{error.status_code or ''} {error}".strip()


def checked(address: str, replies: Sequence[Reply]) -> Sequence[Reply]:
    """The replies, if the server refused none of the commands."""
    for reply in replies:
        if isinstance(reply, ResponseError):
            text = _text(reply)
            if text.startswith(PASSING):
                raise unavailable(
                    address, f"refuses for now: {text}", "See to that server; nothing is lost meanwhile."
                ) from reply
            raise StateError(f"Redis at {address} refused a command: {text}") from reply
    return replies


def unavailable(address: str, what: str, advice: str = NO_SERVER) -> StoreUnavailable:
    """Every failure that passes, in one tone."""
    return StoreUnavailable(f"Redis at {address} {what}. {advice}")


def _reason(error: Exception) -> str:
    if isinstance(error, AuthenticationError):
        return "refuses the user name or password in EBBTIDE_REDIS_URL"
    if isinstance(error, BusyLoadingError):
        return "is still loading its data"
    return "does not answer"


def _address(arguments: dict[str, Any]) -> str:
    if "path" in arguments:
        return str(arguments["path"])
    return f"{arguments.get('host', 'localhost')}:{arguments.get('port', 6379)}"

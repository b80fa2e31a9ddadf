"""The real scripts of state/scripts, run by Lua 5.1 as Redis runs them; `redis.call` goes to the model."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import sha1
from typing import Any

from lupa.lua51 import LuaRuntime, lua_type
from redis.exceptions import NoScriptError, ResponseError

from tests.simulation.redis_model import Argument, Keyspace, as_bytes

_LUA = LuaRuntime(encoding=None, unpack_returned_tuples=False)


class Scripts:
    """The scripts that one server knows by their digest. `instead`: a text that is run in another's place, as a bug has it."""

    def __init__(self, keys: Keyspace, instead: Mapping[bytes, bytes]) -> None:
        self._keys = keys
        self._instead = instead
        self._known: dict[bytes, bytes] = {}
        self._redis = _LUA.table_from({b"call": self._call})

    def forget(self) -> None:
        """As after a restart."""
        self._known = {}

    def evalsha(self, digest: bytes, *rest: Argument) -> Any:
        """EVALSHA: digest, how many keys, keys, arguments."""
        text = self._known.get(digest)
        if text is None:
            raise NoScriptError("No matching script.")
        return self._run(text, rest)

    def eval(self, text: bytes, *rest: Argument) -> Any:
        """EVAL: text, how many keys, keys, arguments."""
        self._known[sha1(text, usedforsecurity=False).hexdigest().encode()] = text
        return self._run(text, rest)

    def _run(self, text: bytes, rest: Sequence[Argument]) -> Any:
        count = int(rest[0])
        script = _compiled(self._instead.get(text, text))
        arguments = [argument if type(argument) is bytes else as_bytes(argument) for argument in rest[1:]]
        tables = (_LUA.table_from(arguments[:count]), _LUA.table_from(arguments[count:]))
        return _reply(script(*tables, self._redis))

    def _call(self, name: bytes, *arguments: Argument) -> Any:
        return _to_lua(self._keys.call(name.decode(), *arguments))


@cache
def _compiled(text: bytes) -> Callable[..., Any]:
    shebang, _, body = text.partition(b"\n")
    if not shebang.startswith(b"#!lua"):
        raise ResponseError("the scripts of state/ declare themselves")
    compiled: Callable[..., Any] = _LUA.eval(b"function(KEYS, ARGV, redis)\n" + body + b"\nend")
    return compiled


def _to_lua(reply: Any) -> Any:
    """As Redis gives replies to scripts: what is not there is false."""
    if reply is None:
        return False
    return _LUA.table_from([_to_lua(part) for part in reply]) if isinstance(reply, list) else reply


def _reply(value: Any) -> Any:
    """As Redis gives what a script returns to a client: numbers lose their fraction, false is nothing."""
    if value is None or value is False:
        return None
    if isinstance(value, bool | int | float):
        return int(value)
    if lua_type(value) == "table":
        return [_reply(value[i]) for i in range(1, len(value) + 1)]
    return value

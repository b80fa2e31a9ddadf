"""The keys of a Redis and the commands that state/ uses, as far as it uses them. Every change can be taken back.

Held against a real server by tests/contract, which runs over this model, too.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from redis.exceptions import ResponseError

Argument: TypeAlias = bytes | str | int | float
Id: TypeAlias = tuple[int, int]
Pairs: TypeAlias = list[tuple[float, bytes]]


@dataclass
class Stream:
    """Entries in the order of their ids, and the last id ever given."""

    entries: list[tuple[Id, list[bytes]]] = field(default_factory=list)
    last: Id = (0, 0)

    def copy(self) -> "Stream":
        return Stream(list(self.entries), self.last)


class Sorted(dict[bytes, float]):
    """A sorted set: member -> score."""

    def copy(self) -> "Sorted":
        return Sorted(self)

    def pairs(self) -> Pairs:
        """In order: by score, then by member."""
        return sorted((score, member) for member, score in self.items())


class Hash(dict[bytes, bytes]):
    """Field -> value."""

    def copy(self) -> "Hash":
        return Hash(self)


class Members(dict[bytes, None]):
    """A set; a dict, because the order of a set differs between processes."""

    def copy(self) -> "Members":
        return Members(self)


WRITES = {
    "HSET",
    "ZADD",
    "ZREM",
    "SADD",
    "XADD",
    "XTRIM",
    "SET",
    "EXPIRE",
    "ZREMRANGEBYRANK",
    "DEL",
    "UNLINK",
    "RENAME",
    "HDEL",
}
Value: TypeAlias = Hash | Sorted | Stream | Members | bytes


class Keyspace:
    """Keys and values. `now_s` gives seconds since 1970; `skew_s` is how far the server's own clock is from that."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self.skew_s = 0.0
        self._now_s = now_s
        self._values: dict[bytes, Value] = {}
        self._undo: list[tuple[float, bytes, Value | None]] = []  # what a key was before a change, and when
        self._commands: dict[str, Callable[..., Any]] = {
            name[4:].upper(): getattr(self, name) for name in dir(self) if name.startswith("_do_")
        }

    def __len__(self) -> int:
        """Changes so far that can be taken back."""
        return len(self._undo)

    def call(self, name: str, *arguments: Argument) -> Any:
        """Run one command. Raises ResponseError."""
        command = self._commands.get(name)
        if command is None:
            raise ResponseError(f"unknown command '{name}'")
        return command(*[argument if type(argument) is bytes else as_bytes(argument) for argument in arguments])

    def writes(self, name: str) -> bool:
        """Whether a command changes something."""
        return name in WRITES

    def fall_back(self, to_s: float) -> int:
        """Everything as it was at that instant; how many changes that took back."""
        before = len(self._undo)
        while self._undo and self._undo[-1][0] > to_s:
            _, key, value = self._undo.pop()
            if value is None:
                self._values.pop(key, None)
            else:
                self._values[key] = value
        return before - len(self._undo)

    def _changed(self, key: bytes, kind: Callable[[], Value]) -> Any:
        """The value to be changed, made where there is none."""
        held = self._values.get(key)
        before = held if held is None or isinstance(held, bytes) else held.copy()
        self._undo.append((self._now_s(), key, before))
        if held is None:
            held = self._values[key] = kind()
        return held

    def _tidy(self, key: bytes) -> None:
        if not self._values[key]:
            del self._values[key]

    def _do_time(self) -> list[bytes]:
        seconds, fraction = divmod(self._now_s() + self.skew_s, 1)
        return [b"%d" % seconds, b"%d" % (fraction * 1_000_000)]

    def _do_exists(self, *keys: bytes) -> int:
        return sum(key in self._values for key in keys)

    def _do_del(self, *keys: bytes) -> int:
        found = [key for key in keys if key in self._values]
        for key in found:
            self._changed(key, Hash)
            del self._values[key]
        return len(found)

    def _do_unlink(self, *keys: bytes) -> int:
        return self._do_del(*keys)

    def _do_rename(self, key: bytes, new: bytes) -> bytes:
        self._changed(new, Hash)
        self._changed(key, Hash)
        self._values[new] = self._values.pop(key)
        return b"OK"

    def _do_expire(self, key: bytes, _seconds: bytes) -> int:
        return int(key in self._values)  # a simulated run is shorter than any key's life

    def _do_set(self, key: bytes, value: bytes) -> bytes:
        self._changed(key, bytes)
        self._values[key] = value
        return b"OK"

    def _do_get(self, key: bytes) -> bytes | None:
        value = self._values.get(key)
        return value if isinstance(value, bytes) else None

    def _hash(self, key: bytes) -> dict[bytes, bytes]:
        value = self._values.get(key)
        return value if isinstance(value, Hash) else {}

    def _do_hget(self, key: bytes, name: bytes) -> bytes | None:
        return self._hash(key).get(name)

    def _do_hmget(self, key: bytes, *names: bytes) -> list[bytes | None]:
        held = self._hash(key)
        return [held.get(name) for name in names]

    def _do_hlen(self, key: bytes) -> int:
        return len(self._hash(key))

    def _do_hset(self, key: bytes, *flat: bytes) -> int:
        held = self._changed(key, Hash)
        before = len(held)
        held.update(zip(flat[::2], flat[1::2], strict=True))
        return len(held) - before

    def _do_hdel(self, key: bytes, *names: bytes) -> int:
        held: Hash = self._changed(key, Hash)
        gone = [name for name in names if held.pop(name, None) is not None]
        self._tidy(key)
        return len(gone)

    def _do_hscan(self, key: bytes, _cursor: bytes, *_options: bytes) -> list[Any]:
        return [b"0", [part for pair in self._hash(key).items() for part in pair]]

    def _sorted(self, key: bytes) -> Sorted:
        value = self._values.get(key)
        return value if isinstance(value, Sorted) else Sorted()

    def _do_zadd(self, key: bytes, *flat: bytes) -> int:
        held = self._changed(key, Sorted)
        before = len(held)
        held.update((member, float(score)) for score, member in zip(flat[::2], flat[1::2], strict=True))
        return len(held) - before

    def _do_zrem(self, key: bytes, *members: bytes) -> int:
        found = [member for member in members if member in self._sorted(key)]
        if found:
            held = self._changed(key, Sorted)
            for member in found:
                held.pop(member, None)
            self._tidy(key)
        return len(found)

    def _do_zrange(self, key: bytes, least: bytes, most: bytes, *options: bytes) -> list[bytes]:
        words = [option.upper() for option in options]
        if b"BYSCORE" not in words or b"WITHSCORES" not in words or b"LIMIT" not in words:
            raise ResponseError("this model knows ZRANGE ... BYSCORE LIMIT ... WITHSCORES only")
        first, count = int(options[words.index(b"LIMIT") + 1]), int(options[words.index(b"LIMIT") + 2])
        found = [pair for pair in self._sorted(key).pairs() if _within(pair[0], least, most)]
        return _flat(found[first : first + count])

    def _do_zrevrange(self, key: bytes, first: bytes, last: bytes, *_options: bytes) -> list[bytes]:
        return _flat(self._sorted(key).pairs()[::-1][int(first) : int(last) + 1])

    def _do_zremrangebyrank(self, key: bytes, first: bytes, last: bytes) -> int:
        pairs = self._sorted(key).pairs()
        end = int(last) % len(pairs) + 1 if int(last) >= -len(pairs) and pairs else 0
        gone = pairs[int(first) : end]
        return self._do_zrem(key, *(member for _, member in gone)) if gone else 0

    def _members(self, key: bytes) -> Members:
        value = self._values.get(key)
        return value if isinstance(value, Members) else Members()

    def _do_scard(self, key: bytes) -> int:
        return len(self._members(key))

    def _do_sismember(self, key: bytes, member: bytes) -> int:
        return int(member in self._members(key))

    def _do_sadd(self, key: bytes, member: bytes) -> int:
        new = member not in self._members(key)
        self._changed(key, Members)[member] = None
        return int(new)

    def _stream(self, key: bytes) -> Stream:
        value = self._values.get(key)
        return value if isinstance(value, Stream) else Stream()

    def _do_xadd(self, key: bytes, name: bytes, *fields: bytes) -> bytes:
        if _id(name) <= self._stream(key).last:
            raise ResponseError("The ID specified in XADD is equal or smaller than the target stream top item")
        held = self._changed(key, Stream)
        held.last = _id(name)
        held.entries.append((held.last, list(fields)))
        return name

    def _do_xtrim(self, key: bytes, _minid: bytes, _exactly: bytes, least: bytes) -> int:
        keep = bisect_left(self._stream(key).entries, (_id(least),))
        if keep:
            held = self._changed(key, Stream)
            del held.entries[:keep]
        return keep

    def _do_xrange(self, key: bytes, _first: bytes, _last: bytes, *count: bytes) -> list[Any]:
        limit = int(count[1]) if count else None
        return [[b"%d-%d" % number, fields] for number, fields in self._stream(key).entries[:limit]]


def as_bytes(argument: Argument) -> bytes:
    """An argument as it travels; numbers from scripts as Redis writes them."""
    if isinstance(argument, bytes):
        return argument
    if isinstance(argument, float):
        return b"%.17g" % argument
    return str(argument).encode()


def _id(name: bytes) -> Id:
    first, _, second = name.partition(b"-")
    return int(first), int(second)


def _within(score: float, least: bytes, most: bytes) -> bool:
    above = score > float(least[1:]) if least.startswith(b"(") else score >= float(least)
    return above and score <= float(most)


def _flat(pairs: Sequence[tuple[float, bytes]]) -> list[bytes]:
    return [part for score, member in pairs for part in (member, b"%.17g" % score)]

"""A Redis without a network: one command after another over the model, scripts included."""

from collections.abc import Callable, Mapping, Sequence

from redis.exceptions import ResponseError

from state.wire import Command, Reply, Request
from tests.simulation.redis_model import Keyspace, as_bytes
from tests.simulation.redis_scripts import Scripts

FULL = "OOM command not allowed when used memory > 'maxmemory'."


class Engine:
    """Keys and scripts of one server. `full`: it refuses what would write."""

    def __init__(self, now_s: Callable[[], float], instead: Mapping[bytes, bytes]) -> None:
        self.keys = Keyspace(now_s)
        self.scripts = Scripts(self.keys, instead)
        self.full = False
        self.refused = 0  # commands, because it was full

    def run(self, command: Command) -> Reply:
        """One command, as the server runs it: nothing comes between."""
        name = str(command[0])
        try:
            if self.full and (name.startswith("EVAL") or self.keys.writes(name)):
                self.refused += 1
                raise ResponseError(FULL)
            if name == "EVALSHA":
                return self.scripts.evalsha(as_bytes(command[1]), *command[2:])
            if name == "EVAL":
                return self.scripts.eval(as_bytes(command[1]), *command[2:])
            return self.keys.call(name, *command[1:])
        except ResponseError as error:
            return error


class NoDistance:
    """The `Wire` of whoever sits beside the server: nothing takes time, nothing gets lost."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def exchange(self, requests: Sequence[Request]) -> list[Reply]:
        """See Wire."""
        return [self._engine.run(request.command) for request in requests]

    async def everywhere(self, command: Command) -> dict[str, Reply]:
        """See Wire."""
        return {"here": self._engine.run(command)}

    async def close(self) -> None:
        """See Wire."""

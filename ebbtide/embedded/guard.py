"""Runs one server and outlives its parent by a moment: `python -I -S guard.py NAME COMMAND…`.

Its standard input is a pipe that only the parent holds. When that closes, however the parent died, the guard ends the
server and removes the temporary folder it worked in. Standard library only: it starts in some 20 ms.
"""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

GRACE_S = 2.0
LOOK_EVERY_S = 0.2
LAST_WORDS = 2000  # bytes of the server's log that go to the parent when the server ends by itself


def main(name: str, command: Sequence[str]) -> int:
    """Run the server until it ends or the parent does."""
    _on_signals(_leave)
    folder = Path(tempfile.mkdtemp(prefix=f"ebbtide-{name}-"))
    try:
        return _run(command, folder)
    finally:
        _on_signals(signal.SIG_IGN)  # a second signal must not leave the folder half removed
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: Sequence[str], folder: Path) -> int:
    log = folder / "log"
    with log.open("wb") as out:
        server = subprocess.Popen(  # noqa: S603 - the command is our own
            command, cwd=folder, env={}, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        while server.poll() is None:
            if select.select([sys.stdin], [], [], LOOK_EVERY_S)[0] and not os.read(sys.stdin.fileno(), 1):
                return 0  # the parent let go
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.buffer.write(log.read_bytes()[-LAST_WORDS:])
            sys.stdout.buffer.flush()
        return server.returncode or 1
    finally:
        _end(server)


def _end(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    try:
        server.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _leave(_number: int, _frame: FrameType | None) -> None:
    _on_signals(signal.SIG_IGN)
    raise SystemExit(0)


def _on_signals(then: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, then)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

"""Commands of ours that are killed at an instant."""

import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from tests.soak.heads import holders
from tests.support.world import EBBTIDE, World

LOOK_EVERY_S = 0.005


def broken_off(world: World, arguments: Sequence[str], at: Callable[[], bool], after_s: float, **settings: str) -> bool:
    """kill -9 a command so long after an instant; False where it had ended by itself. What it says is in commands.log."""
    with (world.logs / "commands.log").open("ab") as log:
        env = {**world.env, **settings}
        command = subprocess.Popen([*EBBTIDE, *arguments], env=env, stdout=log, stderr=log, cwd=world.logs)
    try:
        while command.poll() is None and not at():
            time.sleep(LOOK_EVERY_S)
        with suppress(subprocess.TimeoutExpired):
            command.wait(after_s)
        return command.poll() is None
    finally:
        command.kill()
        command.wait()


def begins(world: World, generation: str = "") -> Callable[[], bool]:
    """Whether, since this was asked for, anybody took over or dropped a bucket of this generation."""
    before = holders(world, generation)
    return lambda: holders(world, generation) != before

"""What the soak holds against each other is of one instant."""

from collections import Counter
from typing import Any, cast

import pytest

from tests.soak import judge
from tests.soak.judge import Log, at_rest
from tests.support.world import World


class Drawing:
    """A world in which a worker sends a version just after everything seemed to be at rest."""

    def __init__(self) -> None:
        self.versions = self.consumed = 0

    def stats(self) -> dict[str, Any]:
        found = {"consumed": self.consumed}
        self.versions = 4
        return found


def test_a_version_that_comes_while_the_judge_looks_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Drawing()

    def settle(_world: World) -> bool:
        world.consumed = world.versions
        return True

    monkeypatch.setattr(judge, "settle", settle)
    monkeypatch.setattr(judge, "read_log", lambda _world: Log([], Counter(), Counter(), world.versions, 0))
    settled, stats, log = at_rest(cast(World, world))
    assert (settled, stats["consumed"], log.consumed) == (True, 4, 4)

"""The soak's crews: who holds partitions, and that nobody's end is passed over."""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.soak.crew import Crew
from tests.support.holding import holding
from tests.support.world import World

WORKS = "echo Work on partitions [0, 1]; exec sleep 60"
STARTS = "echo Hello; exec sleep 60"
NO_BROKER = "echo Kafka at there does not answer. Start it or set EBBTIDE_KAFKA; exit 1"
BREAKS = "echo This worker ends; exit 1"


class Stage(World):
    """Its workers say what their part says, and no more."""

    parts: list[str]

    def start_worker(self, **_env: str) -> "subprocess.Popen[bytes]":
        part = self.parts.pop(0)
        before = len(self.workers)
        log = self.logs / f"worker-{before}.log"
        with log.open("wb") as said:
            self.workers.append(subprocess.Popen(["/bin/sh", "-c", part], stdout=said))
        give_up = time.monotonic() + 5
        while not log.read_bytes():
            assert time.monotonic() < give_up
        if "exit" in part:
            self.workers[before].wait()
        return self.workers[before]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage("", "", tmp_path, "soak.", partitions=2)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("said", "held"),
    [
        (b"Worker started", set()),
        (b"Work on partitions [0, 3]", {0, 3}),
        (b"Work on partitions [0, 3]\nGave back partitions [0, 3]", set()),
        (b"Work on partitions [0]\nGave back partitions [0]\nWork on partitions [1]\nWork on partitions [2]", {1, 2}),
        (b"Work on partitions [0, 1]\nAnother worker took over partition 0: this worker stops writing it", {1}),
        (b"Work on partitions [0, 1]\nA commit to partition 1 was refused: this worker stops writing it", {0}),
        (b"Work on partitions [0, 1]\nWorker stops\nGave back partitions [0, 1]", {0, 1}),
    ],
)
def test_a_worker_holds_what_it_last_said(said: bytes, held: set[int]) -> None:
    assert holding(said) == held


def test_a_kill_tells_whether_its_worker_held_partitions(stage: Stage) -> None:
    stage.parts = [WORKS, STARTS, WORKS, STARTS]
    crew = Crew(stage, 2)
    assert crew.holders() == [0]
    assert [crew.kill(1), crew.kill(0)] == [False, True]
    assert crew.holders() == [1]
    assert crew.workers == [stage.workers[3], stage.workers[2]]


def test_whoever_ends_by_itself_is_a_finding_and_not_replaced(stage: Stage) -> None:
    stage.parts = [WORKS, BREAKS]
    crew = Crew(stage, 2)
    crew.strike(0)
    for look in (crew.check, crew.fill, lambda: crew.strike(1), lambda: crew.reaches(0), lambda: crew.resize(0)):
        with pytest.raises(AssertionError, match="ended by itself with exit code 1"):
            look()


def test_whoever_found_no_broker_is_started_again_only_where_the_broker_dies(stage: Stage) -> None:
    stage.parts = [NO_BROKER, WORKS, NO_BROKER, BREAKS]
    crew = Crew(stage, 1, broker_dies=True)
    crew.fill()
    assert (crew.turned_away, crew.holders()) == (1, [0])
    for part in (NO_BROKER, BREAKS):
        broken = Crew(stage, 1, broker_dies=part == BREAKS)
        with pytest.raises(AssertionError, match="ended by itself"):
            broken.fill()


def test_a_worker_that_said_it_started_ends_in_order_or_is_a_finding(stage: Stage) -> None:
    stage.parts = [STARTS, "echo Worker started; exec sleep 60"]
    crew = Crew(stage, 2)
    with pytest.raises(AssertionError, match=f"SIGTERM with exit code -{signal.SIGTERM.value}"):
        crew.resize(1)
    assert crew.resize(0) == [-signal.SIGTERM]


def test_nobody_is_at_work_while_a_partition_is_held_twice_or_not_at_all(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.world.SOON_S", 0.2)
    one, both = "echo Work on partitions [1]; exec sleep 60", WORKS
    for parts in ([one, STARTS], [both, STARTS], [both, one]):  # not all, by one alone, one of them twice
        stage.parts = list(parts)
        with pytest.raises(AssertionError, match="2 workers share 2 partitions"):
            Crew(stage, 2).at_work()
    stage.parts = [one, "echo Work on partitions [0]; exec sleep 60", STARTS]
    Crew(stage, 3).at_work()

"""A scenario's processes: none is left, however whoever started the soak leaves."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.soak import running
from tests.soak.place import Place
from tests.soak.results import Asked, Tree
from tests.soak.scenario import Found, Scenario

STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


class Started(running.Running):
    """Of a scenario that does not end when it is asked to."""

    def _start(self) -> "subprocess.Popen[str]":
        alone = subprocess.Popen(
            [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert alone.stdout
        alone.stdout.readline()
        self.alone = alone
        return alone


def never(_place: Place) -> Found:
    raise NotImplementedError


def test_who_is_interrupted_again_while_it_waits_for_the_end_still_ends_everything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(running, "FILE", tmp_path / "results.jsonl")
    scenario = Scenario("stubborn", "?", never, 60.0)
    one = Started(scenario, Tree("abc", dirty=False), Asked(short=True, seed=1, seeds=None, servers=""))
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.5, 0.5)  # two Ctrl-C: one while it runs, one while it is asked to end
    try:
        with pytest.raises(KeyboardInterrupt), one:
            one.result()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert one.alone.returncode == -signal.SIGKILL
    assert one.alone.stdout
    one.alone.stdout.close()

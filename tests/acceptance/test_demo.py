"""The demo runs by itself, ends by itself, and leaves nothing behind when it is interrupted."""

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.commands import EBBTIDE, ROOT, answer, clean_env

SAMPLE = ROOT / "ebbtide" / "data" / "cdnow_sample.csv.gz"
TIERS = ROOT / "ebbtide" / "demo_tiers.toml"
KEYS = {
    *("consumed", "applied", "duplicate", "dead", "conflict", "customers"),
    *("tier_changes", "silence_changes", "drift_alerts", "elapsed_s", "events_per_s"),
}


def test_the_demo_ends_by_itself_with_a_summary_that_a_replay_of_the_sample_confirms(tmp_path: Path) -> None:
    said = answer(tmp_path, "demo", "--once", "--json")
    summary = json.loads(said)
    assert said.count("\n") == 1
    assert summary.keys() >= KEYS
    assert summary["consumed"] == summary["applied"] == summary["events"] == 6_919
    assert summary["customers"] == 2_357

    history = json.loads(answer(tmp_path, "replay", SAMPLE, "--from", "cdnow", "--json", EBBTIDE_TIERS=str(TIERS)))
    same = KEYS - {"elapsed_s", "events_per_s"}
    assert {key: summary[key] for key in same} == {key: history[key] for key in same}
    assert 0 < summary["silence_changes"] < summary["tier_changes"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("interrupt", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_demo_leaves_no_process_behind(tmp_path: Path, interrupt: signal.Signals) -> None:
    command = [*EBBTIDE, "demo", "--once", "--speed", "10"]
    with subprocess.Popen(command, cwd=tmp_path, env=clean_env(), stderr=subprocess.PIPE) as demo:
        guards = _children(demo.pid, 2)
        servers = [server for guard in guards for server in _children(guard, 1)]
        time.sleep(1)
        demo.send_signal(interrupt)
        assert demo.wait(10) == (-signal.SIGKILL if interrupt == signal.SIGKILL else 0)
    deadline = time.monotonic() + 10
    while (left := [pid for pid in (*guards, *servers) if _alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left


def _children(parent: int, count: int) -> list[int]:
    """Wait for that many."""
    for _ in range(300):
        shown = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False)
        if len(found := [int(pid) for pid in shown.stdout.split()]) >= count:
            return found
        time.sleep(0.1)
    raise AssertionError(f"process {parent} has no {count} children")


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()

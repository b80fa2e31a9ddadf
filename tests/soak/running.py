"""One scenario in a process group of its own, of which nothing is left when it is closed."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType

from tests.soak.results import FILE, Result, Tree
from tests.soak.scenario import Found, Scenario
from tests.support.kafka_broker import has_kafka

SHORTER = 0.4  # of the time a scenario has at full length
ENDS_WITHIN_S = 10.0  # after SIGTERM: servers stop, folders go


class Running(AbstractContextManager["Running"]):
    """Made, it runs."""

    def __init__(self, scenario: Scenario, of: Tree, short: bool, seed: int | None, seeds: int | None) -> None:
        self._scenario = scenario
        self._of = of
        self._short = short
        self._ended = False
        self._seed = secrets.randbits(32) if seed is None else seed
        self._at, self._began_s = datetime.now(UTC), time.monotonic()
        FILE.parent.mkdir(exist_ok=True)
        self._log = (FILE.parent / f"{scenario.name}.log").open("w+")
        self._alone = None if scenario.needs_kafka and not has_kafka() else self._start(seeds)

    def result(self) -> Result:
        """Wait for its end, for as long as it may take."""
        if self._alone is None:
            return replace(self._result(error="needs Apache Kafka: java and mvn"), left_out=True)
        limit_s = self._scenario.limit_s * (SHORTER if self._short else 1)
        try:
            said, _ = self._alone.communicate(timeout=max(0.1, self._began_s + limit_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            return self._result(error=f"not within {limit_s:.0f} s")
        finally:
            self._end()
        if self._alone.returncode:
            self._log.seek(0)
            return self._result(error=last_line(self._log.read()))
        answer = json.loads(said.splitlines()[-1])
        result = self._result(Found(**answer["found"]), answer["on"])
        return replace(result, seconds=answer["seconds"])  # its own: it may have ended long before it was asked

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._log.close()

    def _start(self, seeds: int | None) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.soak.alone", self._scenario.name, "--seed", str(self._seed)]
        command += ["--short"] if self._short else []
        command += ["--seeds", str(seeds)] if seeds else []
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._log, text=True, start_new_session=True)

    def _end(self) -> None:
        """The scenario in order where it still runs, then whatever it started; servers end with it by themselves."""
        if self._alone is None or self._ended:
            return
        self._ended = True
        if self._alone.poll() is None:
            self._alone.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._alone.communicate(timeout=ENDS_WITHIN_S)
        with suppress(ProcessLookupError):
            os.killpg(self._alone.pid, signal.SIGKILL)
        self._alone.wait()

    def _result(self, found: Found | None = None, on: str = "", error: str = "") -> Result:
        seconds = round(time.monotonic() - self._began_s, 1)
        at = self._at.isoformat(timespec="seconds")
        of = self._of
        return Result(self._scenario.name, self._short, self._seed, on, of.commit, of.dirty, at, seconds, found, error)


def last_line(log: str) -> str:
    """What broke."""
    return next((line for line in reversed(log.splitlines()) if line.strip()), "ended without a word")

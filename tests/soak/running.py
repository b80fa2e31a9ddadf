"""One scenario in a process group of its own, of which nothing is left when it is closed."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from tests.soak.results import FILE, Asked, Result, Tree, tree
from tests.soak.scenario import Found, Scenario
from tests.support.kafka_broker import has_kafka

SHORTER = 0.4  # of the time a scenario has at full length
ENDS_WITHIN_S = 10.0  # after SIGTERM: servers stop, folders go
TOLD_EVERY_S = 20.0


class Running(AbstractContextManager["Running"]):
    """Made, it runs."""

    def __init__(self, scenario: Scenario, of: Tree, asked: Asked) -> None:
        self._scenario = scenario
        self._of = of
        self._same = tree() == of  # somebody may have worked in it while others ran
        self._short = asked.short
        self._seeds = None if scenario.first_seed is None else asked.seeds
        self._ended = False
        seed = scenario.first_seed if asked.seed is None else asked.seed
        self._seed = secrets.randbits(32) if seed is None else seed
        self._at, self._began_s = datetime.now(UTC), time.monotonic()
        FILE.parent.mkdir(exist_ok=True)
        self._log = FILE.parent / f"{scenario.name}.log"
        self._alone = None if scenario.needs_kafka and not has_kafka() else self._start()

    def result(self, tell: Callable[[str], None] = lambda _line: None) -> Result:
        """Wait for its end, for as long as it may take; `tell` hears meanwhile what it says last."""
        if self._alone is None:
            return replace(self._result(error="needs Apache Kafka: java and mvn"), left_out=True)
        limit_s = self._scenario.limit_s * (SHORTER if self._short else 1)
        try:
            said = self._said(self._alone, self._began_s + limit_s, tell)
        except subprocess.TimeoutExpired:
            return self._result(error=f"not within {limit_s:.0f} s")
        finally:
            self._end()
        if self._alone.returncode:
            return self._result(error=last_line(self._log) or "ended without a word")
        answer = json.loads(said.splitlines()[-1])
        result = self._result(Found(**answer["found"]), answer["on"])
        return replace(result, seconds=answer["seconds"])  # its own: it may have ended long before it was asked

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _said(self, alone: "subprocess.Popen[str]", give_up_s: float, tell: Callable[[str], None]) -> str:
        told = ""
        while True:
            left_s = give_up_s - time.monotonic()
            try:
                return alone.communicate(timeout=max(0.1, min(TOLD_EVERY_S, left_s)))[0]
            except subprocess.TimeoutExpired:
                if left_s <= TOLD_EVERY_S:
                    raise
            if (line := last_line(self._log)) != told:
                told = line
                tell(line)

    def _start(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.soak.alone", self._scenario.name, "--seed", str(self._seed)]
        command += ["--short"] if self._short else []
        command += ["--seeds", str(self._seeds)] if self._seeds else []
        with self._log.open("w") as log:
            return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True)

    def _end(self) -> None:
        """The scenario in order where it still runs, then whatever it started, however impatient whoever waits is."""
        if self._alone is None or self._ended:
            return
        self._ended = True
        try:
            if self._alone.poll() is None:
                self._alone.terminate()
                with suppress(subprocess.TimeoutExpired):
                    self._alone.communicate(timeout=ENDS_WITHIN_S)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self._alone.pid, signal.SIGKILL)
            self._alone.wait()

    def _result(self, found: Found | None = None, on: str = "", error: str = "") -> Result:
        seconds = round(time.monotonic() - self._began_s, 1)
        at = self._at.isoformat(timespec="seconds")
        of = self._of
        return Result(
            self._scenario.name,
            self._short,
            self._seed,
            on,
            of.commit,
            of.dirty or not self._same or tree() != of,
            at,
            seconds,
            found,
            error,
            seeds=self._seeds,
        )


def last_line(log: Path) -> str:
    """What was said last: where it stands, or what broke."""
    return next((line for line in reversed(log.read_text().splitlines()) if line.strip()), "")

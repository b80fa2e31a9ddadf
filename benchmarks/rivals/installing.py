"""Get the rivals: Python ones into a virtual environment of their own, Kafka Streams through Maven. Once, then they are there."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.rivals.rival import LeftOutError

HERE = Path(__file__).parent
VENV = HERE.parents[1] / ".venv-rivals"
PINNED = HERE / "requirements.txt"
JAVA = HERE / "kafka_streams"
HEAP = [
    "-Xms1g",
    "-Xmx1g",
    "-XX:+UseParallelGC",
]  # the collector for throughput: about a tenth less CPU than the default


def python_of_rivals() -> str:
    """The interpreter that has Quix Streams and Bytewax."""
    python, done = VENV / "bin" / "python", VENV / "requirements.txt"
    if not done.exists() or done.read_bytes() != PINNED.read_bytes():
        _run([sys.executable, "-m", "venv", "--clear", VENV])
        pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        _run([*pip, "--require-hashes", "--no-deps", "-r", PINNED])
        shutil.copy(PINNED, done)
    return str(python)


def java_of_rivals() -> list[str]:
    """The command that runs Kafka Streams, up to the name of its class."""
    java, mvn = shutil.which("java"), shutil.which("mvn")
    if java is None or mvn is None:
        raise LeftOutError("needs java and mvn")
    jars = JAVA / "target" / "lib"
    _run(
        [
            mvn,
            "-q",
            "-B",
            "-f",
            JAVA / "pom.xml",
            "compile",
            "dependency:copy-dependencies",
            f"-DoutputDirectory={jars}",
        ]
    )
    return [java, *HEAP, "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", f"{jars.parent / 'classes'}:{jars}/*"]


def _run(command: Sequence[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines() or ["no message"]
        raise LeftOutError(f"cannot be installed: {next((line for line in said if 'ERROR' in line), said[-1])[:200]}")

"""The `ebbtide` command as its users run it: a process, whose environment and folder hold no settings but the given ones."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EBBTIDE = (sys.executable, "-m", "ebbtide")


def clean_env(**env: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("EBBTIDE_")}
    return kept | {"PYTHONPATH": str(ROOT)} | env


def ebbtide(folder: Path, *arguments: str | Path, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run it to its end in this folder."""
    command = [*EBBTIDE, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=clean_env(**env), capture_output=True, text=True, check=False)


def answer(folder: Path, *arguments: str | Path, **env: str) -> str:
    """Its output, where it ends with exit code 0."""
    done = ebbtide(folder, *arguments, **env)
    assert done.returncode == 0, done.stderr
    return done.stdout

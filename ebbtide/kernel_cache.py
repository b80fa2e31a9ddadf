"""Where Numba keeps compiled kernels: a folder named after the sources they were compiled from.

Numba looks at a function's own file only, so a change in a callee's file would leave its callers stale. Here any change
in scoring/ or streams/events/ gives a new folder. Numba reads NUMBA_CACHE_DIR when it is imported: this has to run before.
"""

import hashlib
import importlib.util
import os
import re
import shutil
from pathlib import Path

KEPT = 3  # folders of other versions that may still be running; the rest is removed
FOLDER = re.compile(r"kernel-[0-9a-f]{16}")


def use_kernel_cache() -> None:
    """Point NUMBA_CACHE_DIR at the folder of the present sources; below the given one where the user set it."""
    sources = _sources()
    folder = _base(sources[0]) / f"kernel-{_digest(sources)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)  # in use: among the newest when old ones are removed
    except OSError:
        if not folder.is_dir():
            return  # nowhere to write: Numba looks for a place itself, and says so where there is none
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    _remove_old(folder)


def _sources() -> list[Path]:
    """Folders with compiled functions, or with constants in them; compiled code is kept in the first."""
    return [_folder_of("scoring"), _folder_of("streams") / "events"]


def _folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ImportError(f"The package `{package}` is missing; install Ebbtide as a whole: make setup")
    return Path(spec.origin).parent


def _digest(sources: list[Path]) -> str:
    digest = hashlib.sha256()
    for folder in sources:
        for file in sorted(folder.rglob("*.py")):
            digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _base(sources: Path) -> Path:
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        base = Path(given)
        return base.parent if FOLDER.fullmatch(base.name) else base  # inherited from a parent process of ours
    if os.access(sources, os.W_OK):
        return sources / "__pycache__"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ebbtide"


def _remove_old(current: Path) -> None:
    others = [path for path in current.parent.iterdir() if FOLDER.fullmatch(path.name) and path != current]
    for path in sorted(others, key=_modified, reverse=True)[KEPT - 1 :]:
        shutil.rmtree(path, ignore_errors=True)


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # removed by another process meanwhile
        return 0.0

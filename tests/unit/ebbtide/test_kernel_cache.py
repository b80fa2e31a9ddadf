"""Compiled kernels live in a folder named after their sources."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ebbtide import kernel_cache


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "scoring"
    folder.mkdir()
    (folder / "kernel.py").write_text("VALUE = 1\n")
    monkeypatch.setattr(kernel_cache, "_sources", lambda: [folder])
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    return folder


def used() -> Path:
    kernel_cache.use_kernel_cache()
    return Path(os.environ["NUMBA_CACHE_DIR"])


def test_the_same_sources_mean_the_same_folder(sources: Path) -> None:
    assert used() == used()
    assert used().parent == sources / "__pycache__"


def test_a_change_in_any_source_means_another_folder(sources: Path) -> None:
    before = used()
    (sources / "kernel.py").write_text("VALUE = 2\n")
    changed = used()
    (sources / "new.py").write_text("")
    assert len({before, changed, used()}) == 3


def test_only_the_newest_folders_are_kept_and_nothing_else_is_touched(sources: Path) -> None:
    other = sources / "__pycache__" / "kernel-of-somebody"
    other.mkdir(parents=True)
    for value in range(10):
        (sources / "kernel.py").write_text(f"VALUE = {value}\n")
        newest = used()
    kept = [path for path in newest.parent.iterdir() if path != other]
    assert newest in kept
    assert len(kept) == kernel_cache.KEPT
    assert other.is_dir()


def test_a_folder_the_user_names_is_used_and_inherited(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "mine"))
    first = used()
    assert first.parent == tmp_path / "mine"
    assert used() == first  # as a child process finds it
    assert not (sources / "__pycache__").exists()


def test_read_only_sources_are_kept_compiled_with_the_user(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, _mode: path != sources)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    assert used().parent == tmp_path / "home" / "ebbtide"


def test_it_is_settled_before_scoring_is_imported() -> None:
    look = "import ebbtide.warm, numba, os; print(numba.config.CACHE_DIR == os.environ['NUMBA_CACHE_DIR'] != '')"
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert told.stdout == "True\n"

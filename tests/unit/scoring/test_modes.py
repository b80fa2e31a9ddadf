"""The kernel's tests again, as the machine code cannot tell: every index checked, and uncompiled.

A wrong index in compiled code corrupts memory without a word; uncompiled code is what coverage and debuggers see.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
KERNEL = (HERE / "test_ledger.py", HERE / "test_standing.py")


@pytest.mark.timeout(400)
def test_no_index_leaves_its_array() -> None:
    run_tests("NUMBA_BOUNDSCHECK", *KERNEL, "-k", "not batches_of_any_size")


def test_no_index_leaves_what_a_sender_wrote() -> None:
    run_tests("NUMBA_BOUNDSCHECK", HERE / "test_grouping.py", HERE.parent / "streams" / "test_plain.py")


@pytest.mark.timeout(400)
def test_the_uncompiled_kernel_says_the_same() -> None:
    run_tests("NUMBA_DISABLE_JIT", *KERNEL, "-k", "refund or tier or silence or older or microsecond")


def run_tests(switch: str, *selection: str | Path) -> None:
    cache = Path(os.environ["NUMBA_CACHE_DIR"]) / switch.lower()  # other machine code than the rest of the suite runs
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *selection]
    environment = {**os.environ, switch: "1", "NUMBA_CACHE_DIR": str(cache)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert " passed" in done.stdout

"""The kernel's tests again, as the machine code cannot tell: every index checked, and uncompiled.

A wrong index in compiled code corrupts memory without a word; uncompiled code is what coverage and debuggers see.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.timeout(400)
def test_no_index_leaves_its_array() -> None:
    run_kernel_tests("NUMBA_BOUNDSCHECK", "-k", "not batches_of_any_size")


@pytest.mark.timeout(400)
def test_the_uncompiled_kernel_says_the_same() -> None:
    run_kernel_tests("NUMBA_DISABLE_JIT", "-k", "refund or tier or silence or older or microsecond")


def run_kernel_tests(switch: str, *selection: str) -> None:
    cache = Path(os.environ["NUMBA_CACHE_DIR"]) / switch.lower()  # other machine code than the rest of the suite runs
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *selection]
    files = [str(HERE / "test_ledger.py"), str(HERE / "test_standing.py")]
    environment = {**os.environ, switch: "1", "NUMBA_CACHE_DIR": str(cache)}
    done = subprocess.run([*command, *files], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert " passed" in done.stdout

"""The one place where Numba is told how to compile."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile a scalar function of the kernel; under NUMBA_DISABLE_JIT=1 it stays plain Python.

    Division follows IEEE (no exceptions inside a kernel), the GIL is released, machine code is cached on disk.
    """
    return cast(F, numba.njit(cache=True, error_model="numpy", nogil=True)(function))

"""Loaded before every test module."""

from hypothesis import settings

import ebbtide  # noqa: F401 - settles where compiled kernels are kept, before anything imports scoring

# seeded, so that a failure is one anywhere; without a deadline, because the first example may compile the kernel
settings.register_profile("ebbtide", derandomize=True, deadline=None)
settings.load_profile("ebbtide")

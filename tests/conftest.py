"""Loaded before every test module."""

import ebbtide  # noqa: F401 - settles where compiled kernels are kept, before anything imports scoring

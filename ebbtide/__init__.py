"""Ebbtide: the composition root. Importing it settles where compiled kernels are kept: before `scoring` is imported."""

from ebbtide.kernel_cache import use_kernel_cache

use_kernel_cache()

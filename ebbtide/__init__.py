"""Ebbtide: the composition root. Importing it settles where compiled kernels are kept: before `scoring` is imported."""

import os

from ebbtide.kernel_cache import use_kernel_cache

use_kernel_cache()
# read when NumPy and SciPy are imported: a fit's matrices are 4 by 4, where threads of BLAS only wait for each other (x 5)
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

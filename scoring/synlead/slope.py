"""How the enterprise's margin moves: ordinary least squares over periods. Value-model 2.8."""

import numpy as np

from scoring.layout import Floats


def margin_slope(margins: Floats) -> float:
    """Change of the margin a period, from consecutive periods' margins (0.25 = 25%), shape (n,), oldest first.

    A period in which nothing was sold (NaN) says nothing. With fewer than two others there is no trend: 0.
    """
    known = np.flatnonzero(np.isfinite(margins))
    if len(known) < 2:
        return 0.0
    t = known - known.mean()
    return float(t @ margins[known] / (t @ t))

"""Terms and models as records, which compiled code passes on by address.

A named tuple goes from function to function number by number: some sixty of them at every call that is not inlined, which
made the kernel a fifth slower and its compilation twice as long. A record has the same fields by the same names.
"""

from functools import lru_cache
from typing import Any, cast

import numpy as np

from scoring.terms import Correction, Model, Terms

_SYNLEAD = np.dtype(
    (
        np.record,
        [
            ("a", "f8"),
            ("b", "f8"),
            ("most", "f8"),
            ("edges", "f8", (8,)),
            ("next_amount", "f8", (7,)),
            ("stays", "f8", (7,)),
            ("slope", "f8"),
            ("way", "i8"),
            ("period", "i8"),
        ],
    )
)
_CORRECTION = np.dtype((np.record, [(name, "f8") for name in Correction._fields]))
_MODEL = np.dtype(
    (
        np.record,
        [
            ("family", "i8"),
            *((name, "f8") for name in Model._fields[1:-2]),
            ("synlead", _SYNLEAD),
            ("correction", _CORRECTION),
        ],
    )
)
_RULES = np.dtype((np.record, [("enter", "f8", (5,)), ("leave", "f8", (5,)), ("min_stay_us", "i8")]))
_DRIFT = np.dtype(
    (
        np.record,
        [
            ("p_alive", "f8", (4,)),
            ("tail", "f8", (4,)),
            ("turn", "f8"),
            ("warn_us", "i8"),
            ("worth_tier", "i8"),
            ("worth_at_risk", "f8"),
        ],
    )
)
_TERMS = np.dtype(
    (
        np.record,
        [
            ("number", "i8"),
            ("from_us", "i8"),
            ("cause", "i8"),
            ("model", _MODEL),
            ("rules", _RULES),
            ("drift", _DRIFT),
        ],
    )
)


@lru_cache(maxsize=64)
def terms_by_address(terms: Terms) -> Terms:
    """The same terms, for compiled code."""
    return cast(Terms, _record(terms, _TERMS))


@lru_cache(maxsize=64)
def model_by_address(model: Model) -> Model:
    """The same model, for compiled code."""
    return cast(Model, _record(model, _MODEL))


def _record(told: Terms | Model, dtype: "np.dtype[Any]") -> np.record:
    holder = np.zeros(1, dtype)
    holder[0] = told
    return cast(np.record, holder[0])

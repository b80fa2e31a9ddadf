"""A version of the boundaries as a record of `commands`."""

from math import inf

from scoring.terms import Rules
from streams.events.terms_records import write_terms
from streams.versions import Versioned
from tests.support.kernel import TERMS


def stricter(made_us: int) -> bytes:
    """Boundaries three times as high, in force from a month before they were made."""
    rules = Rules((-inf, -inf, 0.0, 90_00.0, 300_00.0), (-inf, -inf, 0.0, 81_00.0, 270_00.0), min_stay_us=0)
    from_us = made_us // 1_000_000 * 1_000_000 - 30 * 86_400_000_000
    return write_terms(
        Versioned("strict", made_us // 1_000_000 * 1_000_000, from_us, "strict", rules, TERMS.drift), "USD"
    )

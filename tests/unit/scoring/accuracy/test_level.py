"""The level of a correction: how much it lets come of all, whatever the days."""

import pytest

from scoring.accuracy.forecast import seen
from scoring.accuracy.level import ahead, at_level, level_of
from scoring.terms import Correction
from tests.unit.scoring.accuracy.test_compare import HISTORIES, TRUE

CORRECTED = TRUE._replace(correction=Correction(-0.4, 0.4, 0.6, -0.9, 0.55, 0.7))
PEOPLE = seen(HISTORIES)


def test_a_shift_makes_the_level_and_moves_nothing_else() -> None:
    levelled = at_level(CORRECTED, PEOPLE, 0.93)
    assert level_of(levelled, PEOPLE) == pytest.approx(0.93)
    assert levelled.correction._replace(orders_shift=0.0) == CORRECTED.correction._replace(orders_shift=0.0)


@pytest.mark.parametrize("days", [30.0, 90.0, 1_000.0])
def test_over_other_days_the_level_stays(days: float) -> None:
    assert level_of(ahead(CORRECTED, PEOPLE, days), PEOPLE) == pytest.approx(level_of(CORRECTED, PEOPLE))


def test_without_a_correction_or_customers_there_is_nothing_to_shift() -> None:
    assert at_level(TRUE, PEOPLE, 0.5) == TRUE
    assert at_level(CORRECTED, PEOPLE[:0], 0.5) == CORRECTED
    assert ahead(TRUE, PEOPLE, 90.0) == TRUE._replace(horizon_days=90.0, discount=0.0)
    assert level_of(TRUE, PEOPLE[:0]) == 0.0

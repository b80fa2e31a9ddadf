"""The worked customer of the document, period by period; the branches of the cost and expense rules."""

import numpy as np
import pytest

from scoring.by_address import model_by_address
from scoring.synlead.ahead import Way, three_ahead
from scoring.synlead.cost import expense, next_margin
from scoring.synlead.kernel import value
from scoring.synlead.model import synlead_model
from scoring.synlead.slope import margin_slope
from tests.unit.scoring.synlead.example import PARAMS, worked_customer

# f2, p_f, m2, p_m, amount, margin, product cost, expense, value
FIRST = (2, 0.294928, 46918.52, 0.875361, 24225.79, 0.3030, 16885.38, 715.76, 6624.65)
ROLLED = (2, 0.360579, 46918.52, 0.875361, 29618.42, 0.3030, 20644.04, 875.09, 8099.29)
HELD = (
    (2, 0.235582, 46918.52, 0.875361, 19350.99, 0.3030, 13487.64, 571.73, 5291.62),
    (2, 0.189206, 46918.52, 0.875361, 15541.63, 0.3030, 10832.52, 500.00, 4209.11),
)
DECIMALS = (0, 6, 2, 6, 2, 4, 2, 2, 2)


@pytest.mark.parametrize(
    ("way", "periods", "total"),
    [
        (Way.ROLL, (FIRST, ROLLED, ROLLED), 22823.24),
        (Way.HOLD, (FIRST, *HELD), 16125.38),
        (Way.FROZEN, (FIRST, FIRST, FIRST), 3 * 6624.653468),
    ],
)
def test_three_periods_ahead(way: Way, periods: tuple[tuple[float, ...], ...], total: float) -> None:
    model, inputs = model_by_address(synlead_model(PARAMS, way)), worked_customer()
    found = three_ahead(model.synlead, inputs, inputs.empty, PARAMS.slope)
    assert tuple(tuple(round(number, d) for number, d in zip(step, DECIMALS, strict=True)) for step in found) == periods
    assert value(model, inputs) == pytest.approx(total, abs=0.005)


def test_the_enterprise_margin_moves_the_customers_by_half_its_trend_over_the_empty_periods() -> None:
    slope = margin_slope(np.array([0.25, 0.27]))
    assert slope == pytest.approx(0.02)
    assert next_margin(0.30, slope, 1.0) == pytest.approx(0.303)
    assert next_margin(0.30, slope, 0.0) == 0.30


def test_a_slope_needs_two_periods_in_which_something_was_sold() -> None:
    assert margin_slope(np.array([0.25])) == 0.0
    assert margin_slope(np.array([np.nan, 0.3, np.nan])) == 0.0
    gapped = np.array([0.1, np.nan, 0.2, 0.4])
    assert margin_slope(gapped) == pytest.approx(np.polyfit([0, 2, 3], [0.1, 0.2, 0.4], 1)[0])


RATE, LEAST = 1_300.0 / 44_000.0, 500.0


@pytest.mark.parametrize(
    ("amount", "spent"), [(24225.79, 715.76), (15541.63, 500.00), (300.0, 8.86), (LEAST / RATE, LEAST)]
)
def test_marketing_expense_by_its_three_branches(amount: float, spent: float) -> None:
    assert round(expense(amount, RATE, LEAST), 2) == spent


def test_without_an_expense_so_far_it_is_in_proportion() -> None:
    assert expense(1_000.0, 0.0, 0.0) == 0.0
    assert expense(1_000.0, 0.1, 0.0) == 100.0

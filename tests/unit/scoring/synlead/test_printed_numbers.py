"""Every number that the source document prints: 33 of 37 are met at the printed precision, four are misprints.

The exact values beside the misprints are those of an independent computation (30 digits, and two quadratures).
"""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import betaprime

from scoring.synlead.amount import below, density, mode
from scoring.synlead.frequency import chance
from scoring.synlead.next_amount import bin_transitions, next_amount, stays
from scoring.synlead.next_frequency import frequency_probability, next_frequency, usual_frequency
from tests.unit.scoring.synlead.example import AMOUNTS, EDGES, MOST, MOST_AMOUNT, A, B

ROWS = np.array(EDGES[:-1])


@pytest.mark.parametrize(("x", "printed"), [(0, 0.31), (1, 0.30), (2, 0.19), (3, 0.10)])
def test_chances_of_so_many_purchases(x: int, printed: float) -> None:
    assert round(chance(float(x), A, B), 2) == printed


def test_the_chance_of_any_purchase_and_the_mean_rounded_up() -> None:
    assert round(1.0 - chance(0.0, A, B), 2) == 0.69
    assert usual_frequency(A, B, MOST) == 2


def test_where_the_amounts_peak_and_how_high() -> None:
    assert round(mode(AMOUNTS), 2) == 9646.96
    assert float(density(AMOUNTS, np.array(mode(AMOUNTS)))) == pytest.approx(3.323598657260607e-05, rel=1e-13)


@pytest.mark.parametrize(("bin_", "printed"), [(5, 296732.74), (6, 379455.72), (7, 445441.60)])
def test_expected_next_amounts_of_the_upper_bins(bin_: int, printed: float) -> None:
    assert round(next_amount(AMOUNTS, ROWS, MOST_AMOUNT)[bin_ - 1], 2) == printed


@pytest.mark.parametrize(
    ("bin_", "misprint", "exact"),
    [
        (1, 39510.75, 39526.87421861704),
        (2, 39598.21, 39527.42333582637),
        (3, 46920.90, 46918.52480949059),
        (4, 186871.69, 186871.69593090753),  # by a hundredth only
    ],
)
def test_expected_next_amounts_that_the_document_misprints(bin_: int, misprint: float, exact: float) -> None:
    found = float(next_amount(AMOUNTS, ROWS, MOST_AMOUNT)[bin_ - 1])
    assert found == pytest.approx(exact, abs=1e-6)
    assert round(found, 2) != misprint
    assert found == pytest.approx(misprint, rel=2e-3 if bin_ < 4 else 1e-7)


def test_of_the_misprints_one_pair_cannot_be() -> None:
    """From 0.01 to 1000 lies 0.000014 of all amounts: the mean beyond cannot rise by the printed 87."""
    skipped = float(np.diff(below(AMOUNTS, np.array([0.01, 1000.0])))[0])
    assert skipped < 1.5e-5
    assert np.diff(next_amount(AMOUNTS, ROWS[:2], MOST_AMOUNT))[0] < 0.6


@pytest.mark.parametrize(
    ("bin_", "printed"), [(1, 0.0126), (2, 0.3719), (3, 0.8754), (4, 0.4707), (5, 0.3049), (6, 0.2227), (7, 0.1748)]
)
def test_chances_that_the_amount_is_as_expected(bin_: int, printed: float) -> None:
    assert round(stays(AMOUNTS, np.array(EDGES), MOST_AMOUNT)[bin_ - 1], 4) == printed


@pytest.mark.parametrize(("frequency", "printed"), [(1, 2), (2, 2), (3, 3)])
def test_expected_next_frequencies(frequency: int, printed: int) -> None:
    assert next_frequency(A, B, float(frequency), MOST) == printed


@pytest.mark.parametrize(
    ("frequency", "printed"),
    [
        (1, (0.3606, 0.2949, 0.2356, 0.1892)),
        (2, (0.3606, 0.2949, 0.2356, 0.1892)),
        (3, (0.1367, 0.0958, 0.0669, 0.0477)),
    ],
)
def test_chances_of_the_expected_frequency_by_empty_periods(frequency: int, printed: tuple[float, ...]) -> None:
    least = next_frequency(A, B, float(frequency), MOST)
    assert tuple(round(frequency_probability(A, B, least, float(r), MOST), 4) for r in range(4)) == printed


MATRIX = (  # not printed in the document, by the independent computation
    (0.0060, 0.9814, 0.0126, 0.0000, 0.0000, 0.0000, 0.0000),
    (0.0001, 0.6280, 0.3719, 0.0000, 0.0000, 0.0000, 0.0000),
    (0.0000, 0.0937, 0.8754, 0.0293, 0.0015, 0.0001, 0.0000),
    (0.0000, 0.0000, 0.3867, 0.4707, 0.1109, 0.0237, 0.0057),
    (0.0000, 0.0000, 0.0722, 0.4061, 0.3049, 0.1323, 0.0509),
    (0.0000, 0.0000, 0.0151, 0.2010, 0.3065, 0.2227, 0.1248),
    (0.0000, 0.0000, 0.0038, 0.0902, 0.2208, 0.2334, 0.1748),
)


def test_the_whole_matrix_of_bins() -> None:
    assert bin_transitions(AMOUNTS, np.array(EDGES)).round(4).tolist() == [list(row) for row in MATRIX]


@pytest.mark.parametrize("m", [0.5, 1_000.0, 9_646.96, 5e5, 1e9])
def test_density_and_chance_are_scipys_beta_prime(m: float) -> None:
    theirs = betaprime(AMOUNTS.p, AMOUNTS.q, scale=AMOUNTS.k)
    assert float(density(AMOUNTS, np.array(m))) == pytest.approx(theirs.pdf(m), rel=1e-10)
    assert float(below(AMOUNTS, np.array(m))) == pytest.approx(theirs.cdf(m), rel=1e-10)


@pytest.mark.parametrize("q", [0.7, 1.0, 1.53, 4.0])
@pytest.mark.parametrize("least", [0.01, 5_000.0, 300_000.0])
def test_the_expected_next_amount_is_the_integral_whatever_q(q: float, least: float) -> None:
    """q <= 1 has no closed form; SciPy's adaptive quadrature in log m is the second opinion."""
    amounts = AMOUNTS._replace(q=q)

    def over(power: int) -> float:
        return float(
            quad(
                lambda u: np.exp(u * (power + 1)) * density(amounts, np.exp(np.array(u))),
                np.log(least),
                np.log(MOST_AMOUNT),
                epsabs=0,
                epsrel=1e-10,
                limit=500,
            )[0]
        )

    assert float(next_amount(amounts, np.array([least]), MOST_AMOUNT)[0]) == pytest.approx(over(1) / over(0), rel=1e-8)

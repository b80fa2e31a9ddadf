"""Buyers drawn from a model: the fit finds that model again, within three of the standard errors that it states."""

import numpy as np
import pytest

from scoring.fitting.fit import Fitted, fit
from scoring.layout import Family
from scoring.terms import Model
from tests.support.buyers import drawn_histories

MBG = Model(int(Family.MBG), 1.0, 0.9, 12.0, 0.8, 2.5, p=3.4, q=4.8, v=3700.0, horizon_days=365.0, discount=0.0)
BG = MBG._replace(family=int(Family.BG))
PARETO = MBG._replace(family=int(Family.PARETO), a=0.9, b=200.0)


def far_off(found: Fitted, truth: Model) -> dict[str, float]:
    """Distance from the truth in standard errors, where it is above 3 or unknown."""
    off = {name: (getattr(found.model, name) - getattr(truth, name)) / error for name, error in found.errors.items()}
    return {name: times for name, times in off.items() if not abs(times) < 3.0}


@pytest.mark.parametrize("truth", [MBG, MBG._replace(k=2.0, alpha=24.0), MBG._replace(k=3.0, alpha=36.0), BG, PARETO])
def test_the_truth_is_found_again(truth: Model) -> None:
    found = fit(drawn_histories(truth, 3_000, seed=5), Family(truth.family))
    assert found.model.k == truth.k
    assert far_off(found, truth) == {}
    assert found.notes == ()


def test_standard_errors_are_the_spread_of_fits_to_fresh_draws() -> None:
    fits = [fit(drawn_histories(BG, 1_000, seed), Family.BG) for seed in range(20)]
    for name in fits[0].errors:
        spread = np.std([np.log(getattr(found.model, name)) for found in fits], ddof=1)
        stated = np.median([found.errors[name] / getattr(found.model, name) for found in fits])
        assert 0.65 < spread / stated < 1.5  # of 20 draws a spread is known to 15%


def test_a_part_finds_what_all_find() -> None:
    # more customers than the search runs on, at any time of day: the last steps are made on all of them
    found = fit(drawn_histories(MBG, 40_000, seed=8), Family.MBG)
    assert found.model.k == 1.0
    assert found.customers == 40_000
    assert far_off(found, MBG) == {}

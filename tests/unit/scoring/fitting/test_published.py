"""Fits to the CDNOW sample's first 39 weeks are the published ones; to the UCI shop, buyers with a rhythm."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scoring.fitting.purchases import Purchases, fit_purchases
from scoring.history import Histories, histories_of_table
from scoring.layout import Family
from scoring.synlead.fit_amount import fit_amount
from tests.support.cdnow import CALIBRATION_END, cdnow_histories, cdnow_orders, in_weeks

UCI = Path(__file__).parents[4].parent / "shared" / "data" / "uci_invoices.parquet"
OF_39_WEEKS = {  # r, alpha, a, b (Pareto/NBD: r, alpha, s, beta), log-likelihood; weeks
    Family.BG: (0.2426, 4.4136, 0.7929, 2.4259, -9582.43),  # Fader, Hardie and Lee (2005)
    Family.PARETO: (0.553, 10.578, 0.606, 11.669, -9594.98),  # Fader and Hardie (2005)
    Family.MBG: (0.525, 6.183, 0.891, 1.614, None),  # lifetimes' own test of its ModifiedBetaGeoFitter
}
FLAT = 2e-3  # relative: the published digits themselves leave the likelihood within 0.001 of its top


def calibration() -> Histories:
    return in_weeks(cdnow_histories(CALIBRATION_END))


def parameters(found: Purchases) -> tuple[float, float, float, float]:
    return found.r, found.alpha, found.a, found.b


@pytest.mark.parametrize("family", list(OF_39_WEEKS))
def test_the_parameters_of_the_first_39_weeks_are_the_published_ones(family: Family) -> None:
    *published, log_likelihood = OF_39_WEEKS[family]
    found = fit_purchases(calibration(), family)
    assert parameters(found) == pytest.approx(published, rel=FLAT)
    assert log_likelihood is None or found.log_likelihood == pytest.approx(log_likelihood, abs=0.01)
    assert (found.k, found.customers, found.notes) == (1.0, 2357, ())


def test_standard_errors_are_those_that_lifetimes_gives() -> None:
    # the summary table in lifetimes' documentation, BetaGeoFitter on this sample
    found = fit_purchases(calibration(), Family.BG)
    published = {"r": 0.012557, "alpha": 0.378221, "a": 0.185719, "b": 0.705345}
    assert found.errors == pytest.approx(published, rel=FLAT)


def test_mean_spend_of_the_repeat_buyers_gives_the_published_gamma_gamma() -> None:
    orders = cdnow_orders()
    days = orders[orders.date <= CALIBRATION_END].groupby(["sample_customer_id", "date"]).dollars.sum().reset_index()
    repeats = days[days.groupby("sample_customer_id").cumcount() > 0]
    who = pd.factorize(repeats.sample_customer_id)[0].astype(np.int64)
    found = fit_amount(who, repeats.dollars.to_numpy(), means_only=True)
    assert found.customers == 946
    assert found.amounts == pytest.approx((6.25, 3.74, 15.44), rel=FLAT)  # Fader and Hardie (2013)
    assert found.log_likelihood == pytest.approx(-4055.92, abs=0.01)


def test_the_unit_of_time_does_not_matter() -> None:
    days, weeks = (fit_purchases(h, Family.MBG, k=2) for h in (cdnow_histories(CALIBRATION_END), calibration()))
    assert parameters(days) == pytest.approx((weeks.r, 7.0 * weeks.alpha, weeks.a, weeks.b), rel=1e-3)


def uci(until: str) -> Histories:
    if not UCI.exists():
        pytest.skip(f"{UCI} is not there: real data lies beside the repository, not in it")
    invoices = pd.read_parquet(UCI)
    orders = invoices[invoices.customer_id.notna() & (invoices.value > 0) & (invoices.kind == "order")]
    who = pd.factorize(orders.customer_id)[0].astype(np.int64)
    at_us = orders.ts.to_numpy().astype("datetime64[us]").astype(np.int64)
    until_us = int(np.datetime64(until, "us").astype(np.int64))
    return histories_of_table(who, at_us, orders.value.to_numpy() * 100.0, until_us, whole_days=True)


def test_the_uci_shop_buys_by_a_rhythm_and_k_is_chosen_so() -> None:
    histories = uci("2011-06-30T23:59:59")
    chosen = fit_purchases(histories, Family.MBG)
    without = fit_purchases(histories, Family.MBG, k=1)
    assert chosen.k == 2.0
    assert (chosen.log_likelihood - without.log_likelihood) / chosen.customers == pytest.approx(0.12, abs=0.01)


def test_a_k_whose_neighbour_sees_nobody_leave_is_climbed_from_elsewhere() -> None:
    # k = 1 ends at the box with a = 0; a climb for k = 2 that starts there stays at log-likelihood -24753
    found = fit_purchases(uci("2011-06-30T23:59:59"), Family.MBG)
    assert found.log_likelihood == pytest.approx(-24716.70, abs=0.01)
    assert found.notes == ()

"""P(alive) against the truth that only a simulation knows."""

from benchmarks.accuracy.drawn import Drawn
from scoring.accuracy.calibration import Group, calibration
from scoring.fitting.fit import fit
from scoring.layout import Family
from scoring.models import verbs


def alive(drawn: Drawn, day: str) -> list[Group]:
    """Ten groups by P(alive) under the model fitted to the date; observed: the share who truly still buy."""
    cut_us = drawn.shop.at(day)
    histories = drawn.shop.everyone.histories(cut_us)
    model = fit(histories, Family.MBG).model
    looks = verbs.looks(histories.x, histories.t_x, histories.t, histories.orders, histories.profit)
    left = (drawn.truth.leaves > 0.0) & (drawn.truth.last_us <= cut_us)
    return calibration(verbs.p_alive(model, looks), ~left[histories.customer])

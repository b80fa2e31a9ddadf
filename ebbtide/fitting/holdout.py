"""The last days of the data held back: models fitted to what went before, and what they foretold of these days."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from ebbtide.fitting.reading import Everyone
from scoring.accuracy.calibration import Group, brier, calibration, expected_calibration_error
from scoring.accuracy.forecast import Forecast, forecast
from scoring.accuracy.judge import Bools, Measures, of_forecast, of_score
from scoring.accuracy.returns import (
    NO_CORRECTION,
    Correction,
    correct_chances,
    correct_orders,
    learn_chances,
    learn_orders,
)
from scoring.accuracy.thumbs import THUMBS
from scoring.errors import DegenerateError
from scoring.everybody import chances_to_buy
from scoring.fitting.fit import Fitted, fit
from scoring.history import Histories
from scoring.layout import DAY_US, NEVER_US, Family, Floats, Model
from scoring.outcomes import Outcomes
from streams.events.terms_records import FAMILIES

ASKED_DAYS = 90.0  # "buys again within": so many days, or the whole holdout where that is shorter
PROCESSES = (Family.MBG, Family.BG, Family.PARETO)  # the families that tell chances
FEWEST = 50  # customers in a window, before a correction is learned from it

Say = Callable[[str], None]


class Chances(NamedTuple):
    """Told chances and what came."""

    told: Floats
    happened: Bools
    groups: list[Group]

    @property
    def brier(self) -> float:
        """Mean squared error."""
        return brier(self.told, self.happened)

    @property
    def ece(self) -> float:
        """Mean error of the groups."""
        return expected_calibration_error(self.groups)


class LookedBack(NamedTuple):
    """Corrections that were to be had at the cut."""

    chances: Correction = NO_CORRECTION
    orders: Correction = NO_CORRECTION
    days: float = 0.0  # of the window looked back to; 0: none


class Holdout(NamedTuple):
    """What was foretold as of the cut, and what came until the end."""

    cut_us: int
    days: float
    asked_days: float
    histories: Histories
    outcomes: Outcomes
    fitted: Mapping[Family, Fitted]  # to what went before the cut
    forecasts: Mapping[str, Forecast]  # by name, the model asked for first; the one in force too
    measures: Mapping[str, Measures]  # of the models and the rules of thumb
    alive: Chances  # P(alive), beside who bought in the holdout (who is alive may still not have)
    again: Chances  # to buy within asked_days
    again_corrected: Chances  # the same, corrected by what the days before the cut brought
    back: LookedBack


def hold_out(everyone: Everyone, cut_us: int, end_us: int, first: Family, in_force: Model | None, say: Say) -> Holdout:
    """Fit every family to what went before the cut, the one asked for first, and hold all against what came until the end."""
    histories = everyone.histories(cut_us)
    outcomes = everyone.outcomes(histories, cut_us, end_us)
    days = (end_us - cut_us) / DAY_US
    asked_days = min(ASKED_DAYS, days)
    bought = _within(outcomes, cut_us, asked_days)
    fitted = _fit_all(histories, first, say)
    forecasts: dict[str, Forecast] = {}
    named: dict[str, Model] = {FAMILIES[family]: one.model for family, one in fitted.items()}
    if in_force is not None and in_force.family != Family.SYNLEAD:
        named["in force"] = in_force
    for name, model in named.items():
        say(f"{name}: what it foretells")
        forecasts[name] = forecast(model, histories, days)._replace(chance=chances_to_buy(model, histories, asked_days))
    told = forecasts[FAMILIES[first]]
    say("what the days before the cut say")
    back = look_back(everyone, first, fitted[first].model.k, cut_us)
    better = corrected(back, told, histories.x)
    forecasts[f"{FAMILIES[first]}, corrected"] = better
    measures: dict[str, Measures] = {name: of_forecast(one, outcomes, bought) for name, one in forecasts.items()}
    measures |= {name: of_score(thumb(histories), outcomes) for name, thumb in THUMBS.items()}
    return Holdout(
        cut_us,
        days,
        asked_days,
        histories,
        outcomes,
        fitted,
        forecasts,
        measures,
        _chances(told.p_alive, outcomes.days > 0.0),
        _chances(told.chance, bought),
        _chances(better.chance, bought),
        back,
    )


def look_back(everyone: Everyone, family: Family, k: float, cut_us: int, days: float = ASKED_DAYS) -> LookedBack:
    """Fit to the cut less a window (the days, or half of the data where they are fewer) and hold that against the window."""
    window_us = int(min(days * DAY_US, (cut_us - everyone.first_us) // 2))
    before_us, window_days = cut_us - window_us, window_us / DAY_US
    histories = everyone.histories(before_us)
    if len(histories.x) < FEWEST:
        return LookedBack()
    outcomes = everyone.outcomes(histories, before_us, cut_us)
    try:
        model = fit(histories, family, k=int(k) if family == Family.MBG else None).model
    except DegenerateError:
        return LookedBack()
    told = forecast(model, histories, window_days)
    return LookedBack(
        learn_chances(told.chance, histories.x, outcomes.next_us < NEVER_US),
        learn_orders(told.orders, histories.x, outcomes.days),
        window_days,
    )


def corrected(back: LookedBack, told: Forecast, x: Floats) -> Forecast:
    """The forecast after it; profit in proportion to orders."""
    orders = correct_orders(back.orders, told.orders, x)
    per_order = np.divide(told.profit, told.orders, out=np.zeros_like(orders), where=told.orders > 0.0)
    return told._replace(orders=orders, profit=orders * per_order, chance=correct_chances(back.chances, told.chance, x))


def _fit_all(histories: Histories, first: Family, say: Say) -> dict[Family, Fitted]:
    """Where a family but the one asked for cannot be fitted, it is left out."""
    fitted = {first: fit(histories, first, progress=say)}
    for family in PROCESSES:
        if family != first:
            try:
                fitted[family] = fit(histories, family, progress=say)
            except DegenerateError as error:
                say(f"{FAMILIES[family]}: {error}")
    return fitted


def _within(outcomes: Outcomes, from_us: int, days: float) -> Bools:
    bought: Bools = outcomes.next_us <= from_us + int(days * DAY_US)
    return bought


def _chances(told: Floats, happened: Bools) -> Chances:
    return Chances(told, happened, calibration(told, happened))

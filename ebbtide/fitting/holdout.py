"""The last days of the data held back: models fitted to what went before, and what they foretold of these days."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ebbtide.fitting.reading import Everyone
from scoring.accuracy.calibration import Group, brier, calibration, expected_calibration_error
from scoring.accuracy.forecast import Forecast, forecast
from scoring.accuracy.judge import Bools, Measures, of_forecast, of_score
from scoring.accuracy.thumbs import THUMBS
from scoring.errors import DegenerateError
from scoring.everybody import chances_to_buy
from scoring.fitting.fit import Fitted, fit
from scoring.fitting.looking_back import fit_corrected
from scoring.history import Histories
from scoring.layout import DAY_US, Family, Floats
from scoring.outcomes import Outcomes
from scoring.terms import NO_CORRECTION, Model
from streams.events.terms_records import FAMILIES

ASKED_DAYS = 90.0  # "buys again within": so many days, or the whole holdout where that is shorter
PROCESSES = (Family.MBG, Family.BG, Family.PARETO)  # the families that tell chances

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
    again_plain: Chances  # the same without the correction that the days before the cut taught


def hold_out(everyone: Everyone, cut_us: int, end_us: int, first: Family, in_force: Model | None, say: Say) -> Holdout:
    """Fit every family to what went before the cut, the one asked for first, and hold all against what came until the end."""
    histories = everyone.histories(cut_us)
    outcomes = everyone.outcomes(histories, cut_us, end_us)
    days = (end_us - cut_us) / DAY_US
    asked_days = min(ASKED_DAYS, days)
    bought = _within(outcomes, cut_us, asked_days)
    fitted = _fit_all(everyone, histories, cut_us, days, first, say)
    forecasts: dict[str, Forecast] = {}
    named: dict[str, Model] = {FAMILIES[family]: one.model for family, one in fitted.items()}
    plain = f"{FAMILIES[first]}, plain"
    named[plain] = fitted[first].model._replace(correction=NO_CORRECTION)
    if in_force is not None and in_force.family != Family.SYNLEAD:
        named["in force"] = in_force
    for name, model in named.items():
        say(f"{name}: what it foretells")
        forecasts[name] = forecast(model, histories, days)._replace(chance=chances_to_buy(model, histories, asked_days))
    told = forecasts[FAMILIES[first]]
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
        _chances(forecasts[plain].chance, bought),
    )


def _fit_all(
    everyone: Everyone, histories: Histories, cut_us: int, days: float, first: Family, say: Say
) -> dict[Family, Fitted]:
    """The one asked for as it would be saved, corrected; the others plain, and left out where they cannot be fitted."""
    free = everyone.count_free_orders
    fitted = {first: fit_corrected(everyone.ledgers, cut_us, first, days, 0.0, free, say)}
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

"""From a history of events to the forecast of every customer in it."""

from typing import NamedTuple

from ebbtide.errors import EbbtideError
from ebbtide.fitting.reading import Everyone
from scoring.synlead.ahead import Way
from scoring.synlead.fit import Fit, fit
from scoring.synlead.forecast import Forecast, forecast
from scoring.synlead.history import History, history_of
from scoring.synlead.model import synlead_model
from scoring.synlead.period_names import Period
from scoring.synlead.periods import period_of
from scoring.terms import Model


class Made(NamedTuple):
    """A forecast, what it was made from, and the model it was made with."""

    everyone: Everyone
    history: History
    fit: Fit
    model: Model
    forecast: Forecast
    last: int  # the last complete period

    @property
    def period(self) -> Period:
        """The unit."""
        return Period(self.model.synlead.period)

    def name(self, customer: int) -> str:
        """The id of a ledger's customer."""
        return self.everyone.ids[customer].decode()


def make(everyone: Everyone, period: Period, way: Way, *, truncated: bool = False, means_only: bool = False) -> Made:
    """Fit to the complete periods of the log, then look three periods ahead from its end."""
    until_us = everyone.until_us
    history = history_of(everyone.ledgers, int(period), until_us)
    last = period_of(until_us, int(period)) - 1
    if not (history.period[history.orders > 0] <= last).any():
        raise EbbtideError(
            f"The log ends in its first {period.name.lower()} with an order, and only complete ones are fitted to. "
            "Choose a shorter --period, or give more history."
        )
    found = fit(history, last, truncated=truncated, means_only=means_only)
    model = synlead_model(found.params, way, period)
    return Made(everyone, history, found, model, forecast(everyone.ledgers, history, model, until_us, last), last)

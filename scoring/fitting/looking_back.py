"""A model fitted to everything up to an instant, with the correction that the days just before it teach.

The same family is fitted to the instant less a window, what it foretells of the window is held against what the window
brought, and what is learned from that goes into the model (docs/decisions/0017).
"""

from collections.abc import Callable
from typing import NamedTuple

from scoring.accuracy.forecast import forecast, seen
from scoring.accuracy.level import at_level
from scoring.accuracy.returns import learn
from scoring.errors import DegenerateError
from scoring.fitting.fit import Fitted, fit
from scoring.history import histories_of
from scoring.layout import DAY_US, NEVER_US, Family
from scoring.ledgers import Ledgers
from scoring.outcomes import outcomes_of
from scoring.terms import NO_CORRECTION, Correction

WINDOW_DAYS = 180.0  # or half of the data, where that is less
LEAST_DAYS = 30.0  # of a window
FEWEST = 100  # customers known before it


class LookedBack(NamedTuple):
    """What the window taught: a correction of forecasts over as many days as it has."""

    correction: Correction
    level: float  # purchase days that came, of those told; 1 without a correction
    days: float  # of the window; 0: none
    note: str  # why there is none, as of Fitted.notes


def fit_corrected(
    ledgers: Ledgers,
    at_us: int,
    family: Family,
    horizon_days: float = 365.0,
    discount: float = 0.0,
    count_free_orders: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Fitted:
    """As scoring.fitting.fit.fit, to what ledgers know as of `at_us`; the model has its correction, the notes say which."""
    histories = histories_of(ledgers, at_us, count_free_orders)
    fitted = fit(histories, family, horizon_days, discount, progress=progress)
    if progress:
        progress("what the days before say")
    back = look_back(ledgers, at_us, family, fitted.model.k, count_free_orders)
    # a window says who is told too much and who too little; how much came of all is its season's, and is not carried on
    model = at_level(fitted.model._replace(correction=back.correction), seen(histories), 1.0)
    return fitted._replace(
        model=model, notes=(*fitted.notes, _note(model.correction, back) if back.days else back.note)
    )


def look_back(
    ledgers: Ledgers,
    at_us: int,
    family: Family,
    k: float,
    count_free_orders: bool = True,
    days: float = WINDOW_DAYS,
) -> LookedBack:
    """Fit to `at_us` less a window and hold that against the window. No correction where there is too little to learn from."""
    known = ledgers.headers["orders"] > 0
    if not known.any():
        return _none("there is no order that counts")
    first_us = int(ledgers.headers["first_us"][known].min())
    window_us = int(min(days * DAY_US, (at_us - first_us) // 2))
    before_us, window_days = at_us - window_us, window_us / DAY_US
    if window_days < LEAST_DAYS:
        return _none(f"the history is shorter than {2 * LEAST_DAYS:.0f} days")
    histories = histories_of(ledgers, before_us, count_free_orders)
    if len(histories.x) < FEWEST:
        return _none(f"fewer than {FEWEST} customers had bought {window_days:.0f} days before")
    outcomes = outcomes_of(ledgers, histories.customer, before_us, at_us, count_free_orders)
    try:
        model = fit(histories, family, k=int(k) if family == Family.MBG else None).model
    except DegenerateError as error:
        return _none(str(error))
    told = forecast(model, histories, window_days)
    found = learn(told.orders, told.chance, histories.x, outcomes.days, outcomes.next_us < NEVER_US)
    if found == NO_CORRECTION or not outcomes.days.any():
        return _none(f"what was told of the last {window_days:.0f} days says nothing of what came")
    return LookedBack(found, float(outcomes.days.sum() / told.orders.sum()), window_days, "")


def _note(c: Correction, back: LookedBack) -> str:
    return (
        f"corrected: by what the last {back.days:.0f} days brought, {back.level:.2f} of what was told. "
        f"ln(orders) = {c.orders_shift:.3f} + {c.orders_scale:.3f} ln(told) + {c.orders_frequency:.3f} ln(purchase days); "
        f"log odds of buying = {c.chance_shift:.3f} + {c.chance_scale:.3f} told + {c.chance_frequency:.3f} "
        "ln(purchase days)"
    )


def _none(why: str) -> LookedBack:
    return LookedBack(NO_CORRECTION, 1.0, 0.0, f"uncorrected: {why}, so nothing was learned by looking back")

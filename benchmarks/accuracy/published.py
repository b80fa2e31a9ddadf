"""Published parameters, met: CDNOW's 1/10 sample over its first 39 weeks, times in weeks, orders of a day one purchase."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from scoring.fitting.purchases import fit_purchases
from scoring.layout import Family
from scoring.synlead.fit_amount import fit_amount
from tests.support.cdnow import CALIBRATION_END, cdnow_histories, cdnow_orders, in_weeks

NUMBERS = {  # Fader, Hardie and Lee (2005); Fader and Hardie (2005)
    Family.BG: {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259, "log_likelihood": -9582.43},
    Family.PARETO: {"r": 0.553, "alpha": 10.578, "a": 0.606, "b": 11.669, "log_likelihood": -9594.98},
}
GAMMA_GAMMA = {"p": 6.25, "q": 3.74, "k": 15.44}  # Fader and Hardie (2013); k is their gamma
NAMES = {
    Family.BG: ("BG/NBD", {}),
    Family.PARETO: ("Pareto/NBD", {"a": "s", "b": "beta"}),
}


class Parameter(NamedTuple):
    """A published number and ours."""

    model: str
    name: str
    published: float
    ours: float

    @property
    def met(self) -> bool:
        """Within 0.2%; a log-likelihood within 0.01."""
        if self.name == "log-likelihood":
            return abs(self.ours - self.published) <= 0.01
        return abs(self.ours / self.published - 1.0) <= 0.002


def published() -> list[Parameter]:
    """Each number, in the order of the papers."""
    found = []
    for family, numbers in NUMBERS.items():
        fitted = fit_purchases(in_weeks(cdnow_histories(CALIBRATION_END)), family)
        model, names = NAMES[family]
        for name, number in numbers.items():
            shown = names.get(name, name).replace("_", "-")
            found.append(Parameter(model, shown, number, float(getattr(fitted, name))))
    orders = cdnow_orders()
    days = orders[orders.date <= CALIBRATION_END].groupby(["sample_customer_id", "date"]).dollars.sum().reset_index()
    repeats = days[days.groupby("sample_customer_id").cumcount() > 0]
    who = pd.factorize(repeats.sample_customer_id)[0].astype(np.int64)
    amounts = fit_amount(who, repeats.dollars.to_numpy(), means_only=True).amounts
    found += [Parameter("gamma-gamma", name, number, getattr(amounts, name)) for name, number in GAMMA_GAMMA.items()]
    return found

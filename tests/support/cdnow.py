"""The packaged CDNOW sample: 2,357 customers, whole days, 1997-01-01 to 1998-06-30."""

from functools import cache
from importlib.resources import as_file, files

import numpy as np
import pandas as pd

from scoring.history import Histories, histories_of_table

CALIBRATION_END = "1997-09-30"  # the 39 weeks of the published fits
END = "1998-06-30"


@cache
def cdnow_orders() -> pd.DataFrame:
    with as_file(files("ebbtide") / "data" / "cdnow_sample.csv.gz") as path:
        return pd.read_csv(path, parse_dates=["date"])


def cdnow_histories(until: str) -> Histories:
    """In days and cents."""
    orders = cdnow_orders()
    customers = pd.factorize(orders.sample_customer_id)[0].astype(np.int64)
    at_us = orders.date.to_numpy().astype("datetime64[us]").astype(np.int64)
    until_us = int(np.datetime64(until, "us").astype(np.int64))
    return histories_of_table(customers, at_us, orders.dollars.to_numpy() * 100.0, until_us, whole_days=True)


def in_weeks(histories: Histories) -> Histories:
    gaps = histories.log_gaps - histories.x * np.log(7.0)
    return histories._replace(t_x=histories.t_x / 7.0, t=histories.t / 7.0, log_gaps=gaps)

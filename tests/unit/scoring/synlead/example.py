"""The source document's example: SynleadCRM 2008, customer value analysis. Amounts in its unit."""

import numpy as np

from scoring.layout import INPUTS, Record
from scoring.synlead.amount import Amounts
from scoring.synlead.model import Params

A, B = 1.84, 2.67
MOST = 3.0
MOST_AMOUNT = 499_999.0
EDGES = (0.01, 1_000.0, 10_000.0, 100_000.0, 200_000.0, 300_000.0, 400_000.0, 500_000.0)
AMOUNTS = Amounts(p=8.57, q=1.53, k=3224.15)
PARAMS = Params(A, B, *AMOUNTS, MOST, EDGES, MOST_AMOUNT, slope=0.02)


def worked_customer() -> Record:
    """The document's: one purchase of 20,000 (expense 500), then two of 24,000 (expense 800, margin 0.30), then none."""
    inputs = np.zeros(1, INPUTS)[0]
    inputs.orders, inputs.frequency, inputs.amount, inputs.margin, inputs.empty = 3.0, 2.0, 12_000.0, 0.30, 1.0
    inputs.expense_rate, inputs.least_expense, inputs.past_amount = 1_300.0 / 44_000.0, 500.0, 44_000.0
    return inputs

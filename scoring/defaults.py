"""The model in force where no other is given."""

from scoring.layout import DAY_US, Family, Tier
from scoring.terms import Drift, Model

# Maximum likelihood on the CDNOW 1/10 sample, all 78 weeks: MBG/NBD on purchase days (log-likelihood -25570.677),
# gamma-gamma on every single order above zero, in cents (-61497.401). tests/unit/scoring/test_defaults.py refits both.
DEFAULT_MODEL = Model(
    family=int(Family.MBG),
    k=1.0,
    r=0.617843,
    alpha=60.5987,
    a=0.551525,
    b=1.00906,
    p=3.41499,
    q=4.84245,
    v=3686.33,
    horizon_days=365.0,
    discount=0.0,
)
DEFAULT_DRIFT = Drift(
    p_alive=(0.0, 0.5, 0.3, 0.1),
    tail=(0.0, 0.05, 0.02, 0.005),
    turn=0.25,  # at 0.5 it raised most alarms; 51% (CDNOW) and 70% (UCI) of those told by it alone bought within 180 days
    warn_us=14 * DAY_US,
    worth_tier=int(Tier.MIDDLE),
    worth_at_risk=float("inf"),
)

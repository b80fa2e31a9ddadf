"""The model in force where no other is given."""

from scoring.layout import Model

# Maximum likelihood on the CDNOW 1/10 sample, all 78 weeks: MBG/NBD on purchase days (log-likelihood -25570.677),
# gamma-gamma on every single order above zero, in cents (-61497.401). tests/unit/scoring/test_defaults.py refits both.
DEFAULT_MODEL = Model(
    r=0.617843,
    alpha=60.5987,
    a=0.551525,
    b=1.00906,
    p=3.41499,
    q=4.84245,
    v=3686.33,
    horizon_days=365.0,
)

"""Every scenario there is, in the order in which they run."""

from tests.soak.graceful import GRACEFUL
from tests.soak.scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = (GRACEFUL,)

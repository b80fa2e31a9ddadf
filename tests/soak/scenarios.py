"""Every scenario there is, in the order in which they run."""

from tests.soak.broker import BROKER
from tests.soak.faults import FAULTS
from tests.soak.fuzz import FUZZ
from tests.soak.graceful import GRACEFUL
from tests.soak.kills import KILLS
from tests.soak.partitions import PARTITIONS
from tests.soak.raising import RAISE
from tests.soak.rebuild import REBUILD
from tests.soak.releases import RELEASES
from tests.soak.scaling import SCALING
from tests.soak.scenario import Scenario
from tests.soak.simulator import SIMULATOR
from tests.soak.zombie import ZOMBIE

SCENARIOS: tuple[Scenario, ...] = (
    SIMULATOR,
    KILLS,
    ZOMBIE,
    BROKER,
    SCALING,
    PARTITIONS,
    GRACEFUL,
    RELEASES,
    REBUILD,
    RAISE,
    FUZZ,
    *FAULTS,
)

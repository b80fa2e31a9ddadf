"""Which faults count: those that somebody met."""

import pytest

from tests.simulation.faults import Fault
from tests.simulation.plan import plan_of
from tests.simulation.world import run

LATER_S = 100.0  # than the log is consumed and the session of whoever was killed
AMBUSH = "pause before a commit"  # the later one lies in wait; the kill before it never comes
KILLS = ["kill", "kill"]  # the second found it dead; that the third did not is none of its doing


@pytest.mark.parametrize(
    ("faults", "struck"),
    [
        ([Fault("kill", 1.0, 6.0, 0, 0.0), Fault("kill", 2.0, 1.0, 0, 0.0)], ["kill"]),  # it was dead already
        ([Fault("pause", 1.0, 6.0, 0, 0.0), Fault("pause", 2.0, 1.0, 0, 0.0)], ["pause"]),
        ([Fault("kill in a commit", 0.3, 6.0, 0, 0.0)], ["kill in a commit"]),
        ([Fault("kill in a commit", LATER_S, 6.0, 0, 0.0)], []),  # nothing is committed any more
        ([Fault("broker fails over", LATER_S, 0.1, 0, 0.0)], []),  # nothing was on its way
        ([Fault("redis wiped", 3.0, 0.1, 0, 0.0), Fault("redis wiped", 3.0, 0.1, 0, 0.0)], ["redis wiped"]),
        ([Fault("kill in a commit", 0.3, 6.0, 0, 0.0), Fault("pause before a commit", 0.3, 5.0, 0, 0.0)], [AMBUSH]),
        ([Fault("kill", 1.0, 2.0, 0, 0.0), Fault("kill", 1.5, 6.0, 0, 0.0), Fault("kill", 4.0, 1.0, 0, 0.0)], KILLS),
        ([Fault("redis rollback", LATER_S, 0.1, 0, 0.0), Fault("redis wiped", LATER_S, 0.1, 0, 0.0)], ["redis wiped"]),
        ([Fault("redis failover", LATER_S, 0.1, 0, 0.0), Fault("redis wiped", LATER_S, 0.1, 0, 0.0)], ["redis wiped"]),
        ([Fault("redis refuses", 1.0, 3.0, 0, 0.0), Fault("redis silent", 1.0, 3.0, 0, 0.0)], ["redis silent"]),
        ([Fault("redis failover", 1.0, 3.0, 0, 0.0), Fault("redis refuses", 1.0, 3.0, 0, 0.0)], ["redis refuses"]),
    ],
)
def test_a_fault_strikes_where_somebody_meets_it(faults: list[Fault], struck: list[str]) -> None:
    plan = plan_of(0)._replace(workers=1, faults=tuple(faults))
    assert list(run(plan).struck) == struck

"""Scenarios of servers, network, clocks and records."""

from tests.soak.faults_clock_jumps import CLOCK_JUMPS
from tests.soak.faults_hot import HOT_CUSTOMER
from tests.soak.faults_malformed import MALFORMED
from tests.soak.faults_network import NETWORK
from tests.soak.faults_poison import POISON
from tests.soak.faults_redis_full import REDIS_FULL
from tests.soak.faults_redis_killed import REDIS_KILLED
from tests.soak.faults_redis_old_snapshot import REDIS_OLD_SNAPSHOT
from tests.soak.faults_slow import SLOW_BROKER, SLOW_REDIS

FAULTS = (
    REDIS_KILLED,
    REDIS_OLD_SNAPSHOT,
    REDIS_FULL,
    SLOW_REDIS,
    SLOW_BROKER,
    NETWORK,
    *CLOCK_JUMPS,
    POISON,
    HOT_CUSTOMER,
    MALFORMED,
)

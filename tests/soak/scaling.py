"""More and fewer workers while events flow, each time until all of them share the partitions."""

from tests.soak.crew import Crew
from tests.soak.flow import Flow
from tests.soak.judge import judge
from tests.soak.place import Place
from tests.soak.records import message
from tests.soak.scenario import Found, Scenario
from tests.support.shop_log import shop_log

PER_S = 1_500
SIZES = (4, 2, 1)
FLOWS = 4_500  # events at each size


def run(place: Place) -> Found:
    rounds = place.scale(4, 1)
    log = map(message, shop_log(place.scale(600_000, 300_000), place.scale(20_000, 5_000), place.seed))
    with Flow(place.world, log, PER_S) as flow:
        crew = Crew(place.world, 1)
        crew.at_work()
        for _ in range(rounds):
            for size in SIZES:
                crew.resize(size)
                crew.at_work()
                crew.goes_on(FLOWS, flow)
        flow.enough()
    sizes = " -> ".join(map(str, (1, *SIZES)))
    return judge(place, flow.sent, f"{rounds} times {sizes} workers", peace=flow.steady)


SCALING = Scenario("scaling", "a partition that changes hands is read twice or not at all", run, limit_s=420)

"""Rolling restarts: one worker after another gets SIGTERM and a successor while events flow."""

import signal

from tests.soak.crew import Crew
from tests.soak.flow import Flow
from tests.soak.judge import judge
from tests.soak.place import Place
from tests.soak.records import message
from tests.soak.scenario import Found, Scenario
from tests.support.shop_log import shop_log

PER_S = 1_000
GRACEFULLY = (0, -signal.SIGTERM)  # the latter where Python had not yet got as far as to hear it


def run(place: Place) -> Found:
    rounds = place.scale(8, 1)
    log = map(message, shop_log(place.scale(300_000, 200_000), place.scale(20_000, 5_000), place.seed))
    with Flow(place.world, log, PER_S) as flow:
        crew = Crew(place.world, 3)
        crew.goes_on(flow=flow)
        codes = []
        for _ in range(rounds):
            for number in range(3):
                codes.append(crew.replace(number))
                crew.goes_on(flow=flow)
        flow.enough()
    codes += crew.resize(1)
    found = judge(place, flow.sent, f"{len(codes)} SIGTERM", peace=flow.steady)
    wrong = [code for code in codes if code not in GRACEFULLY]
    return found._replace(note=f"{found.note}, exit codes {wrong}", reconcile=False) if wrong else found


GRACEFUL = Scenario("graceful", "a rolling restart loses or doubles what was under way", run, limit_s=420)

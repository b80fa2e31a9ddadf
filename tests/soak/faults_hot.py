"""One customer has half of all events: the worker keeps up, in bounded memory, and the facts are exact."""

from redis import Redis as Client

from scoring.hashing import buckets
from state.keys import keys_of
from tests.soak.bulk import send_bulk
from tests.soak.crew import Crew
from tests.soak.effort import worked_off
from tests.soak.judge import judge
from tests.soak.place import Place
from tests.soak.records import messages
from tests.soak.scenario import Found, Scenario
from tests.support.shop_log import Event, shop_log

HOT = "customer-hot"
MOST_MIB = 2_000


def run(place: Place) -> Found:
    log = heated(shop_log(place.scale(600_000, 40_000), place.scale(20_000, 2_000), place.seed))
    sent = messages(log)
    send_bulk(place.world, sent)
    effort = worked_off(Crew(place.world, 1), len(sent))
    hot = sum(event["customer_id"] == HOT for event in log)
    found = judge(place, sent, f"{hot:,} events of one customer")
    note = f"{effort.told('events')}, ledger of {ledger_kib(place)} KiB"
    note += f"{found.note and ', ' + found.note}"
    return found._replace(note=note, reconcile=found.reconcile and effort.peak_mib < MOST_MIB)


def heated(log: list[Event]) -> list[Event]:
    """Every other order, with all that is told of it, is of one customer."""
    return [e if int(e["order_id"][1:]) % 2 else e | {"customer_id": HOT} for e in log]


def ledger_kib(place: Place) -> int:
    (bucket,) = buckets([HOT.encode()]).tolist()
    with Client.from_url(place.redis.url) as redis:
        return int(redis.hstrlen(keys_of(place.world.env["EBBTIDE_NAMESPACE"])[bucket].states, HOT)) // 1024


HOT_CUSTOMER = Scenario("hot", "one large ledger slows all others down, or fills the memory", run, limit_s=420)

"""A producer that writes rubbish, by the million, among events: each is a dead letter, and every event is applied."""

from collections.abc import Iterator

from tests.soak.bulk import send_bulk
from tests.soak.crew import Crew
from tests.soak.effort import worked_off
from tests.soak.judge import judge
from tests.soak.letters import letters_amiss
from tests.soak.place import Place
from tests.soak.records import Message, message
from tests.soak.scenario import Found, Scenario
from tests.soak.spoilt import KINDS, LIMIT_BYTES
from tests.support.shop_log import Event, shop_log

SPOILT = 5  # for each event that is none
SMALL_BYTES = 1_000
LARGE_EVERY = 200  # of the kinds that are larger, one in so many: they are there, and do not fill the disk


def run(place: Place) -> Found:
    log = shop_log(place.scale(200_000, 8_000), place.scale(10_000, 1_000), place.seed)
    sent = list(mixed(log))
    refused = sum(one.reason is not None for one in sent)
    send_bulk(place.world, sent)
    place.world.env["EBBTIDE_MAX_EVENT_BYTES"] = str(LIMIT_BYTES)
    effort = worked_off(Crew(place.world, 1), len(sent))
    found = judge(place, sent, f"{refused:,} malformed records")
    amiss = letters_amiss(place.world, sent)
    note = f"{effort.told('records')}; {amiss} letters amiss"
    return found._replace(lost=found.lost + amiss, note=f"{note}{found.note and ', ' + found.note}")


def mixed(log: list[Event]) -> Iterator[Message]:
    """Each event after some that were spoilt, in every way there is."""
    small = [kind for kind in KINDS.values() if len(kind(log[0]).value or b"") <= SMALL_BYTES]
    large = [kind for kind in KINDS.values() if kind not in small]
    order = log[0]
    for number, event in enumerate(log):
        order = event if event["type"] == "order.placed" else order  # the kinds are of orders
        for turn in range(number * SPOILT, number * SPOILT + SPOILT):
            kinds = small if turn % LARGE_EVERY else large
            yield kinds[(turn // LARGE_EVERY if kinds is large else turn) % len(kinds)](order)
        yield message(event)


MALFORMED = Scenario("malformed", "what cannot be read stops what can, or vanishes", run, limit_s=600)

"""The kernel: one event after another through silence, memory, dedupe, facts, score, tier, drift and deadline.

Customers do not meet here: each event touches one header and its rows. So a batch gives what its events give one by one.
"""

from scoring.compiled import compiled
from scoring.drift import Told
from scoring.fold import fold, memory_starts_us
from scoring.layout import Bytes, Ints, Kind, Record, Records, Result
from scoring.ledger import apply
from scoring.look import look
from scoring.standing import let_silence_act, stand, terms_at
from scoring.terms import Limits, Terms

_TICK = int(Kind.TICK)
_TOO_OLD = int(Result.TOO_OLD)
_TICKED = int(Result.TICKED)
_DUPLICATE = int(Result.DUPLICATE)
CHANGES_AN_EVENT = (
    8  # at most: silence lowers HIGH by three steps before new terms and after, they move it, the event does
)
ALERTS_AN_EVENT = 16  # at most: three warnings and three levels in each silence; two at new terms and two at the event


@compiled
def take(h: Record, rows: Records, event: Record, old: Terms, new: Terms, limits: Limits, inputs: Record) -> int:
    """Bring one event into the ledger's facts. Returns a Result; fills `inputs` with what the model saw before it."""
    at_us = max(h.clock_us, event.at_us)
    memory_us = memory_starts_us(at_us, limits)
    if event.at_us < memory_us:
        return _TOO_OLD
    if h.oldest_us < memory_us:
        fold(h, rows, memory_us, limits)
    look(h, rows, h.clock_us, terms_at(h, h.clock_us, old, new).model, inputs)
    result = apply(h, rows, event, limits)
    h.oldest_us = min(h.oldest_us, event.at_us)
    return result


@compiled
def run_kernel(
    events: Records,
    headers: Records,
    rows: Records,
    starts: Ints,
    old: Terms,
    new: Terms,
    limits: Limits,
    scratch: Records,
    results: Bytes,
    told: Told,
) -> None:
    """Run the batch. Ledger c has header c and the room rows[starts[c]:starts[c + 1]].

    `results` has one Result an event, `told` room for CHANGES_AN_EVENT and ALERTS_AN_EVENT each, `scratch` three INPUTS.
    """
    for i in range(len(events)):
        event = events[i]
        c = int(event.customer)
        h = headers[c]
        ledger_rows = rows[starts[c] : starts[c + 1]]
        let_silence_act(h, ledger_rows, event.now_us, old, new, scratch, told)
        if event.kind == _TICK:
            results[i] = _TICKED
            continue
        result = take(h, ledger_rows, event, old, new, limits, scratch[0])
        results[i] = result
        if result != _TOO_OLD and result != _DUPLICATE:
            at_us = max(h.clock_us, event.at_us)
            stand(h, ledger_rows, at_us, i, terms_at(h, at_us, old, new), scratch, told)

"""The kernel: one event after another through silence, memory, dedupe, facts, score, tier and deadline.

Customers do not meet here: each event touches one header and its rows. So a batch gives what its events give one by one.
"""

from scoring.compiled import compiled
from scoring.fold import fold, memory_starts_us
from scoring.layout import Bytes, Ints, Kind, Limits, Model, Record, Records, Result, Rules
from scoring.ledger import apply
from scoring.standing import let_silence_act, look, stand

_TICK = int(Kind.TICK)
_TOO_OLD = int(Result.TOO_OLD)
_TICKED = int(Result.TICKED)
_DUPLICATE = int(Result.DUPLICATE)
CHANGES_AN_EVENT = 5  # at most: silence lowers HIGH by three steps, a rise or fall for the event itself, one to spare


@compiled
def take(h: Record, rows: Records, event: Record, limits: Limits, inputs: Records) -> int:
    """Bring one event into the ledger's facts. Returns a Result; fills inputs[0] with what the model saw before it."""
    at_us = max(h.clock_us, event.at_us)
    memory_us = memory_starts_us(at_us, limits)
    if event.at_us < memory_us:
        return _TOO_OLD
    if h.oldest_us < memory_us:
        fold(h, rows, memory_us, limits)
    look(h, h.clock_us, inputs[0])
    result = apply(h, rows, event, limits)
    h.oldest_us = min(h.oldest_us, event.at_us)
    return result


@compiled
def run_kernel(
    events: Records,
    headers: Records,
    rows: Records,
    starts: Ints,
    model: Model,
    rules: Rules,
    limits: Limits,
    inputs: Records,
    results: Bytes,
    changes: Records,
) -> int:
    """Run the batch. Ledger c has header c and the room rows[starts[c]:starts[c + 1]]. Returns the number of changes.

    `results` has one Result an event, `changes` room for CHANGES_AN_EVENT each, `inputs` two INPUTS of scratch.
    """
    n = 0
    for i in range(len(events)):
        event = events[i]
        c = int(event.customer)
        h = headers[c]
        n = let_silence_act(h, event.now_us, model, rules, inputs, changes, n)
        if event.kind == _TICK:
            results[i] = _TICKED
            continue
        ledger_rows = rows[starts[c] : starts[c + 1]]
        result = take(h, ledger_rows, event, limits, inputs)
        results[i] = result
        if result != _TOO_OLD and result != _DUPLICATE:
            n = stand(h, max(h.clock_us, event.at_us), i, model, rules, inputs, changes, n)
    return n

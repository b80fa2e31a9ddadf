"""Whether silence is sure to be noticed: every ledger's deadline has an entry in the due index, early or on time."""

from scoring.layout import BUCKETS
from scoring.ledgers import peek
from state.keys import LAST_EXACT_US
from state.store import Store

ENOUGH = 1_000_000  # of a bucket


async def too_late(store: Store) -> list[bytes]:
    """Customers whose entry comes after their ledger's deadline, or does not come."""
    entries_us = {due.customer_id: due.due_us for due in (await store.due(range(BUCKETS), LAST_EXACT_US, ENOUGH))[0]}
    deadlines_us = {who: int(peek(blob).due_us) async for who, blob in store.states(*range(BUCKETS))}
    return [
        who
        for who, due_us in deadlines_us.items()
        if due_us < LAST_EXACT_US and entries_us.get(who, LAST_EXACT_US) > due_us
    ]

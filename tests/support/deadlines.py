"""Whether silence is sure to be noticed: every ledger's deadline has an entry in the due index, early or on time."""

from scoring.layout import BUCKETS, NEVER_US
from scoring.ledgers import peek
from state.keys import LAST_EXACT_US
from state.store import Store

ENOUGH = 1_000_000  # of a bucket


def unnoticed(entry_us: int, due_us: int) -> bool:
    """Whether the entry comes after the deadline, or never (NEVER_US). An early one is looked at in vain, and moved."""
    return due_us < LAST_EXACT_US and entry_us > due_us  # a deadline from there on is not indexed


async def too_late(store: Store) -> list[bytes]:
    """Customers whose entry comes after their ledger's deadline, or does not come."""
    entries_us = {due.customer_id: due.due_us for due in (await store.due(range(BUCKETS), LAST_EXACT_US, ENOUGH))[0]}
    deadlines_us = {who: int(peek(blob).due_us) async for who, blob in store.states(*range(BUCKETS))}
    return [who for who, due_us in deadlines_us.items() if unnoticed(entries_us.get(who, NEVER_US), due_us)]

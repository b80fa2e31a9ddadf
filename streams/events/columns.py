"""Facts -> the columns the kernel reads, identities hashed."""

from collections.abc import Sequence

import numpy as np

from scoring.hashing import identities
from scoring.layout import EVENT, Records
from streams.events.facts import Fact


def columns(facts: Sequence[Fact]) -> Records:
    """One EVENT a fact; `customer` and `now_us` are left 0 for whoever knows them."""
    out = np.zeros(len(facts), EVENT)
    if not facts:
        return out
    _, _, kinds, marks, groups, subs, at_us, amounts, costs, _, discounts = zip(*facts, strict=True)
    named = [i for i, sub in enumerate(subs) if sub.__class__ is bytes]
    hashes = identities([*groups, *(subs[i] for i in named)])
    out["group"] = hashes[: len(facts)]
    out["sub"] = [0 if sub.__class__ is bytes else sub for sub in subs] if named else subs
    out["sub"][named] = hashes[len(facts) :]
    out["at_us"] = at_us
    out["amount"] = amounts
    out["cost"] = costs
    out["discount"] = discounts
    out["kind"] = kinds
    out["marks"] = marks
    return out

"""What the topics of tier changes and drift alerts say."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from tests.soak.records import read_all
from tests.support.ids import number_of
from tests.support.world import World


class Told(NamedTuple):
    """What a topic of ours says: distinct ids, and how many ids have more than one content."""

    ids: int
    doubled: int
    holes: int  # numbers of a customer that are missing in 1, 2, 3 ...
    late: int  # customers of whom a number was told for the first time after a larger one
    contents: frozenset[tuple[str, str]]  # id, and all that was said under it but the wall clock
    stands: Mapping[str, str | None]  # customer -> the tier told last
    last: Mapping[str, int]  # customer -> the largest number told


def told(world: World, topic: str, spoilt: Collection[str] = ()) -> Told:
    """Everything on tier-changes or drift-alerts, repeats once."""
    return as_told((json.loads(record.value or b"") for record in read_all(world, [topic])), spoilt)


def as_told(messages: Iterable[dict[str, Any]], spoilt: Collection[str] = ()) -> Told:
    """The same of messages; the numbers of `spoilt` customers may have holes."""
    contents: dict[tuple[str, str], None] = {}  # in the order in which they were first told
    stands: dict[str, str | None] = {}
    for message in messages:
        said = {name: value for name, value in message.items() if name != "emitted_at"}
        one = said["id"], json.dumps(said, sort_keys=True)
        if one not in contents:
            contents[one] = None
            stands[said.get("customer_id", "")] = said.get("to", {}).get("tier")
    ids = Counter(id_ for id_, _ in contents)
    numbers: dict[str, list[int]] = defaultdict(list)
    for id_ in ids:
        if (number := number_of(id_)) is not None:
            numbers[id_.rpartition(":")[0]].append(number)
    whole = {line: seen for line, seen in numbers.items() if line.removesuffix(":drift") not in spoilt}
    holes = sum(max(seen) - len(seen) for seen in whole.values())
    late = sum(seen != sorted(seen) for seen in numbers.values())
    last = {line.removesuffix(":drift"): max(seen) for line, seen in numbers.items()}
    return Told(len(ids), sum(count > 1 for count in ids.values()), holes, late, frozenset(contents), stands, last)

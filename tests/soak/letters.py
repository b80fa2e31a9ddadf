"""Dead letters, looked at one by one: each refused record has one that says the expected reason and holds its bytes."""

from collections import Counter
from collections.abc import Sequence

from tests.soak.records import EXPECTED, Lies, Message, read_all
from tests.support.world import World

BEGINNING = 1_000  # bytes; the rest of a letter that was too large for its topic is cut off


def letters_amiss(world: World, sent: Sequence[Message]) -> int:
    """Refused records without such a letter, and letters that say another reason than was expected of their record."""
    places = {place_of(letter): letter for letter in read_all(world, ["dead-letters"])}
    told = Counter((*value_of(letter), letter.headers["reason"] or b"") for letter in places.values())
    refused = [one for one in sent if one.reason is not None]
    wanted = Counter((*begins(one.value), str(one.reason).encode()) for one in refused)
    wrong = sum(letter.headers["reason"] != letter.headers["original." + EXPECTED] for letter in places.values())
    return (wanted - told).total() + wrong


def place_of(letter: Lies) -> tuple[bytes | None, ...]:
    """Where the record lay: the same in each telling of it."""
    return tuple(letter.headers[name] for name in ("topic", "partition", "offset"))


def value_of(letter: Lies) -> tuple[bytes | None, int]:
    """How the record's value begins, and how long it was."""
    beginning, length = begins(letter.value)
    return beginning, int(letter.headers.get("shortened-from") or length)


def begins(value: bytes | None) -> tuple[bytes | None, int]:
    """How it begins, and how long it is."""
    return value and value[:BEGINNING], len(value or b"")

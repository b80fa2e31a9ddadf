"""The fields of one plain JSON object: where the value of each known one lies."""

from scoring.compiled import compiled
from scoring.hashing import flat
from scoring.layout import Bytes, Ints
from streams.events.plain.tokens import ABSENT, NULL, STRING, after_blanks, string_end, value_at, which

WORDS = (
    b"type",
    b"id",
    b"customer_id",
    b"occurred_at",
    b"order_id",
    b"amount",
    b"cost",
    b"refund_id",
    b"currency",
    b"discount",
    b"revision",
    b"channel",
    b"place",
    b"promotion",
    b"lines",
)
(
    TYPE,
    ID,
    CUSTOMER_ID,
    OCCURRED_AT,
    ORDER_ID,
    AMOUNT,
    COST,
    REFUND_ID,
    CURRENCY,
    DISCOUNT,
    REVISION,
    CHANNEL,
    PLACE,
    PROMOTION,
    LINES,
) = range(len(WORDS))
FIELDS = len(WORDS)
_WORDS, _ENDS = flat(WORDS)  # compiled code holds them as they are now: constants
_LONGEST_ID = 128
_QUOTE, _COMMA, _COLON, _OPENS, _CLOSES = 34, 44, 58, 123, 125


@compiled
def find_fields(data: Bytes, start: int, end: int, found: Ints) -> bool:
    """Fill found[field] with kind, start and end of each known field's value; False: no plain object of single fields."""
    found[:] = ABSENT
    at = after_blanks(data, start, end)
    if at >= end or data[at] != _OPENS:
        return False
    while True:
        at = after_blanks(data, at + 1, end)
        if at >= end or data[at] != _QUOTE:
            return False
        name_end = string_end(data, at + 1, end)
        if name_end < 0:
            return False
        field = which(data, at + 1, name_end, _WORDS, _ENDS)
        at = after_blanks(data, name_end + 1, end)
        if at >= end or data[at] != _COLON:
            return False
        kind, first, last, at = value_at(data, after_blanks(data, at + 1, end), end)
        if at < 0:
            return False
        if field >= 0:
            if found[field, 0] != ABSENT:
                return False
            found[field, 0], found[field, 1], found[field, 2] = kind, first, last
        at = after_blanks(data, at, end)
        if at >= end:
            return False
        if data[at] == _CLOSES:
            return after_blanks(data, at + 1, end) == end
        if data[at] != _COMMA:
            return False


@compiled
def is_id(found: Ints, field: int) -> bool:
    """Whether a field can be an identity: a text of 1 to 128 printable characters."""
    length = int(found[field, 2] - found[field, 1])
    return int(found[field, 0]) == STRING and 0 < length <= _LONGEST_ID


@compiled
def is_nothing(found: Ints, field: int) -> bool:
    """Whether an optional field is left out: absent, or null."""
    return int(found[field, 0]) == ABSENT or int(found[field, 0]) == NULL

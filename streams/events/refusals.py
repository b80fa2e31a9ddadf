"""Why a record is not an event: the reason that its dead letter carries."""

from enum import StrEnum
from typing import NamedTuple

from streams.errors import StreamsError


class Reason(StrEnum):
    """In order of precedence: of several things wrong with a record, the first of these is named."""

    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"  # also a tombstone, invalid UTF-8, and nesting too deep to read
    SCHEMA = "schema"  # no object, a field missing, of a wrong type or out of range, headers that contradict the value
    TYPE = "type"  # told before a wrong field: the fields of an unknown type are unknown
    IDENTITY = "identity"
    TIME = "time"
    FUTURE = "future"
    CURRENCY = "currency"
    MONEY = "money"
    LEDGER = "ledger"  # nothing is wrong with the record: what is stored of its customer cannot be read


class Refusal(NamedTuple):
    """What decode gives for a record that is not an event."""

    reason: Reason
    message: str


class RefusedError(StreamsError):
    """Raised inside decode at the first thing wrong; decode turns it into a Refusal."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


def said(problem: Exception) -> str:
    """What a library says of a value, without most of the value where it quotes one: a message is a header of the dead letter."""
    text = str(problem)
    return text if len(text) <= 300 else f"{text[:200]} ... {text[-80:]}"


def shown(value: object) -> str:
    """A value as a message quotes it: escaped, and short whatever came."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

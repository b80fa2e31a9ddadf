"""JSON's tokens where they are plain: strings of printable ASCII without escapes, numbers without sign and exponent.

What is not plain is not wrong: it is for a reader that knows all of JSON. `at` is an index into the bytes, `end` where they
end; NOT_PLAIN is returned for whatever is left to that reader.
"""

from scoring.compiled import compiled
from scoring.hashing import same
from scoring.layout import Bytes, Ints

NOT_PLAIN = -1
ABSENT, STRING, NUMBER, NULL, OTHER = range(5)  # what a value is
LONGEST_NUMBER = 30  # digits and point: of what is longer, JSON readers differ

_QUOTE, _BACKSLASH = 34, 92
_ZERO, _NINE, _POINT = 48, 57, 46
_FIRST_PRINTABLE, _LAST_PRINTABLE = 32, 126


@compiled
def after_blanks(data: Bytes, at: int, end: int) -> int:
    """The first place from `at` on that is no blank."""
    while at < end and (data[at] == 32 or data[at] == 10 or data[at] == 13 or data[at] == 9):
        at += 1
    return at


@compiled
def string_end(data: Bytes, at: int, end: int) -> int:
    """Where the closing quote lies of the string that begins at `at`, after its opening quote."""
    while at < end:
        c = data[at]
        if c == _QUOTE:
            return at
        if c < _FIRST_PRINTABLE or c > _LAST_PRINTABLE or c == _BACKSLASH:
            return NOT_PLAIN
        at += 1
    return NOT_PLAIN


@compiled
def digits_end(data: Bytes, at: int, end: int) -> int:
    """The first place from `at` on that is no digit."""
    while at < end and _ZERO <= data[at] <= _NINE:
        at += 1
    return at


@compiled
def number_end(data: Bytes, at: int, end: int) -> int:
    """The first place after the number that begins at `at`."""
    whole = digits_end(data, at, end)
    if whole == at or (data[at] == _ZERO and whole > at + 1):
        return NOT_PLAIN
    stop = whole
    if whole < end and data[whole] == _POINT:
        stop = digits_end(data, whole + 1, end)
        if stop == whole + 1:
            return NOT_PLAIN
    if stop - at > LONGEST_NUMBER or (stop < end and (data[stop] == 101 or data[stop] == 69)):  # an exponent
        return NOT_PLAIN
    return stop


@compiled
def which(data: Bytes, start: int, end: int, words: Bytes, ends: Ints) -> int:
    """Which of the words (one buffer, and where each ends) data[start:end] is; -1: none."""
    first = 0
    for i in range(len(ends)):
        last = ends[i]
        # most differ in length or at their end: nothing else is worth looking at
        if (
            end - start == last - first
            and data[end - 1] == words[last - 1]
            and same(data, start, end, words, first, last)
        ):
            return i
        first = last
    return -1


@compiled
def _word_end(data: Bytes, at: int, end: int, word: bytes) -> int:
    if end - at < len(word):
        return NOT_PLAIN
    for i in range(len(word)):
        if data[at + i] != word[i]:
            return NOT_PLAIN
    return at + len(word)


@compiled
def value_at(data: Bytes, at: int, end: int) -> tuple[int, int, int, int]:
    """What value begins at `at`, where its text starts and ends (a string's without quotes), and the first place after it."""
    if at >= end:
        return ABSENT, at, at, NOT_PLAIN
    if data[at] == _QUOTE:
        stop = string_end(data, at + 1, end)
        return STRING, at + 1, stop, stop + 1 if stop >= 0 else NOT_PLAIN
    if _ZERO <= data[at] <= _NINE:
        stop = number_end(data, at, end)
        return NUMBER, at, stop, stop
    stop = _word_end(data, at, end, b"null")
    if stop >= 0:
        return NULL, at, stop, stop
    stop = max(_word_end(data, at, end, b"true"), _word_end(data, at, end, b"false"))
    return OTHER, at, stop, stop

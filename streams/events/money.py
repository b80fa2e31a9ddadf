"""Money as senders write it -> exact integer minor units. No float is involved: JSON numbers arrive as int or Decimal.

A text is plain digits with at most one point between digits: no sign, exponent, blank or separator. What counts
is the value: "45.900" is 45.90 and fits a currency of two decimals, "45.901" does not.
"""

from decimal import Decimal, InvalidOperation

from streams.events.refusals import Reason, RefusedError, shown

MAX_MINOR = 10**12
_MAX_CHARACTERS = 40  # far above what 10^12 minor units need, far below what makes conversions slow


def exact(literal: str) -> Decimal:
    """A JSON number with a point or an exponent, as it was written; NaN where it is too long to be money."""
    try:
        return Decimal(literal if len(literal) <= _MAX_CHARACTERS else "NaN")
    except InvalidOperation:  # an exponent beyond what even Decimal holds
        return Decimal("NaN")


def minor_units(value: str | int | Decimal, decimals: int, least: int = 0) -> int:
    """Exact minor units of an amount in major units, least to MAX_MINOR."""
    if isinstance(value, str):
        whole, _, fraction = value.partition(".")
        digits = whole + fraction
        if len(fraction) == decimals > 0 and whole and len(digits) < 16 and digits.isdigit() and digits.isascii():
            minor = int(digits)  # "45.90", as most are written: the rest of the rules cannot matter
        else:
            minor = _from_text(value, decimals)
    elif isinstance(value, int):
        minor = value * 10**decimals
    else:
        minor = _from_decimal(value, decimals)
    if least <= minor <= MAX_MINOR:
        return minor
    raise RefusedError(Reason.MONEY, f"{shown(value)} is not between {least} and 10^12 minor units")


def half_even(numerator: int, denominator: int) -> int:
    """numerator / denominator (positive) to the nearest integer, halves to the even one."""
    whole, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return whole + (twice > denominator or (twice == denominator and whole & 1))


def _from_text(text: str, decimals: int) -> int:
    whole, point, fraction = text.partition(".")
    digits = whole + fraction
    plain = digits.isascii() and digits.isdigit() and whole and (fraction or not point)
    if not plain or len(text) > _MAX_CHARACTERS:
        raise RefusedError(Reason.MONEY, f"{shown(text)} is not an amount: plain digits, a point, digits")
    if len(fraction) != decimals:
        kept = fraction.rstrip("0")
        if len(kept) > decimals:
            raise RefusedError(Reason.MONEY, f"{shown(text)} has more than {decimals} decimals")
        digits = whole + kept.ljust(decimals, "0")
    return int(digits)


def _from_decimal(value: Decimal, decimals: int) -> int:
    if not value:
        return 0
    if not value.is_finite() or value.adjusted() > 15:  # before any arithmetic: 1e999999999 would fill the memory
        raise RefusedError(Reason.MONEY, f"{value} is not an amount, or above 10^12 minor units")
    if value.adjusted() >= -decimals:  # likewise 1e-999999999
        numerator, denominator = value.as_integer_ratio()
        minor, rest = divmod(numerator * int(10**decimals), denominator)
        if not rest:
            return minor
    raise RefusedError(Reason.MONEY, f"{value} has more than {decimals} decimals")

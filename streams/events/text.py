"""How times, money and tiers are written wherever they leave Ebbtide."""

from datetime import UTC, datetime, timedelta

from scoring.layout import NEVER_US, Tier

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_US = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


def time_text(at_us: int) -> str:
    """RFC 3339 in UTC; a fraction only where there is one."""
    moment = _EPOCH + timedelta(microseconds=at_us)
    return moment.isoformat(timespec="auto").removesuffix("+00:00") + "Z"


def deadline_text(at_us: int) -> str | None:
    """As a time; None where it never comes."""
    return time_text(at_us) if at_us < min(NEVER_US, _LAST_US) else None


def money_text(minor: int, decimals: int) -> str:
    """Minor units in major ones, with all of the currency's decimals."""
    if decimals == 0:
        return str(minor)
    whole, rest = divmod(abs(minor), 10**decimals)
    return f"{'-' if minor < 0 else ''}{whole}.{rest:0{decimals}}"


def tier_text(tier: int) -> str | None:
    """The tier's name; None before the first order that counts."""
    return None if tier == Tier.NONE else Tier(tier).name.lower()

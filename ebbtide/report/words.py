"""Numbers, money and days as a page says them."""

from datetime import UTC, datetime

from streams.events.currency import decimals_of


def major(minor: float, currency: str) -> float:
    """Minor units in major ones."""
    return float(minor / 10 ** decimals_of(currency))


def money(minor: float, currency: str) -> str:
    """12,345 where it is large, 123.45 where it is small, without the currency's code."""
    amount = major(minor, currency)
    return f"{amount:,.0f}" if abs(amount) >= 1000 else f"{amount:,.{decimals_of(currency)}f}"


def day(at_us: int) -> str:
    """2011-12-09"""
    return datetime.fromtimestamp(at_us / 1_000_000, UTC).strftime("%Y-%m-%d")


def share(part: float, whole: float) -> str:
    """12.3%; nothing of nothing is a dash."""
    return f"{part / whole:.1%}" if whole else "-"

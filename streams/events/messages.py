"""Changes of tier -> messages: CloudEvents in binary mode, whose JSON value is complete by itself. Alerts: alerts.py."""

from collections.abc import Sequence
from math import ceil, inf
from typing import Any

from msgspec import json

from scoring.layout import NEVER_US, Kind
from scoring.layout import Cause as NoEvent
from streams.config import Scoring, Version
from streams.events.batch import Caused
from streams.events.currency import decimals_of
from streams.events.out import Cause, DriftAlert, Input, Keep, Moved, Standing, TierChanged, TierName
from streams.events.text import money_text, time_text

SOURCE = b"ebbtide"
TIERS: tuple[TierName | None, ...] = (None, "loss", "low", "middle", "high")  # by Tier
INPUTS: tuple[Input, ...] = ("frequency", "recency", "age", "profit")  # by share, of which the model has one more
CAUSES: dict[int, Cause] = {
    Kind.PLACED: "order",
    Kind.CANCELLED: "cancellation",
    Kind.REFUND: "refund",
    Kind.CREDIT: "refund",
    Kind.CONTACT: "interaction",
    Kind.INTERACTION: "interaction",
    Kind.CORRECTION: "correction",
}
OWN_CAUSES: dict[int, Cause] = {
    NoEvent.SILENCE: "silence",
    NoEvent.BOUNDARY: "boundary",
    NoEvent.MODEL: "model",
}
_encode = json.Encoder().encode


def tier_changed(
    change: tuple[Any, ...],
    customer_id: bytes,
    caused: Caused | None,
    version: Version,
    scoring: Scoring,
    emitted_at: str,
) -> TierChanged:
    """One CHANGE, as `tolist` gives it; nothing caused: it was no event. `version`: in force at it."""
    (
        _,
        event,
        _,
        at_us,
        sequence,
        from_tier,
        to_tier,
        from_value,
        to_value,
        from_p,
        to_p,
        before,
        after,
        shares,
        amount,
        by_us,
    ) = change
    decimals = decimals_of(scoring.currency)
    customer = customer_id.decode()
    was, now = round(from_value), round(to_value)
    return TierChanged(
        id=f"{customer}:{sequence}",
        customer_id=customer,
        occurred_at=time_text(at_us),
        emitted_at=emitted_at,
        cause=cause_of(event, caused),
        cause_id=cause_id_of(event, caused, version),
        from_=Standing(TIERS[from_tier], money_text(was, decimals), from_p),
        to=Standing(TIERS[to_tier], money_text(now, decimals), to_p),
        currency=scoring.currency,
        why=_why(before, after, was, _whole(shares, now - was), decimals),
        model=version.model,
        boundaries=version.boundaries,
        keep=keep_of(amount, by_us, decimals),
        muted=scoring.muted,
    )


def cause_of(event: int, caused: Caused | None) -> Cause:
    """Why something happened: this event, or what the kernel's number for none means."""
    return CAUSES[caused.kind] if caused else OWN_CAUSES[event]


def cause_id_of(event: int, caused: Caused | None, version: Version) -> str | None:
    """The id of the event, or of the record that brought new terms; silence has none."""
    if caused:
        return caused.id
    return None if event == NoEvent.SILENCE else version.id


def message(told: TierChanged | DriftAlert) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Value and headers of its record."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", told.id.encode()),
        ("ce_source", SOURCE),
        ("ce_type", str(told.__struct_config__.tag).encode()),
        ("ce_time", told.occurred_at.encode()),
        ("content-type", b"application/json"),
    ]
    return _encode(told), headers


def _whole(shares: Sequence[float], total: int) -> list[int]:
    """Shares in whole minor units that still sum to the change: the largest takes what rounding left."""
    whole = [round(share) for share in shares]
    largest = max(range(len(whole)), key=lambda i: abs(shares[i]))
    whole[largest] += total - sum(whole)
    return whole


def _why(
    before: Sequence[float], after: Sequence[float], was: int, shares: Sequence[int], decimals: int
) -> list[Moved]:
    """The inputs that moved: x, t_x and T in days, and the profit an order (index 4 of INPUTS) in major units."""
    unit = 10.0**decimals
    scales = (1.0, 1.0, 1.0, unit)
    *moved, by_model = shares
    model = [Moved("model", was / unit, (was + by_model) / unit, money_text(by_model, decimals))] if by_model else []
    return model + [
        Moved(name, round(before[i] / scale, 6), round(after[i] / scale, 6), money_text(share, decimals))
        for name, i, scale, share in zip(INPUTS, (0, 1, 2, 4), scales, moved, strict=True)
        if before[i] != after[i] or share
    ]


def keep_of(amount: float, by_us: int, decimals: int) -> Keep | None:
    """The order that keeps a tier; None where nothing threatens it, or no order helps."""
    if by_us == NEVER_US or amount == inf:  # without a margin no order helps; of amount 0, any does
        return None
    return Keep(money_text(ceil(amount), decimals), time_text(by_us))

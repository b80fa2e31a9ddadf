"""Changes of tier -> messages: CloudEvents in binary mode, whose JSON value is complete by itself. Alerts: alerts.py.

A batch tells hundreds; so what they are made of is made by the column.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias, get_args

import numpy as np
from msgspec import json

from scoring.layout import NEVER_US, Floats, Ints, Kind, Records
from scoring.layout import Cause as NoEvent
from streams.config import Scoring, Version
from streams.events.currency import decimals_of
from streams.events.out import Cause, DriftAlert, Input, Keep, Moved, Standing, TierChanged, TierName
from streams.events.text_columns import money_texts, time_texts

TIERS: tuple[TierName | None, ...] = (None, "loss", "low", "middle", "high")  # by Tier
INPUTS: tuple[Input, ...] = ("model", "frequency", "recency", "age", "profit")
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
Header: TypeAlias = tuple[str, bytes]
_SPEC: Header = ("ce_specversion", b"1.0")
_SOURCE: Header = ("ce_source", b"ebbtide")
_JSON: Header = ("content-type", b"application/json")
_TYPES: dict[type, Header] = {
    told: ("ce_type", str(told.__struct_config__.tag).encode()) for told in (TierChanged, *get_args(DriftAlert))
}
_encode = json.Encoder().encode


class Because(NamedTuple):
    """Why something happened, and what was in force."""

    cause: Cause
    cause_id: str | None
    version: Version


def tier_changes(
    changes: Records, customers: Sequence[str], because: Sequence[Because], scoring: Scoring, emitted_at: str
) -> list[TierChanged]:
    """A message for each CHANGE."""
    decimals = decimals_of(scoring.currency)
    was, now = whole(changes["from_value"]), whole(changes["to_value"])
    columns = zip(
        customers,
        changes["sequence"].tolist(),
        time_texts(changes["at_us"]),
        because,
        _standings(changes["from_tier"], was, changes["from_p"], decimals),
        _standings(changes["to_tier"], now, changes["to_p"], decimals),
        _why(changes, was, now, decimals),
        keeps(changes["keep_amount"], changes["keep_by_us"], decimals),
        strict=True,
    )
    return [
        TierChanged(
            id=f"{customer}:{sequence}",
            customer_id=customer,
            occurred_at=occurred_at,
            emitted_at=emitted_at,
            cause=cause,
            cause_id=cause_id,
            from_=stood,
            to=stands,
            currency=scoring.currency,
            why=why,
            model=version.model,
            boundaries=version.boundaries,
            keep=keep,
            muted=scoring.muted,
        )
        for customer, sequence, occurred_at, (cause, cause_id, version), stood, stands, why, keep in columns
    ]


def message(told: TierChanged | DriftAlert) -> tuple[bytes, list[Header]]:
    """Value and headers of its record."""
    return _encode(told), [
        _SPEC,
        ("ce_id", told.id.encode()),
        _SOURCE,
        _TYPES[type(told)],
        ("ce_time", told.occurred_at.encode()),
        _JSON,
    ]


def whole(minor: Floats) -> Ints:
    """Rounded to minor units, halves to even."""
    return np.rint(minor).astype(np.int64)


def keeps(amounts: Floats, by_us: Ints, decimals: int) -> list[Keep | None]:
    """The orders that keep a tier; None where nothing threatens it, or no order helps."""
    found: list[Keep | None] = [None] * len(amounts)
    helps = np.flatnonzero((by_us != NEVER_US) & np.isfinite(amounts))  # of amount 0, any order does
    texts = zip(money_texts(whole(np.ceil(amounts[helps])), decimals), time_texts(by_us[helps]), strict=True)
    for i, (amount, by) in zip(helps.tolist(), texts, strict=True):
        found[i] = Keep(amount, by)
    return found


def _standings(tiers: Ints, values: Ints, p_alive: Floats, decimals: int) -> list[Standing]:
    columns = zip(tiers.tolist(), money_texts(values, decimals), p_alive.tolist(), strict=True)
    return [Standing(TIERS[tier], value, p) for tier, value, p in columns]


def _why(changes: Records, was: Ints, now: Ints, decimals: int) -> list[list[Moved]]:
    """The inputs that moved: x, t_x and T in days; the profit an order, and what the models make of it, in major units."""
    unit = 10.0**decimals
    shares = _shares(changes["shares"], now - was)
    before, after = (
        np.stack([by_model / unit, side["x"], side["t_x"], side["t"], side["profit"] / unit], axis=1)
        for by_model, side in ((was, changes["before"]), (was + shares[:, 0], changes["after"]))
    )
    moved = (shares != 0) | (before != after)
    columns = zip(
        np.nonzero(moved)[1].tolist(),
        before[moved].round(6).tolist(),
        after[moved].round(6).tolist(),
        money_texts(shares[moved], decimals),
        strict=True,
    )
    told = [Moved(INPUTS[i], was_, is_, share) for i, was_, is_, share in columns]
    ends = np.cumsum(moved.sum(1)).tolist()
    return [told[start:end] for start, end in pairwise([0, *ends])]


def _shares(exact: Floats, total: Ints) -> Ints:
    """By input, shares in whole minor units that still sum to the change: the largest takes what rounding left."""
    shares = whole(exact)
    largest = np.abs(exact).argmax(1)
    shares[np.arange(len(shares)), largest] += total - shares.sum(1)
    return np.roll(shares, 1, axis=1)  # the kernel has the model's share last

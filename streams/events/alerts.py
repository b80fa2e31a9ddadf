"""Drift alerts -> messages; drift-alerts is their topic."""

from collections.abc import Iterator, Sequence
from typing import Any

from scoring.layout import Alert, Records
from streams.config import Scoring
from streams.events.currency import decimals_of
from streams.events.messages import TIERS, Because, keeps, whole
from streams.events.out import DriftAlert, DriftCleared, DriftRaised, DriftWarned, Keep, LevelName
from streams.events.text_columns import money_texts, time_texts

LEVELS: tuple[LevelName | None, ...] = (None, "watch", "drifting", "lost")  # by Level
KINDS = {Alert.WARNED: "warned", Alert.RAISED: "raised", Alert.CLEARED: "cleared"}


def drift_alerts(
    alerts: Records, customers: Sequence[str], because: Sequence[Because], scoring: Scoring, emitted_at: str
) -> list[DriftAlert]:
    """A message for each ALERT."""
    decimals = decimals_of(scoring.currency)
    columns = zip(
        customers,
        alerts["sequence"].tolist(),
        time_texts(alerts["at_us"]),
        because,
        alerts["level"].tolist(),
        alerts["tier"].tolist(),
        alerts["p_alive"].tolist(),
        alerts["tail"].tolist(),
        alerts["silent_days"].round(6).tolist(),
        alerts["usual_gap_days"].round(6).tolist(),
        alerts["chance_to_buy"].tolist(),
        money_texts(whole(alerts["value"]), decimals),
        money_texts(whole(alerts["at_risk"]), decimals),
        strict=True,
    )
    said = (
        {
            "id": alert_id(customer, sequence),
            "customer_id": customer,
            "occurred_at": occurred_at,
            "emitted_at": emitted_at,
            "cause": cause,
            "cause_id": cause_id,
            "level": LEVELS[level],
            "tier": TIERS[tier],
            "p_alive": p_alive,
            "silence_chance": tail,
            "silent_days": silent_days,
            "usual_gap_days": usual_gap_days or None,
            "chance_to_buy": chance if chance >= 0.0 else None,
            "value": value,
            "value_at_risk": at_risk,
            "currency": scoring.currency,
            "model": version.model,
            "boundaries": version.boundaries,
            "muted": scoring.muted,
        }
        for (
            customer,
            sequence,
            occurred_at,
            (cause, cause_id, version),
            level,
            tier,
            p_alive,
            tail,
            silent_days,
            usual_gap_days,
            chance,
            value,
            at_risk,
        ) in columns
    )
    warnings = alerts[alerts["alert"] == Alert.WARNED]
    falls = zip(
        time_texts(warnings["falls_us"]), keeps(warnings["keep_amount"], warnings["falls_us"], decimals), strict=True
    )
    return [_alert(kind, one, falls) for kind, one in zip(alerts["alert"].tolist(), said, strict=True)]


def _alert(kind: int, said: dict[str, Any], falls: Iterator[tuple[str, Keep | None]]) -> DriftAlert:
    """`falls`: of the warnings that are still to come, when the tier falls and what keeps it."""
    if kind == Alert.WARNED:
        falls_at, keep = next(falls)
        return DriftWarned(**said, falls_at=falls_at, keep=keep)
    return DriftRaised(**said) if kind == Alert.RAISED else DriftCleared(**said)


def alert_id(customer_id: str, sequence: int) -> str:
    """The same at every replay and re-delivery."""
    return f"{customer_id}:drift:{sequence}"


def level_text(level: int) -> LevelName | None:
    """The level's name; None where there is no drift."""
    return LEVELS[level]

"""Drift alerts -> messages; drift-alerts is their topic."""

from typing import Any

from scoring.layout import Alert
from streams.config import Scoring, Version
from streams.events.batch import Caused
from streams.events.currency import decimals_of
from streams.events.messages import TIERS, cause_id_of, cause_of, keep_of
from streams.events.out import DriftAlert, DriftCleared, DriftRaised, DriftWarned, LevelName
from streams.events.text import money_text, time_text

LEVELS: tuple[LevelName | None, ...] = (None, "watch", "drifting", "lost")  # by Level
KINDS = {Alert.WARNED: "warned", Alert.RAISED: "raised", Alert.CLEARED: "cleared"}


def drift_alert(
    alert: tuple[Any, ...],
    customer_id: bytes,
    caused: Caused | None,
    version: Version,
    scoring: Scoring,
    emitted_at: str,
) -> DriftAlert:
    """One ALERT, as `tolist` gives it; nothing caused: it was no event."""
    (
        _,
        event,
        _,
        at_us,
        sequence,
        kind,
        level,
        tier,
        value,
        p_alive,
        tail,
        at_risk,
        silent_days,
        usual_gap_days,
        chance,
        falls_us,
        amount,
    ) = alert
    decimals = decimals_of(scoring.currency)
    customer = customer_id.decode()
    said: dict[str, Any] = {
        "id": alert_id(customer, sequence),
        "customer_id": customer,
        "occurred_at": time_text(at_us),
        "emitted_at": emitted_at,
        "cause": cause_of(event, caused),
        "cause_id": cause_id_of(event, caused, version),
        "level": LEVELS[level],
        "tier": TIERS[tier],
        "p_alive": p_alive,
        "silence_chance": tail,
        "silent_days": round(silent_days, 6),
        "usual_gap_days": round(usual_gap_days, 6) if usual_gap_days else None,
        "chance_to_buy": chance if chance >= 0.0 else None,
        "value": money_text(round(value), decimals),
        "value_at_risk": money_text(round(at_risk), decimals),
        "currency": scoring.currency,
        "model": version.model,
        "boundaries": version.boundaries,
        "muted": scoring.muted,
    }
    if kind == Alert.WARNED:
        return DriftWarned(**said, falls_at=time_text(falls_us), keep=keep_of(amount, falls_us, decimals))
    return DriftRaised(**said) if kind == Alert.RAISED else DriftCleared(**said)


def alert_id(customer_id: str, sequence: int) -> str:
    """The same at every replay and re-delivery."""
    return f"{customer_id}:drift:{sequence}"


def level_text(level: int) -> LevelName | None:
    """The level's name; None where there is no drift."""
    return LEVELS[level]

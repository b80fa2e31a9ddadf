"""The one place where settings become what the rooms ask for."""

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ebbtide.errors import WrongUsage
from ebbtide.settings import Settings
from ebbtide.tiers_file import Tiers, read_tiers
from scoring.defaults import DEFAULT_MODEL
from scoring.layout import DAY_US, Cause
from scoring.terms import Limits, Terms
from streams.config import Scoring, StreamsConfig, Topics, Version
from streams.events.currency import DECIMALS, Rates, read_rates
from streams.events.facts import DecodeRules

if TYPE_CHECKING:
    from state.redis_store import RedisStore


def topics_of(settings: Settings) -> Topics:
    """Names and partitions of topics."""
    return Topics(settings.topic_prefix, settings.partitions)


def streams_config(settings: Settings) -> StreamsConfig:
    """Addresses and limits of a worker."""
    metrics = None
    if settings.metrics is not None:
        host, _, port = settings.metrics.rpartition(":")
        metrics = (host, int(port))
    return StreamsConfig(
        kafka=settings.need_kafka(),
        namespace=settings.namespace,
        topics=topics_of(settings),
        clock=settings.clock,
        stall_after_s=settings.stall_after_s,
        sweep_per_s=settings.sweep_per_s,
        refit_days=settings.refit_days,
        metrics=metrics,
    )


def embedded_config(settings: Settings) -> StreamsConfig:
    """The same on the embedded broker, which lets a first member wait for half its session timeout and takes short ones."""
    return replace(streams_config(settings), session_timeout_s=2.0)


def decode_rules(settings: Settings) -> DecodeRules:
    """What the settings say about events."""
    _decimals(settings)
    return DecodeRules(
        currency=settings.currency,
        naive_zone=ZoneInfo(settings.naive_timezone) if settings.naive_timezone else None,
        default_margin=settings.default_margin,
        rates=read_rates(settings.rates, settings.currency) if settings.rates else Rates(),
        max_event_bytes=settings.max_event_bytes,
    )


def scoring_of(settings: Settings, *, muted: bool = False) -> Scoring:
    """Model, boundaries and the ledger's limits, with their versions."""
    tiers = tiers_of(settings)
    terms = Terms(1, 0, int(Cause.BOUNDARY), DEFAULT_MODEL, tiers.rules, tiers.drift)
    return Scoring(
        first=Version(terms, boundaries=tiers.version),
        limits=Limits(settings.fold_after_days * DAY_US, settings.count_free_orders),
        currency=settings.currency,
        policy=tiers.policy,
        muted=muted,
        drift_budget=settings.drift_budget,
    )


def tiers_of(settings: Settings) -> Tiers:
    """What tiers.toml says."""
    return read_tiers(settings.tiers, _decimals(settings))


async def connect_store(settings: Settings) -> "RedisStore":
    """The state, on the Redis of the settings."""
    from state.redis_store import RedisStore  # a quarter of a second, and not every command has a state

    return await RedisStore.connect(settings.need_redis(), settings.namespace)


def _decimals(settings: Settings) -> int:
    if settings.currency not in DECIMALS:
        raise WrongUsage(f"EBBTIDE_CURRENCY={settings.currency}: is no currency of ISO 4217")
    return DECIMALS[settings.currency]

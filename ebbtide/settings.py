"""The settings: `EBBTIDE_*` environment variables, or the same names in a .env file of the working directory."""

import difflib
import os
import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict

from ebbtide.errors import WrongUsage

PREFIX = "EBBTIDE_"
ELSEWHERE = frozenset({"EBBTIDE_REQUIRE_KAFKA", "EBBTIDE_API"})  # the tests' own; the coming API's


def _power_of_two(number: int) -> int:
    if number & (number - 1):
        raise ValueError("must be a power of two from 1 to 256")
    return number


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("is no timezone; one is Europe/London") from error
    return name


def _redis_url(url: SecretStr) -> SecretStr:
    parts = urlsplit(url.get_secret_value())
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("must begin with redis://, rediss:// or unix://")
    return url


def _currency(code: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise ValueError("must be an ISO 4217 code such as USD")
    return code


def _readable(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("is no file")
    return path


def _host_port(address: str) -> str:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("must be host:port, such as 127.0.0.1:9100")
    return address


def _servers(listed: str) -> str:
    """Without blanks around the commas."""
    servers = [server.strip() for server in listed.split(",")]
    if not all(re.fullmatch(r"(\[[^\[\]\s]+\]|[^\[\]\s:/@]+):\d{1,5}", server) for server in servers):
        raise ValueError("must be host:port, several separated by commas, such as kafka-1:9092,kafka-2:9092")
    return ",".join(servers)


NAME = r"^[A-Za-z0-9._-]{1,100}$"
MAYBE_NAME = r"^[A-Za-z0-9._-]{0,100}$"
File = Annotated[Path, AfterValidator(_readable)]


class Settings(BaseSettings):
    """Every setting, each with what it means; the key is the name in capitals after EBBTIDE_."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", frozen=True, extra="ignore", validate_default=True
    )

    kafka: Annotated[str, AfterValidator(_servers)] | None = Field(
        None, description="Kafka bootstrap servers, host:port separated by commas"
    )
    redis_url: Annotated[SecretStr, AfterValidator(_redis_url)] | None = Field(
        None, description="Redis, Valkey or Redis Cluster, such as redis://:password@host:6379/0"
    )
    namespace: str = Field("ebbtide", pattern=NAME, description="prefix of all Redis keys; name of the consumer group")
    topic_prefix: str = Field("", pattern=MAYBE_NAME, description="goes before every topic's name")
    partitions: Annotated[int, AfterValidator(_power_of_two)] = Field(
        8, ge=1, le=256, description="partitions of topics that Ebbtide creates; a power of two up to 256"
    )
    currency: Annotated[str, AfterValidator(_currency)] = Field(
        "USD", description="the reporting currency (ISO 4217); also the currency of events that name none"
    )
    rates: File | None = Field(None, description="CSV date,currency,rate: what one unit is worth in EBBTIDE_CURRENCY")
    naive_timezone: Annotated[str, AfterValidator(_timezone)] | None = Field(
        None, description="how times without a zone are read; without it they are dead letters"
    )
    count_free_orders: bool = Field(True, description="whether an order of amount 0 counts as a purchase")
    default_margin: Decimal = Field(
        Decimal(1), ge=0, le=1, description="gross margin of orders that name no cost, from 0 to 1"
    )
    tiers: File | None = Field(None, description="tiers.toml: the boundaries; without it the packaged ones")
    segments: File | None = Field(
        None, description="segments.toml: the names of RFM cells; without it the packaged ones"
    )
    clock: Literal["wall", "stream"] = Field(
        "wall", description="what drives silence: the wall clock, or the event times of the stream (history)"
    )
    drift_budget: int = Field(
        0, ge=0, le=100_000, description="drift alerts a UTC day at most, those of the highest value at risk; 0: all"
    )
    sweep_per_s: int = Field(
        5_000,
        ge=1,
        le=1_000_000,
        description="customers a second and worker whom a new version meets without an event of theirs, at most",
    )
    refit_days: int = Field(
        0,
        ge=0,
        le=3650,
        description="so often a worker fits the model anew and takes it if it predicts no worse; 0: never",
    )
    fold_after_days: int = Field(
        3650, ge=1, le=36500, description="orders older than this fold into totals; later news of them is refused"
    )
    max_event_bytes: int = Field(1_048_576, ge=1024, description="a longer record is a dead letter")
    stall_after_s: float = Field(60, ge=1, description="a worker that makes no progress for so long ends itself")
    metrics: Annotated[str, AfterValidator(_host_port)] | None = Field(
        None, description="host:port for Prometheus, another for each worker of a host; closed unless given"
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_not_set(cls, given: dict[str, Any]) -> dict[str, Any]:
        """An empty variable gives the default; and over one in .env too, which is why nothing drops it earlier."""
        return {field: value for field, value in given.items() if value != ""}

    def need_kafka(self) -> str:
        """The bootstrap servers, or an error that says how to get some."""
        if self.kafka is None:
            raise WrongUsage(_needed("EBBTIDE_KAFKA", "Kafka's bootstrap servers"))
        return self.kafka

    def need_redis(self) -> str:
        """The Redis URL, or an error that says how to get one."""
        if self.redis_url is None:
            raise WrongUsage(_needed("EBBTIDE_REDIS_URL", "the Redis to keep state in"))
        return self.redis_url.get_secret_value()

    def redis_shown(self) -> str:
        """The Redis URL as it may be printed: no user, no password."""
        parts = urlsplit(self.need_redis())
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


def load_settings(**given: Any) -> Settings:
    """The settings of this process; `given` (field names) wins over environment and .env."""
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise WrongUsage(_said(str(first["loc"][0]), first)) from None


def key_of(field: str) -> str:
    """The environment variable of a field."""
    return PREFIX + field.upper()


def unknown_keys() -> dict[str, str | None]:
    """EBBTIDE_* variables of environment and .env that mean nothing, and the key that was most likely meant."""
    known = {key_of(field) for field in Settings.model_fields}
    # capitals or not is the same to Pydantic
    there = {name.upper() for name in (*os.environ, *DotEnvSettingsSource(Settings).env_vars)}
    unknown = sorted(name for name in there - known - ELSEWHERE if name.startswith(PREFIX))
    return {name: _nearest(name, known) for name in unknown}


def _nearest(name: str, known: Iterable[str]) -> str | None:
    fields = [key.removeprefix(PREFIX) for key in known]
    near = difflib.get_close_matches(name.removeprefix(PREFIX), fields, 1)
    return PREFIX + near[0] if near else None


def _needed(key: str, what: str) -> str:
    return f"Set {key} ({what}); to try Ebbtide without: ebbtide up"


def _said(field: str, error: Any) -> str:
    key = key_of(field)
    reason = error["msg"].removeprefix("Value error, ")
    told = str(error["input"])
    value = "" if field == "redis_url" or "@" in told else f"={told}"  # a URL may hold a password
    return f"{key}{value}: {reason[0].lower()}{reason[1:]}"

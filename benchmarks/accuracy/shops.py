"""The histories that accuracy is measured on: the packaged CDNOW sample, CDNOW and UCI where they are present, drawn buyers."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ebbtide.fitting.reading import Everyone, Log, read_log, run_log
from ebbtide.settings import Settings
from ebbtide.tiers_file import Tiers
from ebbtide.wiring import decode_rules, scoring_of, tiers_of
from scoring.layout import DAY_US
from streams.events.instants import instant_us
from streams.history.sources.choose import open_source
from streams.history.sources.source import Record

SAMPLE = Path(__file__).parents[2] / "ebbtide" / "data" / "cdnow_sample.csv.gz"
CDNOW = "cdnow_master.csv.gz"
UCI = ("uci_invoices.parquet", "uci_online_retail.parquet")


class Shop(NamedTuple):
    """One history, whole."""

    name: str
    records: Sequence[Record]
    settings: Settings
    log: Log
    everyone: Everyone
    tiers: Tiers

    @property
    def currency(self) -> str:
        """The reporting currency."""
        return self.settings.currency

    def at(self, day: str) -> int:
        """The end of a day, microseconds."""
        return instant_us(f"{day}T00:00:00Z", None, None) + DAY_US - 1_000_000


def real(path: Path, adapter: str, name: str, count_free_orders: bool = True) -> Shop:
    """A file of the adapter's shape."""
    source = open_source(path, adapter)
    settings = Settings.model_construct(currency=source.currency or "USD", count_free_orders=count_free_orders)
    return shop_of(name, list(source.records()), settings)


def shop_of(name: str, records: Sequence[Record], settings: Settings) -> Shop:
    """Ledgers of all records."""
    log = read_log(records, decode_rules(settings))
    scoring = scoring_of(settings)
    everyone = run_log(log, scoring.first.terms, scoring.limits)
    return Shop(name, records, settings, log, everyone, tiers_of(settings))


def sample() -> Shop:
    """2,357 customers of CDNOW, packaged."""
    return real(SAMPLE, "cdnow", "CDNOW sample")


def cdnow(data: Path) -> Shop | None:
    """All 23,570 customers."""
    path = data / CDNOW
    return real(path, "cdnow", "CDNOW master") if path.exists() else None


def uci(data: Path) -> Shop | None:
    """UCI Online Retail, orders above zero."""
    path = next((data / name for name in UCI if (data / name).exists()), None)
    return real(path, "uci", "UCI", count_free_orders=False) if path else None

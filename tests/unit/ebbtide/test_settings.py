"""Settings: every key documented, every error names the key, no secret printed."""

from pathlib import Path

import pytest

from ebbtide.errors import WrongUsage
from ebbtide.settings import Settings, key_of, load_settings, unknown_keys

ROOT = Path(__file__).parents[3]
WRONG = {
    "KAFKA": ["localhost", "localhost:abc", "a:1 b:2", "a:1,,b:2", ",", "http://a:9092", "[::1", "me:hush@a:9092"],
    "PARTITIONS": ["12", "0", "512", "many"],
    "REDIS_URL": ["http://host", "host:6379"],
    "NAMESPACE": ["a b", "a{b}", "x" * 101],
    "CURRENCY": ["usd", "EURO"],
    "NAIVE_TIMEZONE": ["Mars/Olympus"],
    "DEFAULT_MARGIN": ["1.5", "-1", "nan"],
    "COUNT_FREE_ORDERS": ["perhaps"],
    "CLOCK": ["sundial"],
    "TIERS": ["/nowhere/tiers.toml"],
    "METRICS": ["9100", "host:port", "host:70000"],
    "FOLD_AFTER_DAYS": ["0", "1.5"],
    "MAX_EVENT_BYTES": ["10"],
}


@pytest.fixture(autouse=True)
def _no_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields:
        monkeypatch.delenv(key_of(field), raising=False)


@pytest.mark.parametrize("key", [key_of(field) for field in Settings.model_fields])
def test_every_setting_is_in_the_readme(key: str) -> None:
    assert key in (ROOT / "README.md").read_text("utf-8")


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in WRONG.items() for value in values])
def test_a_wrong_value_is_one_line_that_names_the_key(key: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"EBBTIDE_{key}", value)
    with pytest.raises(WrongUsage, match=rf"^EBBTIDE_{key}") as caught:
        load_settings()
    assert "\n" not in str(caught.value)
    assert "hush" not in str(caught.value)


def test_kafkas_servers_may_have_blanks_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBBTIDE_KAFKA", "kafka-1:9092, 10.0.0.7:9092 ,[::1]:9092")
    assert load_settings().need_kafka() == "kafka-1:9092,10.0.0.7:9092,[::1]:9092"


def test_the_redis_password_is_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBBTIDE_REDIS_URL", "redis://me:hush@host:1/0?password=hush")
    settings = load_settings()
    assert settings.need_redis().count("hush") == 2
    assert "hush" not in f"{settings!r} {settings} {settings.redis_shown()}"
    monkeypatch.setenv("EBBTIDE_REDIS_URL", "http://me:hush@host")
    with pytest.raises(WrongUsage) as caught:
        load_settings()
    assert "hush" not in repr(caught.value)


def test_the_env_file_counts_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("EBBTIDE_KAFKA=file:1\nEBBTIDE_NAMESPACE=file\nOTHER=1\n")
    monkeypatch.setenv("EBBTIDE_NAMESPACE", "environment")
    settings = load_settings()
    assert (settings.kafka, settings.namespace) == ("file:1", "environment")


def test_an_empty_variable_wins_over_the_env_file_and_means_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("EBBTIDE_TOPIC_PREFIX=file.\nEBBTIDE_KAFKA=file:1\nEBBTIDE_PARTITIONS=4\n")
    for key in ("TOPIC_PREFIX", "KAFKA", "PARTITIONS", "CURRENCY", "TIERS"):
        monkeypatch.setenv(f"EBBTIDE_{key}", "")
    settings = load_settings()
    assert (settings.topic_prefix, settings.kafka, settings.partitions) == ("", None, 8)
    assert (settings.currency, settings.tiers) == ("USD", None)
    assert not settings.model_fields_set


def test_without_addresses_the_error_names_the_key_and_the_way_out() -> None:
    settings = load_settings()
    for need, key in ((settings.need_kafka, "EBBTIDE_KAFKA"), (settings.need_redis, "EBBTIDE_REDIS_URL")):
        with pytest.raises(WrongUsage, match=f"{key}.*ebbtide up"):
            need()


def test_a_misspelt_key_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBBTIDE_REDISURL", "redis://host")
    monkeypatch.setenv("EBBTIDE_XYZZY", "1")
    assert unknown_keys() == {"EBBTIDE_REDISURL": "EBBTIDE_REDIS_URL", "EBBTIDE_XYZZY": None}


def test_a_misspelt_key_in_the_env_file_is_found_and_other_programs_keys_are_not(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("EBBTIDE_KAFFKA=file:1\nOTHER=1\nEBBTIDE_CLOCK=stream\n")
    assert unknown_keys() == {"EBBTIDE_KAFFKA": "EBBTIDE_KAFKA"}

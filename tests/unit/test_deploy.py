"""What is deployed is not run by these tests: they read it as its tools would."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from ebbtide.settings import Settings, key_of, load_settings

TOP = Path(__file__).parents[2]
COMPOSE = (TOP / "docker-compose.yml").read_text("utf-8")
DOCKERFILE = (TOP / "deploy" / "Dockerfile").read_text("utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]


def copied_from_the_clone() -> list[str]:
    """Every source of a COPY that does not come from another stage."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def worker_environment() -> dict[str, str]:
    return {key: str(value) for key, value in SERVICES["worker"]["environment"].items()}


def test_the_compose_file_is_valid_by_the_compose_specification() -> None:
    PyCompose.from_yaml(COMPOSE).validate()


def test_the_validator_would_tell() -> None:
    with pytest.raises(ValueError, match="service_healty"):
        PyCompose.from_yaml(COMPOSE.replace("service_healthy", "service_healty"))


def test_a_service_waits_only_for_services_that_are_there_and_say_when_they_are_healthy() -> None:
    for service in SERVICES.values():
        for other, wait in service.get("depends_on", {}).items():
            assert wait["condition"] == "service_healthy"
            assert "healthcheck" in SERVICES[other]


def test_two_workers_run() -> None:
    assert SERVICES["worker"]["deploy"]["replicas"] == 2


def test_redis_never_throws_a_customer_away() -> None:
    assert "--maxmemory-policy noeviction" in SERVICES["redis"]["command"]


def test_every_setting_of_a_service_is_one_that_ebbtide_has() -> None:
    known = {key_of(field) for field in Settings.model_fields}
    for service in SERVICES.values():
        named = {key for key in service.get("environment", {}) if key.startswith("EBBTIDE_")}
        assert named <= known


def test_the_workers_settings_have_good_values(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # away from anybody's .env
    for key, value in worker_environment().items():
        monkeypatch.setenv(key, value)
    settings = load_settings()
    assert settings.need_kafka().startswith("kafka:")
    assert settings.need_redis().startswith("redis://redis:")


def test_kafka_and_redis_are_reached_under_the_names_and_ports_they_have() -> None:
    broker = worker_environment()["EBBTIDE_KAFKA"]
    assert f"INSIDE://{broker}" in SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]


def test_what_the_image_copies_is_in_the_clone() -> None:
    missing = [source for source in copied_from_the_clone() if not (TOP / source).exists()]
    assert not missing


def test_what_the_image_copies_is_let_through_by_dockerignore() -> None:
    ignored, *rest = [
        line for line in (TOP / ".dockerignore").read_text("utf-8").split("\n") if line[:1] not in ("", "#")
    ]
    assert ignored == "*"
    assert {line.removeprefix("!") for line in rest if line.startswith("!")} == set(copied_from_the_clone())


def test_every_package_of_the_project_is_copied_into_the_image() -> None:
    include = re.search(r"^include = \[(.+)\]$", (TOP / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert include is not None
    assert set(re.findall(r'"(\w+)\*"', include[1])) <= set(copied_from_the_clone())


def test_the_image_installs_by_hash_and_runs_as_nobody_special() -> None:
    assert "--require-hashes --no-deps -r requirements.lock" in DOCKERFILE
    last = DOCKERFILE.rindex("FROM ")
    assert re.search(r"^USER (?!root)\w+$", DOCKERFILE[last:], re.MULTILINE)

"""The command line: one-line errors that say what to do, exit codes, an example in every help."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from ebbtide.cli.main import app, run
from ebbtide.embedded.server import free_port
from ebbtide.settings import Settings, key_of
from streams.events.refusals import Reason
from tests.support.commands import clean_env


def names(commands: typer.Typer, before: str = "") -> Iterator[str]:
    for command in commands.registered_commands:
        assert command.callback is not None
        yield before + (command.name or command.callback.__name__)
    for group in commands.registered_groups:
        assert group.typer_instance is not None
        yield from names(group.typer_instance, f"{before}{group.typer_instance.info.name} ")


COMMANDS = list(names(app))
GROUPS = [group.typer_instance.info.name or "" for group in app.registered_groups if group.typer_instance]
NEEDS_REDIS = [["stats"], ["customer", "c1"], ["export", "ledger", "-"], ["worker"], ["tiers"], ["top"], ["losing"]]
NEEDS_KAFKA = [
    ["dead", "list"],
    ["dead", "show", "0:1"],
    ["worker"],
    ["correct", "ada", "--period", "2027-01", "--margin", "0.3"],
]


@pytest.fixture(autouse=True)
def _bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields:
        monkeypatch.delenv(key_of(field), raising=False)


class Told:
    """What a command line gave."""

    def __init__(self, code: object, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    def is_one_line(self) -> bool:
        return self.err.startswith("ebbtide: ") and self.err.count("\n") == 1


@pytest.fixture
def ebbtide(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> "Ebbtide":
    return Ebbtide(capfd, monkeypatch)


class Ebbtide:
    """The command, called in this process."""

    def __init__(self, capture: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capture = capture
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str) -> Told:
        self._monkeypatch.setattr("sys.argv", ["ebbtide", *arguments])
        with pytest.raises(SystemExit) as ended:
            run()
        out, err = self._capture.readouterr()
        return Told(ended.value.code, out, err)


def test_every_command_of_the_contract_is_there() -> None:
    wanted = {
        "demo",
        "up",
        "replay",
        "send",
        "worker",
        "customer",
        "export",
        "stats",
        "dead list",
        "dead show",
        "doctor",
        "rebuild",
        "partitions",
        "tiers",
        "top",
        "losing",
        "rfm",
        "fit",
        "forecast",
        "correct",
    }
    assert set(COMMANDS) == wanted


@pytest.mark.parametrize("name", [*COMMANDS, *GROUPS])
def test_every_help_has_an_example(name: str, ebbtide: Ebbtide) -> None:
    told = ebbtide(*name.split(), "--help")
    assert told.code == 0
    assert "\n  Example: " in told.out
    assert f"ebbtide {name}" in told.out.partition("Example: ")[2]


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["customer"],
        ["customer", "c1", "--at", "yesterday"],
        ["export", "everything", "out.jsonl"],
        ["dead", "show", "here"],
        ["dead", "list", "--reason", "nonsense"],
        ["stats", "--jason"],
        ["up", "--kafka-port", "99999"],
        ["rebuild", "--bucket", "256"],
        ["rebuild", "--customer", ""],
        ["rebuild", "--customer", "\udcff\udcfe"],  # as Python gives bytes of a command line that are no UTF-8
        ["partitions", "12"],
        ["partitions", "512"],
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(arguments: list[str], ebbtide: Ebbtide) -> None:
    told = ebbtide(*arguments)
    assert (told.code, told.out) == (2, "")
    assert told.is_one_line()
    assert "--help" in told.err
    assert "Value error" not in told.err


def test_a_reason_that_there_is_not_is_answered_with_those_that_there_are(ebbtide: Ebbtide) -> None:
    told = ebbtide("dead", "list", "--reason", "nonsense")
    assert [reason for reason in Reason if f"'{reason}'" not in told.err] == []


@pytest.mark.parametrize("command", ["send", "replay"])
def test_a_file_that_is_not_there_is_told_so_whatever_its_name(
    command: str, ebbtide: Ebbtide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBBTIDE_KAFKA", "127.0.0.1:1")
    told = ebbtide(command, "nofile")
    assert (told.code, told.err) == (2, "ebbtide: nofile: no such file. Check the path.\n")


@pytest.mark.parametrize("option", ["--kafka-port", "--redis-port"])
def test_a_port_that_is_taken_is_told_with_its_option(option: str, ebbtide: Ebbtide) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = ebbtide("up", option, str(port))
    assert told.code == 1
    assert f"ebbtide: {option}: Port {port} is taken." in told.err


@pytest.mark.parametrize("arguments", [["stats"], ["dead", "list"]])
def test_what_needs_no_kernel_does_not_load_it(arguments: list[str]) -> None:
    code = (
        "import atexit, sys; from ebbtide.cli.main import run; "
        "atexit.register(lambda: print('numba' in sys.modules)); run()"
    )
    down = f"127.0.0.1:{free_port()}"
    settings = {"EBBTIDE_KAFKA": down, "EBBTIDE_REDIS_URL": f"redis://{down}"}
    told = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=clean_env(**settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert told.stdout == "False\n"


def test_a_misspelt_key_is_one_line_of_warning(ebbtide: Ebbtide, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBBTIDE_REDISURL", "redis://host")
    monkeypatch.setenv("EBBTIDE_REQUIRE_KAFKA", "1")
    told = ebbtide("stats")
    warning, error = told.err.splitlines()
    assert "EBBTIDE_REDISURL (is it EBBTIDE_REDIS_URL?)" in warning
    assert "EBBTIDE_REQUIRE_KAFKA" not in warning
    assert error.startswith("ebbtide: Set EBBTIDE_REDIS_URL")


@pytest.mark.parametrize("arguments", NEEDS_REDIS)
def test_without_a_redis_url_the_error_names_key_and_way_out(
    arguments: list[str], ebbtide: Ebbtide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBBTIDE_KAFKA", "127.0.0.1:1")
    told = ebbtide(*arguments)
    assert told.code == 2
    assert told.is_one_line()
    assert "EBBTIDE_REDIS_URL" in told.err
    assert "ebbtide up" in told.err


@pytest.mark.parametrize("arguments", [["rebuild"], ["partitions", "16"]])
@pytest.mark.parametrize("missing", ["EBBTIDE_KAFKA", "EBBTIDE_REDIS_URL"])
def test_what_is_not_set_is_told_before_the_kernel_is_compiled(
    arguments: list[str], missing: str, ebbtide: Ebbtide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBBTIDE_KAFKA", "127.0.0.1:1")
    monkeypatch.setenv("EBBTIDE_REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.delenv(missing)
    monkeypatch.setattr("ebbtide.warm.warm_kernel", lambda: pytest.fail("compiled before"))
    told = ebbtide(*arguments)
    assert told.code == 2
    assert told.is_one_line()
    assert missing in told.err


@pytest.mark.parametrize("arguments", NEEDS_REDIS)
def test_a_redis_that_is_down_is_one_line_with_its_address(
    arguments: list[str], ebbtide: Ebbtide, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("EBBTIDE_KAFKA", "127.0.0.1:1")
    monkeypatch.setenv("EBBTIDE_REDIS_URL", f"redis://:hush@127.0.0.1:{port}/0")
    told = ebbtide(*arguments)
    assert told.code == 1
    assert told.is_one_line()
    assert f"127.0.0.1:{port}" in told.err
    assert "hush" not in told.err


@pytest.mark.parametrize("arguments", NEEDS_KAFKA[:2])
def test_a_broker_that_is_down_is_one_line_with_its_address(
    arguments: list[str], ebbtide: Ebbtide, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("EBBTIDE_KAFKA", kafka)
    told = ebbtide(*arguments)
    assert told.code == 1
    assert told.is_one_line()
    assert kafka in told.err
    assert "ebbtide up" in told.err


def test_a_wrong_setting_is_told_by_its_key(ebbtide: Ebbtide, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBBTIDE_PARTITIONS", "12")
    told = ebbtide("stats")
    assert told.code == 2
    assert told.is_one_line()
    assert "EBBTIDE_PARTITIONS=12" in told.err


def test_doctor_says_what_to_do_and_fails(ebbtide: Ebbtide, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBBTIDE_KAFKA", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("EBBTIDE_KAFFKA", "misspelt")
    told = ebbtide("doctor", "--json")
    assert told.code == 1
    findings = {(f["about"], f["state"]): f["text"] for f in json.loads(told.out)["findings"]}
    assert "EBBTIDE_REDIS_URL" in findings["redis", "wrong"]
    assert "does not answer" in findings["kafka", "wrong"]
    assert "EBBTIDE_KAFFKA" in findings["settings", "note"]


def test_an_output_that_would_write_over_an_input_or_another_output_is_refused(
    tmp_path: Path, ebbtide: Ebbtide
) -> None:
    file = tmp_path / "two.csv"
    file.write_text("customer_id,order_id,occurred_at,amount\nada,1,2026-01-01T00:00:00Z,10\n")
    for outs, reason in (
        (["--ledger", str(file)], "is read from"),
        (["--ledger", "zz", "--scores", "./zz"], "is named twice"),
        (["--ledger", str(tmp_path)], "is a folder"),
    ):
        told = ebbtide("replay", str(file), *outs)
        assert (told.code, told.is_one_line(), reason in told.err) == (2, True, True)
    assert file.read_text().startswith("customer_id")
    assert [path.name for path in tmp_path.iterdir()] == ["two.csv"]

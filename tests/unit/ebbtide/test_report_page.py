"""Reports are one quiet file, whatever is in them; plots hold whatever numbers they get."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ebbtide.errors import WrongUsage
from ebbtide.report import plots
from ebbtide.report.page import Section, Table, render_page, write_page
from tests.support.commands import ROOT, clean_env
from tests.support.pages import Page, is_quiet

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;$x^$"
WEEKS = np.arange("2024-01-01", "2025-01-01", 7, dtype="datetime64[D]")
CHANCE = np.random.default_rng(3)
MONEY = CHANCE.lognormal(4, 1.5, 500)
CHANCES = CHANCE.random(500)
CAME = (CHANCE.random(500) < CHANCES).astype(float)

PLOTS = {
    "lines": lambda: plots.lines(WEEKS, {HOSTILE: np.arange(53.0), "b": np.ones(53)}, "week", HOSTILE),
    "shares": lambda: plots.lines(np.arange(3.0), {"a": np.array([0.1, 0.2, 0.9])}, "x", "y", share=True),
    "areas": lambda: plots.areas(WEEKS, {HOSTILE: np.ones(53), "b": np.ones(53)}, ["#0072b2", "#d55e00"], "week", "n"),
    "lorenz": lambda: plots.lorenz(MONEY),
    "lorenz of nothing": lambda: plots.lorenz(np.zeros(0)),
    "lorenz of losses": lambda: plots.lorenz(np.array([-1.0, -2.0])),
    "distribution": lambda: plots.distribution(MONEY, {HOSTILE: 100.0, "never": 0.0}, "value"),
    "distribution of nothing": lambda: plots.distribution(np.zeros(3), {"high": 10.0}, "value"),
    "distribution of one": lambda: plots.distribution(np.array([5.0]), {}, "value"),
    "calibration": lambda: plots.calibration(CHANCES, CAME),
    "calibration of few": lambda: plots.calibration(np.array([0.5]), np.array([1.0])),
    "bars": lambda: plots.bars({HOSTILE: 1.0, "loss": -2.0}, "profit"),
    "heat": lambda: plots.heat(
        np.array([[0.0, 1.0], [np.nan, 0.4]]), [["0", HOSTILE], ["", "4"]], [HOSTILE, "b"], ["c", "d"], "x", "y"
    ),
}


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_is_one_quiet_element_and_the_same_each_time(name: str) -> None:
    drawn = PLOTS[name]()
    assert drawn.startswith("<svg")
    assert drawn.rstrip().endswith("</svg>")
    assert "data:" not in drawn  # no bitmap
    assert is_quiet(drawn)
    assert PLOTS[name]() == drawn


def test_a_plot_takes_the_colours_of_the_page_for_its_text() -> None:
    drawn = PLOTS["areas"]()
    assert "currentColor" in drawn
    assert "#000000" not in drawn
    assert "#010203" not in drawn


def test_the_few_are_pointed_out() -> None:
    drawn = plots.lorenz(np.array([80.0, 10.0, 5.0, 3.0, 2.0]))
    assert "20.0% bring 80%" in drawn
    assert "60.0% bring 95%" in drawn


def test_a_page_is_quiet_and_shows_hostile_text_as_text() -> None:
    table = Table([HOSTILE, "n"], [[HOSTILE, "1"]])
    section = Section(HOSTILE, HOSTILE, [PLOTS["lines"](), PLOTS["heat"]()], [table], [HOSTILE])
    text = render_page(HOSTILE, [section, Section("second")], HOSTILE)
    assert is_quiet(text)
    assert "<script" not in text
    page = Page(text)
    assert page.titles[-1] == "second"
    assert "".join(page.text).count(HOSTILE) >= 8


def test_a_page_is_one_file_and_makes_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "index.html"
    write_page(path, "Title", [Section("one")])
    write_page(path, "Title", [Section("two")])
    assert [file.name for file in path.parent.iterdir()] == ["index.html"]
    assert Page(path.read_text("utf-8")).titles == ["two"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WrongUsage, match=r"file/index\.html cannot be written: "):
        write_page(tmp_path / "file" / "index.html", "Title", [])


def test_no_command_loads_what_only_reports_need() -> None:
    loaded = "import sys, ebbtide.cli.main; sys.exit(bool({'matplotlib', 'jinja2', 'numba'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", loaded], env=clean_env(), cwd=ROOT, check=False)
    assert done.returncode == 0

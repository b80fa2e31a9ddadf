"""A report as one HTML file: nothing in it is fetched, everything that comes from data is escaped."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from ebbtide.errors import WrongUsage


class Table(NamedTuple):
    """Rows of text; columns from `numbers_from` on are numbers and stand flush right."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers_from: int = 1


class Section(NamedTuple):
    """One part of a report: what it says in words, its plots as <svg> elements (from ebbtide.report.plots), its tables."""

    title: str
    text: str = ""
    plots: Sequence[str] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()  # small print: what was counted and how


def render_page(title: str, sections: Sequence[Section], subtitle: str = "") -> str:
    """The page's text."""
    environment = Environment(
        loader=PackageLoader("ebbtide.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown = [{**section._asdict(), "anchor": f"s{number}"} for number, section in enumerate(sections, 1)]
    return environment.get_template("page.html").render(title=title, subtitle=subtitle, sections=shown)


def write_page(path: Path, title: str, sections: Sequence[Section], subtitle: str = "") -> None:
    """Write a report. It takes its name only once it is complete; its folder is made where it is missing."""
    text = render_page(title, sections, subtitle)
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, "utf-8")
        part.replace(path)
    except OSError as error:
        raise WrongUsage(f"{path} cannot be written: {error.strerror}") from None

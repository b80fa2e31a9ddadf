"""The pages of the project lead to files that are there."""

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

TOP = Path(__file__).parents[2]
OUTSIDE = re.compile(r"[a-z]+:")  # https:, mailto:
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)[^)]*\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def pages() -> list[Path]:
    """Every page that is, or is about to be, in the repository."""
    command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md")
    listed = subprocess.run(command, cwd=TOP, capture_output=True, check=True, text=True).stdout
    return [TOP / name for name in listed.split("\0") if name and (TOP / name).exists()]


def links(page: Path) -> list[str]:
    text = FENCE.sub("", page.read_text("utf-8"))
    found = [unquote(inline or reference) for inline, reference in LINK.findall(text)]
    return [link for link in found if not OUTSIDE.match(link)]


def anchors(page: Path) -> set[str]:
    """The names that a forge gives to the headings of a page."""
    headings = HEADING.findall(FENCE.sub("", page.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(TOP).as_posix())
def test_every_relative_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or target.suffix != ".md" or anchor in anchors(target), link

"""segments.toml: every cell has a segment, the first that holds it; whatever is wrong is told with line and reason."""

from itertools import product
from pathlib import Path

import pytest

from ebbtide.errors import WrongUsage
from ebbtide.segments_file import parse_segments, read_segments

REST = "\n[rest]\n"


def refusal(text: str) -> str:
    with pytest.raises(WrongUsage) as refused:
        parse_segments(text, "s.toml")
    return str(refused.value)


def test_the_packaged_segments_cover_every_cell_under_the_usual_names() -> None:
    segments = read_segments(None)
    assert set(segments.of_cell) == set(product(range(1, 6), repeat=3))
    assert set(segments.names) == set(segments.of_cell.values())
    assert " ".join(segments.names) == (
        "champions cannot_lose_them loyal potential_loyalists new promising need_attention about_to_sleep at_risk hibernating lost"
    )


@pytest.mark.parametrize(
    ("cell", "segment"),
    [
        ((5, 5, 5), "champions"),
        ((1, 5, 5), "cannot_lose_them"),
        ((2, 5, 3), "at_risk"),
        ((5, 1, 1), "new"),
        ((4, 1, 1), "promising"),
        ((5, 1, 5), "potential_loyalists"),
        ((3, 3, 3), "loyal"),
        ((3, 1, 5), "need_attention"),
        ((3, 2, 2), "about_to_sleep"),
        ((2, 2, 2), "hibernating"),
        ((1, 1, 1), "lost"),
    ],
)
def test_a_cell_has_the_segment_that_marketers_expect(cell: tuple[int, int, int], segment: str) -> None:
    assert read_segments(None).of(cell) == segment


def test_who_has_no_order_has_no_segment() -> None:
    assert read_segments(None).of((0, 0, 0)) is None


def test_the_first_segment_that_holds_a_cell_has_it() -> None:
    segments = parse_segments("[best]\nrecency = 5\n[good]\nrecency = [4, 5]" + REST, "s.toml")
    assert [segments.of((r, 1, 1)) for r in (5, 4, 3)] == ["best", "good", "rest"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[a]\nrecency = [4, 6]" + REST,
            "s.toml, line 2: recency must be a fifth from 1 to 5, or two of them such as [4, 5]",
        ),
        (
            "[a]\n\nfrequency = 0" + REST,
            "s.toml, line 3: frequency must be a fifth from 1 to 5, or two of them such as [4, 5]",
        ),
        (
            "[a]\nmonetary = true" + REST,
            "s.toml, line 2: monetary must be a fifth from 1 to 5, or two of them such as [4, 5]",
        ),
        ("[a]\nmonetary = [5, 4]" + REST, "s.toml, line 2: monetary must go upwards: [4, 5]"),
        ("[a]\nmoney = 5" + REST, "s.toml, line 2: money is not known here; known: frequency, monetary, recency"),
        ("recency = 5" + REST, "s.toml, line 1: recency must be a table: [recency]"),
        (
            "[a]\nrecency = [2, 5]\n[b]\nrecency = 3" + REST,
            "s.toml, line 3: [b] holds no cell that a segment above it does not hold already",
        ),
        (
            "[a]\nrecency = [2, 5]\n[b]\nfrequency = [2, 5]",
            "s.toml, line 3: after this, 5 of the 125 cells have no segment; the first is 1-1-1 (recency, frequency, monetary)",
        ),
        (
            "",
            "s.toml, line 1: after this, 125 of the 125 cells have no segment; the first is 1-1-1 (recency, frequency, monetary)",
        ),
    ],
)
def test_what_is_wrong_is_told_with_line_and_reason(text: str, said: str) -> None:
    assert refusal(text) == said


def test_a_text_that_is_no_toml_is_refused() -> None:
    assert refusal("[a").startswith("s.toml: ")


def test_a_file_that_cannot_be_read_names_the_setting(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(WrongUsage, match=r"^EBBTIDE_SEGMENTS=.*s\.toml cannot be read"):
        read_segments(path)

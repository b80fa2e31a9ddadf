"""How every plot looks, and how a Matplotlib figure becomes SVG that stands inside a page.

Text and lines take the page's own colours, so that a plot reads on light and on dark ground. The other colours are Okabe and
Ito's (2008), which colour-blind eyes tell apart.
"""

import io
import re

from matplotlib import RcParams, rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

BLUE, SKY, GREEN, ORANGE, RED, PURPLE, GREY = (
    "#0072b2",
    "#56b4e9",
    "#009e73",
    "#e69f00",
    "#d55e00",
    "#cc79a7",
    "#8c96a0",
)
CYCLE = (BLUE, ORANGE, GREEN, RED, SKY, PURPLE, GREY)
TEXT, GRID = "#010203", "#040506"  # stand for the page's colours until the figure is SVG

STYLE = RcParams(
    {
        "svg.fonttype": "none",  # text stays text: small, found by a search, read by a screen reader
        "svg.hashsalt": "ebbtide",  # the same figure gives the same bytes
        "date.converter": "concise",
        "text.parse_math": False,  # a dollar in a customer's id is a dollar
        "font.size": 10,
        "axes.edgecolor": GRID,
        "axes.labelcolor": TEXT,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": GRID,
        "grid.linewidth": 0.6,
        "text.color": TEXT,
        "xtick.color": GRID,
        "ytick.color": GRID,
        "xtick.labelcolor": TEXT,
        "ytick.labelcolor": TEXT,
        "legend.frameon": False,
        "lines.linewidth": 1.8,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
    }
)
styled = rc_context(STYLE)  # a decorator: whatever draws is drawn in this style
_NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}


@styled
def figure(width: float = 7.2, height: float = 3.2) -> tuple[Figure, Axes]:
    """An empty figure (inches) with one pair of axes, in the common style."""
    made = Figure(figsize=(width, height), layout="constrained")
    return made, made.add_subplot()


@styled
def svg_of(made: Figure, what: str) -> str:
    """The figure as an <svg> element; `what` tells in words what it shows, for who cannot see it."""
    out = io.StringIO()
    made.savefig(out, format="svg", metadata=_NO_METADATA)
    text = out.getvalue()
    text = text[text.index("<svg") :]  # inside HTML there is no XML declaration and no document type
    text = text.replace(TEXT, "currentColor").replace(GRID, "var(--grid, #9aa5b1)")
    text = re.sub(
        r'\s+xmlns(:xlink)?="[^"]*"', "", text
    )  # HTML knows the names; nothing in the page looks like an address
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"font: ([^;\"]*?)px [^;\"]*", r"font: \1px var(--font, sans-serif)", text)
    label = re.sub(r"[<>&\"]", " ", what)
    return re.sub(r'width="[^"]*pt" height="[^"]*pt"', f'role="img" aria-label="{label}"', text, count=1)

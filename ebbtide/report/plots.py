"""The plots of our reports, each a function from numbers to the text of an <svg> element.

Shares are in [0, 1]; money is in major units of the reporting currency.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from ebbtide.report.ink import BLUE, CYCLE, GREY, ORANGE, RED, TEXT, figure, styled, svg_of

Place: TypeAlias = Literal["upper left", "lower right"]  # of a legend
Values = npt.NDArray[np.float64]
Places = npt.NDArray[Any]  # along the x axis: floats, or datetime64


@styled
def lines(x: Places, series: Mapping[str, Values], x_label: str, y_label: str, *, share: bool = False) -> str:
    """One line a series over x, shape (n,) each; `share`: y is a share in [0, 1]."""
    made, axes = figure()
    for colour, (name, y) in zip(CYCLE * len(series), series.items(), strict=False):
        axes.plot(x, y, color=colour, label=name)
    axes.set_ylim(bottom=min(0.0, float(min(np.min(y) for y in series.values()))))
    _label(axes, x_label, y_label)
    if share:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    else:
        axes.yaxis.set_major_formatter(FuncFormatter(_short))
    _legend(axes, len(series))
    return svg_of(made, f"{y_label} by {x_label}: {', '.join(series)}")


@styled
def areas(x: Places, series: Mapping[str, Values], colours: Sequence[str], x_label: str, y_label: str) -> str:
    """Series stacked upon one another from the first upwards, shape (n,) each."""
    made, axes = figure()
    axes.stackplot(x, *series.values(), labels=list(series), colors=list(colours), linewidth=0)
    axes.margins(x=0)
    axes.yaxis.set_major_formatter(FuncFormatter(_short))
    _label(axes, x_label, y_label)
    _legend(axes, len(series))
    return svg_of(made, f"{y_label} by {x_label}: {', '.join(series)}")


@styled
def lorenz(values: Values, marks: Sequence[float] = (0.8, 0.95)) -> str:
    """How few bring how much: cumulative share of the positive `values`, shape (n,), over customers from the best down.

    `marks` are shares whose customers are pointed out.
    """
    made, axes = figure(height=3.6)
    best = np.sort(np.maximum(np.asarray(values, np.float64), 0.0))[::-1]
    total = float(best.sum())
    shares = np.concatenate([[0.0], np.cumsum(best) / total]) if total > 0 else np.array([0.0, 0.0])
    at = np.linspace(0.0, 1.0, len(shares))
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="if all brought the same")
    seen = np.unique(np.linspace(0, len(shares) - 1, 400).astype(int))  # more points than that nobody sees
    axes.plot(at[seen], shares[seen], color=BLUE, label="customers, the best first")
    for mark in marks if total > 0 else ():
        few = float(at[np.searchsorted(shares, mark - 1e-12)])
        axes.plot([few], [mark], "o", color=ORANGE, markersize=6)
        axes.annotate(f"{few:.1%} bring {mark:.0%}", (few, mark), (8, -12), textcoords="offset points")
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    _label(axes, "share of customers", "share of the sum")
    _legend(axes, 2, place="lower right")
    return svg_of(made, "Lorenz curve: share of the sum by share of customers")


@styled
def distribution(values: Values, marks: Mapping[str, float], x_label: str) -> str:
    """Histogram of the positive `values`, shape (n,), on a log axis; `marks` are named places on it, such as boundaries."""
    made, axes = figure()
    positive = np.asarray(values, np.float64)
    positive = positive[positive > 0]
    if len(positive):
        low, high = float(np.quantile(positive, 0.001)), float(positive.max())
        edges = np.geomspace(low, max(high, low * 2), 61)
        axes.hist(np.clip(positive, edges[0], edges[-1]), bins=edges.tolist(), color=BLUE)
        axes.set_xscale("log")
    top = axes.get_ylim()[1]
    for name, at in marks.items():
        if at > 0:
            axes.axvline(at, color=RED, linewidth=1.2, linestyle="--")
            axes.annotate(name, (at, top), (3, -2), textcoords="offset points", va="top", color=TEXT)
    axes.xaxis.set_major_formatter(FuncFormatter(_short))
    axes.yaxis.set_major_formatter(FuncFormatter(_short))
    _label(axes, x_label, "customers")
    return svg_of(made, f"Histogram of {x_label}, log axis")


@styled
def calibration(p: Values, happened: Values, bins: int = 10, x_label: str = "predicted chance") -> str:
    """Observed share over predicted chance `p`, shape (n,), in groups of the same size; `happened` is 0 or 1, shape (n,).

    Bars are twice the binomial standard error.
    """
    made, axes = figure(height=3.6)
    p, happened = np.asarray(p, np.float64), np.asarray(happened, np.float64)
    order = np.argsort(p, kind="stable")
    groups = [group for group in np.array_split(order, bins) if len(group)]
    said = np.array([p[group].mean() for group in groups])
    seen = np.array([happened[group].mean() for group in groups])
    sizes = np.array([len(group) for group in groups], np.float64)
    error = 2.0 * np.sqrt(np.maximum(seen * (1.0 - seen), 1e-12) / np.maximum(sizes, 1.0))
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="perfectly calibrated")
    axes.errorbar(said, seen, yerr=error, fmt="o", color=BLUE, ecolor=BLUE, elinewidth=1, label="observed, 2 s.e.")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    _label(axes, x_label, "observed share")
    _legend(axes, 2, place="upper left")
    return svg_of(made, f"Calibration: observed share by {x_label}")


@styled
def bars(values: Mapping[str, float], x_label: str, *, share: bool = False) -> str:
    """One horizontal bar a name, the first on top."""
    made, axes = figure(height=0.6 + 0.3 * max(2, len(values)))
    names, lengths = list(values), np.array(list(values.values()), np.float64)
    axes.barh(names, lengths, color=[BLUE if length >= 0 else RED for length in lengths], height=0.65)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_formatter(PercentFormatter(1.0) if share else FuncFormatter(_short))
    _label(axes, x_label, "")
    return svg_of(made, f"{x_label}: {', '.join(names)}")


@styled
def heat(
    cells: Values,
    texts: Sequence[Sequence[str]],
    rows: Sequence[str],
    columns: Sequence[str],
    x_label: str,
    y_label: str,
) -> str:
    """A grid, shape (rows, columns), darker where `cells` in [0, 1] is higher, nan left empty; `texts` stand in the cells."""
    made, axes = figure(height=0.9 + 0.36 * len(rows))
    shades = np.ma.masked_invalid(np.asarray(cells, np.float64))
    edges_x, edges_y = np.arange(len(columns) + 1) - 0.5, np.arange(len(rows) + 1) - 0.5
    axes.pcolormesh(edges_x, edges_y, shades, cmap="Blues", vmin=0.0, vmax=1.0, linewidth=0)  # vectors, no bitmap
    axes.invert_yaxis()
    axes.grid(visible=False)
    axes.set_xticks(range(len(columns)), list(columns))
    axes.set_yticks(range(len(rows)), list(rows))
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for i, line in enumerate(texts):
        for j, text in enumerate(line):
            if text:
                dark = float(cells[i, j]) > 0.55
                axes.text(j, i, text, ha="center", va="center", fontsize=8, color="#ffffff" if dark else "#12202e")
    _label(axes, x_label, y_label)
    return svg_of(made, f"Grid of {y_label} by {x_label}")


def _label(axes: Axes, x_label: str, y_label: str) -> None:
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)


def _legend(axes: Axes, entries: int, place: Place | None = None) -> None:
    """Above the plot, or inside it where nothing else is."""
    if entries > 1:
        if place is None:
            axes.figure.legend(loc="outside upper left", ncols=entries, fontsize=9)
        else:
            axes.legend(loc=place, fontsize=9)


def _short(value: float, _position: int | None = None) -> str:
    """A number on an axis: 1,200 or 1.2M."""
    for unit, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= (1e4 if sign == "k" else unit):
            return f"{value / unit:,.3g}{sign}"
    return f"{value:,.0f}" if abs(value) >= 1 or value == 0 else f"{value:.2g}"

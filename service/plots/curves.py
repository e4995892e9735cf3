"""Curve answers as SVG: log-log, a line and its band a law, the extrapolated part dashed. No interaction: that is the page's."""

from __future__ import annotations

import io
import math
import textwrap
import threading
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

from fitted_laws.answers.answer import Answer
from fitted_laws.answers.formats import Format, require_all_fields
from fitted_laws.quantities.display import number
from fitted_laws.quantities.glossary import GLOSSARY
from fitted_laws.quantities.problems import Fault, NotUnderstood

INK, PAPER = "#1b1f24", "#ffffff"
COLOURS = ("#0b6e4f", "#b5451b", "#3557a6", "#8a6d00", "#7b3294", "#4d4d4d")
# Text stays text, so that a page can style and a reader can search it; ids are the same each time, so that the ETag tells the truth.
mpl.rcParams.update(
    {"svg.fonttype": "none", "svg.hashsalt": "fitted-laws", "font.family": "sans-serif", "axes.unicode_minus": False}
)
mpl.rcParams.update(
    {
        "text.color": INK,
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "grid.color": INK,
    }
)
_drawing = threading.Lock()


def as_svg(answer: Answer, field: str | None = None, _row: int = 0) -> bytes:
    """The curve of an answer of several rows; `field` is drawn upwards in place of the loss.

    Raises:
        NotUnderstood: the answer is no curve, `field` is none of its numbers, or several fields are named.
    """
    require_all_fields(answer)
    if answer.axes is None:
        raise NotUnderstood.of(
            Fault("format", ".json, .csv or .txt: only curves are drawn, such as frontier and isoflop", ".svg")
        )
    across, up = answer.axes[0], field or answer.axes[1]
    if up not in answer.columns or not any(isinstance(v, float) for v in answer.column(up)):
        if field is not None:
            raise NotUnderstood.of(Fault("field", "a field of numbers", f"'{field}'"))
        up = answer.headline  # a law that prints no loss still prints sizes
    return drawing(answer, across, up, (7.2, 4.6))


def drawing(answer: Answer, across: str, up: str, inches: tuple[float, float]) -> bytes:
    """The figure: a curve a law, axes in plain numbers, and beneath where the curves come from."""
    drawn = [row for row in answer.records() if row[up] is not None]
    names = list(dict.fromkeys(row["law"] for row in drawn))
    with _drawing:
        figure = Figure(figsize=inches, layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        for colour, law in zip(COLOURS * 20, names, strict=False):
            draw(axes, [row for row in drawn if row["law"] == law], (across, up), colour)
        label(axes, across, up)
        beneath = textwrap.fill(caption(drawn, up), int(inches[0] * 17))
        figure.supxlabel(beneath, fontsize=7.5, x=0.012, ha="left", alpha=0.75)
        out = io.BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Title": f"{up} against {across}", "Creator": None})
    return out.getvalue()


def caption(rows: Sequence[dict[str, Any]], up: str) -> str:
    """Whose curves these are, and whether their losses compare."""
    cited = (
        "; ".join(dict.fromkeys(str(row["citation"]) for row in rows)) if len({row["law"] for row in rows}) == 1 else ""
    )
    several = len({row.get("loss_on") for row in rows}) > 1
    return "losses on different data do not compare" if several and up.endswith("loss") else cited


def draw(axes: Axes, rows: Sequence[dict[str, Any]], names: tuple[str, str], colour: str) -> None:
    """One law's curve: its band where it has an interval, solid inside the fitted range and dashed beyond."""
    up = names[1]
    x, y = (np.array([row[name] for row in rows], dtype=float) for name in names)
    if rows[0].get(f"{up}_low") is not None:
        low, high = (np.array([row[f"{up}{end}"] for row in rows], dtype=float) for end in ("_low", "_high"))
        axes.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)
    axes.plot([], [], color=colour, label=rows[0]["law"])
    solid = [a["extrapolation"] == 0 == b["extrapolation"] for a, b in pairwise(rows)]
    first = 0
    for inside, run in groupby(solid):
        last = first + len(list(run))
        axes.plot(
            x[first : last + 1],
            y[first : last + 1],
            color=colour,
            linewidth=1.8,
            linestyle="-" if inside else (0, (3, 2)),
        )
        first = last


def label(axes: Axes, across: str, up: str) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        axis.set_major_locator(ticks(*limits))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: number(value, 6)))
    axes.set_xlabel(named(across))
    axes.set_ylabel(textwrap.fill(named(up), 30))
    axes.grid(visible=True, which="major", alpha=0.15, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, title="solid: inside the fitted range", fontsize=9, title_fontsize=8, alignment="left")


def named(field: str) -> str:
    """A field with its unit, in words."""
    words = field.replace("_", " ")
    return f"{words} ({GLOSSARY[field].unit})" if field in GLOSSARY else words


def ticks(low: float, high: float) -> FixedLocator | LogLocator:
    """Round numbers within a decade or two, powers of ten beyond."""
    if high / low > 100:
        return LogLocator(numticks=9)
    if high / low > 10:
        return LogLocator(subs=(1, 2, 5), numticks=9)
    return FixedLocator([tick for tick in _round(low, high) if low <= tick <= high])


def _round(low: float, high: float) -> Iterable[float]:
    """Multiples of one round step; MaxNLocator spaces them evenly, which a log axis of under a decade bears."""
    ends = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    digits = 2 - math.floor(math.log10(high))
    return [round(float(tick), digits + 1) for tick in ends]


SVG = Format("svg", "image/svg+xml", as_svg)

"""Curve answers as SVG: log-log, a line and its band a law, the extrapolated part dashed. No interaction: that is the page's."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from fitted_laws.answers import Answer
from fitted_laws.formats import Format
from fitted_laws.glossary import GLOSSARY
from fitted_laws.problems import Fault, NotUnderstood

# Text stays text, so that a page can style and a reader can search it; ids are the same each time, so that the ETag tells the truth.
mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "fitted-laws", "font.family": "sans-serif", "axes.unicode_minus": False})
_drawing = threading.Lock()
COLOURS = ("#0b6e4f", "#b5451b", "#3557a6", "#8a6d00", "#7b3294", "#4d4d4d")


def as_svg(answer: Answer, field: str | None = None, _row: int = 0) -> bytes:
    """The curve of an answer of several rows; `field` is drawn upwards in place of the loss.

    Raises:
        NotUnderstood: the answer is no curve, or `field` is none of its numbers.
    """
    if answer.axes is None:
        raise NotUnderstood.of(Fault("format", ".json, .csv or .txt: only curves are drawn, such as frontier and isoflop", ".svg"))
    across, up = answer.axes[0], field or answer.axes[1]
    if up not in answer.columns or not any(isinstance(v, float) for v in answer.column(up)):
        if field is not None:
            raise NotUnderstood.of(Fault("field", "a field of numbers", f"'{field}'"))
        up = answer.headline  # a law that prints no loss still prints sizes
    with _drawing:
        figure = Figure(figsize=(7.2, 4.4), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        drawn = [row for row in answer.records() if row[up] is not None]
        for colour, law in zip(COLOURS * 20, dict.fromkeys(row["law"] for row in drawn), strict=False):
            draw(axes, [row for row in drawn if row["law"] == law], (across, up), colour)
        label(axes, across, up)
        out = io.BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Title": f"{up} against {across}", "Creator": None})
    return out.getvalue()


def draw(axes: Axes, rows: Sequence[dict[str, Any]], names: tuple[str, str], colour: str) -> None:
    """One law's curve: its band where it has an interval, solid inside the fitted range and dashed beyond."""
    up = names[1]
    x, y = (np.array([row[name] for row in rows], dtype=float) for name in names)
    if rows[0].get(f"{up}_low") is not None:
        low, high = (np.array([row[f"{up}{end}"] for row in rows], dtype=float) for end in ("_low", "_high"))
        axes.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)
    inside = [row["extrapolation"] == 0 for row in rows]
    axes.plot([], [], color=colour, label=rows[0]["law"])
    for (i, a), (j, b) in pairwise(enumerate(inside)):
        axes.plot(x[[i, j]], y[[i, j]], color=colour, linewidth=1.8, linestyle="-" if a and b else (0, (3, 2)))


def label(axes: Axes, across: str, up: str) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(f"{across} ({GLOSSARY[across].unit})")
    axes.set_ylabel(f"{up} ({GLOSSARY[up].unit})" if up in GLOSSARY else up)
    axes.yaxis.set_minor_formatter(axes.yaxis.get_major_formatter())
    axes.grid(visible=True, which="major", alpha=0.25, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, title="solid: inside the fitted range", fontsize=9, title_fontsize=8)


SVG = Format("svg", "image/svg+xml", as_svg)

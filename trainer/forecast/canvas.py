"""One figure as an SVG file, for every room that draws. It bears no date: the same drawing gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure


def svg(draw: Callable[[Axes], None], inches: tuple[float, float], style: Any) -> bytes:
    """The file of what `draw` makes of empty axes.

    `style` maps names of matplotlib's settings to values. Text stays text; ids of elements follow from `svg.hashsalt`.
    """
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "fitted-laws", **style}):
        figure = Figure(figsize=inches, layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure.add_subplot())
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()

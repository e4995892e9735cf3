"""Figures of the record of forecasts, as SVG: text stays text, and the same record gives the same bytes."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from fitted_laws.forecast.record import TITLES, TrackRecord
from trainer.forecast.canvas import svg

INK, OURS, PLAIN, SOFT = "#1b1f24", "#0b6e4f", "#b5451b", "#9aa3ad"
STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
}
LEVEL = 0.9
WIDEST = 0.3
"""Where the axis of widths ends: a wider interval is drawn to the edge and labelled."""


def errors(record: TrackRecord) -> bytes:
    """Mean errors by table, beside the plain fit's."""

    def draw(axes: Axes) -> None:
        tables = record.tables[::-1]
        for line, each in enumerate(tables):
            axes.plot([each.error, each.plain_error], [line, line], color=SOFT, linewidth=1)
        axes.plot([each.plain_error for each in tables], range(len(tables)), "o", color=PLAIN, label="plain fit")
        axes.plot([each.error for each in tables], range(len(tables)), "o", color=OURS, label="forecast")
        _named(axes, record)
        axes.set_xscale("log")
        axes.set_xlabel("mean error of the held-out losses")
        axes.xaxis.set_major_formatter(
            FuncFormatter(lambda value, _: f"{value:.1%}" if value < 0.1 else f"{value:.0%}")
        )
        axes.legend(loc="upper right")

    return svg(draw, (7.2, 4.8), STYLE)


def coverage(record: TrackRecord) -> bytes:
    """How many 90 % intervals held, by decades beyond the runs: the families' mean, and each family as a point."""

    def draw(axes: Axes) -> None:
        for (kind, title), colour, shift in zip(TITLES.items(), (OURS, PLAIN), (-0.08, 0.08), strict=True):
            distances = [each for each in record.distances if each.kind == kind]
            along = [
                (each.low + (each.high if each.high is not None else each.low + 1)) / 2 + shift for each in distances
            ]
            axes.plot(along, [each.coverage for each in distances], "o-", color=colour, label=title, markersize=7)
            for x, each in zip(along, distances, strict=True):
                axes.plot(np.full(len(each.families), x), [*each.families.values()], "_", color=colour, markersize=9)
        axes.axhline(LEVEL, color=INK, linewidth=0.8, linestyle=(0, (4, 2.5)))
        axes.set_ylim(-0.02, 1.03)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
        axes.set_xlabel("decades of compute (or of the one variable) beyond the largest run")
        axes.set_ylabel("90 % intervals that held")
        axes.legend(loc="lower right")

    return svg(draw, (7.2, 4.2), STYLE)


def widths(record: TrackRecord) -> bytes:
    """Width of the intervals, and how many held, by table."""

    def draw(axes: Axes) -> None:
        tables = record.tables[::-1]
        axes.barh(range(len(tables)), [min(each.width, WIDEST) for each in tables], height=0.55, color=OURS, alpha=0.35)
        for line, each in enumerate(tables):
            label = f"{each.width:.1%} wide, {each.coverage:.0%} held"
            axes.text(min(each.width, WIDEST) + 0.004, line, label, va="center", fontsize=9)
        _named(axes, record)
        axes.set_xlim(0, WIDEST * 1.35)
        axes.set_xlabel("mean width of the 90 % interval for a new run, over the loss")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))

    return svg(draw, (7.2, 4.8), STYLE)


def _named(axes: Axes, record: TrackRecord) -> None:
    axes.set_yticks(range(len(record.tables)), [f"{each.table} ({each.rows})" for each in record.tables[::-1]])


FIGURES = {"forecasts-errors.svg": errors, "forecasts-coverage.svg": coverage, "forecasts-widths.svg": widths}

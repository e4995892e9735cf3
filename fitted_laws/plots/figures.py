"""Answers drawn into matplotlib, as `answer.plot()` does; the one file of this package that uses it."""

from __future__ import annotations

import re
from itertools import groupby, pairwise
from typing import Any

from fitted_laws.answers.answer import Answer
from fitted_laws.plots.chart import Chart, Curve, heights
from fitted_laws.plots.curves import STYLE, charted
from fitted_laws.plots.scale import ticks
from fitted_laws.quantities.extras import installing, loaded
from fitted_laws.quantities.problems import Fault, NotUnderstood, Unanswerable

HUES = re.findall(r"--law-\d: light-dark\((#\w+)", STYLE)
"""Colours of laws, in order: those of the plots as SVG, on light ground."""


def plot(answer: Answer, y: str | None = None, x: str | None = None, ax: Any = None) -> Any:
    """The matplotlib Axes with the answer's rows drawn: a line a law, its interval a band, dashed beyond the fit.

    Raises:
        NotUnderstood: `x` or `y` is no field of numbers.
        Unanswerable: no curve has two points.
    """
    for name, field in (("x", x), ("y", y)):
        if field is not None and not numeric(answer, field):
            raise NotUnderstood.of(Fault(name, f"a field of numbers: {', '.join(fields(answer))}", f"'{field}'"))
    up = y or upwards(answer)
    chart = charted(answer, x or across(answer, up), up)
    curves = [curve for curve in chart.curves if len(curve.points) > 1]
    if not curves:
        raise Unanswerable(f"nothing to draw: fewer than two numbers of {up}")
    if ax is None:
        _, ax = loaded("matplotlib.pyplot", "plot()", installing("plot")).subplots(
            figsize=(6.4, 4.2), layout="constrained"
        )
    for curve in curves:
        draw(ax, curve)
    dress(ax, chart, curves)
    return ax


def fields(answer: Answer) -> list[str]:
    return [name for name in answer.columns if numeric(answer, name)]


def numeric(answer: Answer, field: str) -> bool:
    return field in answer.columns and any(type(value) is float for value in answer.column(field))


def upwards(answer: Answer) -> str:
    """The field that is drawn upwards where none is named: of a curve what it says, else the headline."""
    wished = answer.axes[1] if answer.axes else answer.headline
    return wished if numeric(answer, wished) else answer.headline


def across(answer: Answer, up: str) -> str:
    """The field that is drawn across where none is named.

    Raises:
        Unanswerable: nothing varies.
    """
    if answer.axes is None or answer.axes[0] == up:
        raise Unanswerable(f"nothing to draw {up} against: no input varies; x= names a field that does")
    return answer.axes[0]


def draw(ax: Any, curve: Curve) -> None:
    """A law's line, solid between points inside the fit and dashed elsewhere, and its band."""
    hue = HUES[curve.hue % len(HUES)]
    banded = [p for p in curve.points if p.low is not None and p.high is not None]
    if len(banded) > 1:
        ax.fill_between(
            [p.x for p in banded], [p.low for p in banded], [p.high for p in banded], color=hue, alpha=0.18, lw=0
        )
    first = 0
    for inside, run in groupby(a.inside and b.inside for a, b in pairwise(curve.points)):
        last = first + len(list(run))
        points = curve.points[first : last + 1]
        label = curve.name if first == 0 else None
        ax.plot([p.x for p in points], [p.y for p in points], color=hue, ls="-" if inside else "--", label=label)
        first = last


def dress(ax: Any, chart: Chart, curves: list[Curve]) -> None:
    """Titles, logarithmic axes that write numbers as the service's plots do, whose curves these are."""
    ticker = loaded("matplotlib.ticker", "plot()", installing("plot"))
    ax.set(xscale="log", yscale="log", xlabel=chart.x.title, ylabel=chart.y.title)
    inside = [p.x for p in curves[0].points if p.inside]
    if len(inside) > 1:
        ax.axvspan(inside[0], inside[-1], color="0.5", alpha=0.08, lw=0)
    seen = heights([point for curve in curves for point in curve.points])
    room = (max(seen) / min(seen)) ** 0.05
    ax.set_ylim(min(seen) / room, max(seen) * room)
    for side, axis in ((ax.xaxis, chart.x), (ax.yaxis, chart.y)):
        low, high = side.get_view_interval()
        side.set_major_locator(ticker.FixedLocator(ticks(low, high, 6)))
        side.set_minor_locator(ticker.NullLocator())
        side.set_major_formatter(ticker.FuncFormatter(lambda value, _, write=axis.tick: write(value)))
    ax.grid(visible=True, alpha=0.3)
    if len(curves) > 1:
        ax.legend(frameon=False)
    ax.set_title(chart.caption, loc="left", fontsize="small")

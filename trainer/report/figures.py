"""Figures of a law and its runs as inline SVG: text stays text, colours are the page's variables, the same input gives
the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from fitted_laws.forms import Values
from trainer.forecast.canvas import svg
from trainer.report.numerals import power_of_ten, short

# Colours that nothing else would use: after drawing each becomes a variable of the page, light or dark.
INK, SOFT, LINE = "#0a0b0c", "#5a5b5c", "#9a9b9c"
SERIES = tuple(f"#10{i}0f{i}" for i in range(6))
VARIABLES = {INK: "--ink", SOFT: "--soft", LINE: "--line", **{colour: f"--s{i}" for i, colour in enumerate(SERIES)}}
ROBUST = 1.645
"""Robust sigmas on either side of zero that hold 90 % of normal residuals."""
SIZE = (4.7, 3.5)
BEYOND = (0, (4, 2.5))
UNITS = {
    "compute": "FLOP",
    "params": "count",
    "tokens": "count",
    "unique_tokens": "count",
    "steps": "count",
    "epochs": "passes",
}
STYLE: Any = {
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "font.family": "sans-serif",
    "font.size": 10.5,
    "axes.unicode_minus": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": LINE,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "grid.color": LINE,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "legend.title_fontsize": 9.5,
}


class Scatter(msgspec.Struct, frozen=True, kw_only=True):
    """Runs as points of one figure: across, up, and the group that each belongs to, -1 for none."""

    x: Values
    y: Values
    group: Any


def drawn_as(name: str, title: str, draw: Callable[[Axes], None]) -> str:
    """The SVG element that `draw` makes of empty axes; `name` prefixes its ids, `title` is read aloud."""

    def framed(axes: Axes) -> None:
        axes.grid(visible=True, alpha=0.35, linewidth=0.5)
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)

    return inlined(svg(framed, SIZE, {**STYLE, "svg.hashsalt": name}).decode(), name, title)


def inlined(file: str, name: str, title: str) -> str:
    """An SVG file as an element: no declarations, no size of its own, ids of its own, colours by name."""
    body = file[file.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    box = re.search(r'viewBox="([^"]+)"', body)
    body = re.sub(
        r"<svg[^>]*>", f'<svg viewBox="{box[1] if box else ""}" role="img" aria-label="{title}">', body, count=1
    )
    body = re.sub(r'id="', f'id="{name}-', body)
    body = body.replace("url(#", f"url(#{name}-").replace('xlink:href="#', f'href="#{name}-')
    body = re.sub(r"font: ((?:\d+ )?[\d.]+px) [^;\"]*", r"font: \1 system-ui, sans-serif", body)
    for colour, variable in VARIABLES.items():
        body = body.replace(colour, f"var({variable})")
    return body.strip()


def across(axes: Axes, quantity: str) -> None:
    """A logarithmic axis of a quantity, in words of its field; one with its unit is taken as it is."""
    axes.set_xscale("log")
    axes.set_xlabel(f"{quantity.replace('_', ' ')} ({UNITS[quantity]})" if quantity in UNITS else quantity)
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: power_of_ten(value) if quantity == "compute" else short(value))
    )
    axes.xaxis.set_minor_locator(NullLocator())
    low, high = axes.get_xlim()
    axes.xaxis.set_major_locator(LogLocator(numticks=6) if high / low > 30 else LogLocator(subs=(1, 2, 5)))


def up(axes: Axes, label: str, formatter: Callable[[float], str] = lambda value: f"{value:g}") -> None:
    """A logarithmic axis with plain numbers, however narrow its range."""
    axes.set_yscale("log")
    axes.set_ylabel(label)
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(
        LogLocator(subs=(1, 2, 5) if high / low < 1e3 else (1,), numticks=9)
        if high / low > 8
        else MaxNLocator(6, steps=(1, 2, 2.5, 5, 10))
    )
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: formatter(value)))
    axes.yaxis.set_minor_locator(NullLocator())


def points(axes: Axes, scatter: Scatter) -> None:
    """Runs: each group in its colour, those of none in ink."""
    for group in sorted(set(scatter.group.tolist())):
        chosen = scatter.group == group
        colour = INK if group < 0 else SERIES[group]
        axes.plot(
            scatter.x[chosen], scatter.y[chosen], "o", color=colour, markersize=3.4, markeredgewidth=0, alpha=0.75
        )


def band(axes: Axes, x: Values, ends: Values, largest: float, colour: str = INK) -> None:
    """Values alone, (1, rows), or with the ends of their 90 % band, (3, rows): solid up to `largest`, dashed beyond."""
    if len(ends) > 1:
        seen = np.isfinite(ends[1:]).all(axis=0)
        axes.fill_between(x[seen], ends[1][seen], ends[2][seen], color=colour, alpha=0.16, linewidth=0)
    inside = x <= largest * 1.0001
    axes.plot(x[inside], ends[0][inside], color=colour, linewidth=1.6)
    axes.plot(x[x >= largest * 0.9999], ends[0][x >= largest * 0.9999], color=colour, linewidth=1.6, linestyle=BEYOND)


def curve(
    law: Callable[[Values], Values], span: tuple[float, float], scatter: Scatter, labels: tuple[str, str]
) -> Callable[[Axes], None]:
    """A law of one variable over its span and to 100 times beyond, its runs, its band; `labels` are its quantity and
    what it gives.
    """

    def draw(axes: Axes) -> None:
        x = beyond(span)
        points(axes, scatter)
        band(axes, x, law(x), span[1], SERIES[1])
        across(axes, labels[0])
        up(axes, labels[1])

    return draw


def beyond(span: tuple[float, float]) -> Values:
    """A grid over a span and 100 times beyond it, its end among them."""
    return np.unique(np.concatenate([np.geomspace(*span, 60), np.geomspace(span[1], 100 * span[1], 41)]))


def by_group(
    lines: Sequence[tuple[str, Values, Values]], scatter: Scatter, labels: tuple[str, str], of: str
) -> Callable[[Axes], None]:
    """Runs with the law's line (x, y) for each group, named in the legend; `labels` as of `curve`."""

    def draw(axes: Axes) -> None:
        points(axes, scatter)
        for i, (label, x, y) in enumerate(lines):
            axes.plot(x, y, color=SERIES[i], linewidth=1.4, label=label)
        across(axes, labels[0])
        up(axes, labels[1])
        axes.legend(title=of, loc="upper right", ncol=2, handlelength=1.1, columnspacing=1, borderaxespad=0)

    return draw


def residuals(x: Values, off: Values, quantity: str, unit: str, sigma: float) -> Callable[[Axes], None]:
    """Observed less predicted against one quantity, with the band that holds 90 % of well-behaved ones."""

    def draw(axes: Axes) -> None:
        axes.axhspan(-ROBUST * sigma, ROBUST * sigma, color=SERIES[1], alpha=0.14, linewidth=0)
        axes.axhline(0, color=SOFT, linewidth=0.8)
        axes.plot(x, off, "o", color=INK, markersize=3.2, markeredgewidth=0, alpha=0.7)
        axes.set_ylabel(f"observed − predicted ({unit})")
        edge = 1.1 * max(float(np.abs(off).max()), 2 * sigma)
        axes.set_ylim(-edge, edge)
        across(axes, quantity)
        if quantity.startswith("predicted"):
            axes.xaxis.set_major_locator(MaxNLocator(5, steps=(1, 2, 2.5, 5, 10)))

    return draw


def frontier(x: Values, answered: Mapping[str, Values], largest: float, loss: str = "") -> Callable[[Axes], None]:
    """The loss, under that label, or else the sizes at the optimum of each budget in `x`, as answered; `largest` is the
    largest compute fitted.
    """

    def draw(axes: Axes) -> None:
        if loss:
            band(axes, x, answered["loss"], largest, SERIES[1])
        else:
            band(axes, x, answered["params"], largest, SERIES[1])
            band(axes, x, answered["tokens"], largest, SERIES[4])
            axes.plot([], [], color=SERIES[4], label="tokens")
            axes.plot([], [], color=SERIES[1], label="params")
            axes.legend(loc="upper left")
        across(axes, "compute")
        up(axes, *((loss,) if loss else ("count", short)))

    return draw


def isoflops(lines: Sequence[tuple[float, Values, Values]], scatter: Scatter, label: str) -> Callable[[Axes], None]:
    """Loss against size at each budget, (budget, sizes, losses) about the optimum in the middle, and the runs of about
    that budget; `label` is what losses are called.
    """

    def draw(axes: Axes) -> None:
        for i, (budget, params, loss) in enumerate(lines):
            middle = len(params) // 2
            axes.plot(params, loss, color=SERIES[i], linewidth=1.4, label=power_of_ten(budget))
            axes.plot(params[middle], loss[middle], "|", color=SERIES[i], markersize=9, markeredgewidth=1.6)
        points(axes, scatter)
        across(axes, "params")
        up(axes, label)
        axes.legend(title="FLOP", loc="upper right", ncol=2, handlelength=1.1, columnspacing=1, borderaxespad=0)

    return draw

"""A plot as SVG: curves with their intervals, dashed beyond the fit; what was asked; known models. Colours come from chart.css."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import groupby, pairwise

import msgspec

from fitted_laws.plots.labels import BOLD, LINE, LONGEST, Labels, stand_apart, width
from fitted_laws.plots.scale import spanning

WIDTH, HEIGHT = 480, 330
LEFT, RIGHT, TOP, BOTTOM = 54, 14, 24, 46
LARGER = 1.15
"""How much larger names are on a phone."""
SPACINGS = (62, 95, 130, 180, 250)
"""How far ticks beneath stand apart: as near as their texts let them."""
CAPTION = 84
"""Letters in a line of the caption."""
HUES = 8


class PlotAxis(msgspec.Struct, frozen=True):
    """One axis: its title, how a value on it is written in full and beside a tick, and what it is a number of."""

    title: str
    write: Callable[[float], str]
    tick: Callable[[float], str]
    unit: str = ""


class Point(msgspec.Struct, frozen=True):
    """A place on a curve, with the interval of `y` and whether it lies inside the fit; `tip` is what more is known of it."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    inside: bool = True
    tip: str = ""


class Curve(msgspec.Struct, frozen=True):
    """A line; `name` stands at its right end where there are several, `under` beneath its lowest point."""

    name: str
    hue: int
    points: Sequence[Point]
    faint: bool = False
    under: str = ""


class Spot(msgspec.Struct, frozen=True):
    """What was asked, on the plot: a dot with its interval and a name."""

    point: Point
    name: str
    hue: int = 0


class Model(msgspec.Struct, frozen=True):
    """A known model on the plot, or at its edge where `y` is None."""

    name: str
    x: float
    y: float | None
    tip: str = ""


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """What a plot shows."""

    title: str
    x: PlotAxis
    y: PlotAxis
    curves: Sequence[Curve]
    spots: Sequence[Spot] = ()
    models: Sequence[Model] = ()
    line: float | None = None
    """An x that is marked by a vertical line."""
    caption: str = ""


class Drawing(msgspec.Struct, frozen=True):
    """An `<svg>`, and what a reader is told at each place of it: shares of width and height, and lines of text."""

    svg: str
    tips: list[tuple[float, float, str]]


def draw(chart: Chart, marker: str = "") -> Drawing | None:
    """The plot; None where no curve has two points. `marker` is written into the tag: attributes."""
    curves = [curve for curve in chart.curves if len(curve.points) > 1]
    if not curves:
        return None
    return _Canvas(chart, curves).drawing(marker)


def heights(points: Sequence[Point]) -> list[float]:
    """What the axis upwards spans: every line, and of intervals as much as leaves the lines two thirds of it."""
    lines = [p.y for p in points if p.y > 0]
    low, high = min(lines), max(lines)
    room = max(high / low, 1.05) ** 0.5
    ends = [end for p in points for end in (p.low, p.high) if end is not None and end > 0]
    return [*lines, *(min(max(end, low / room), high * room) for end in ends)]


class _Canvas:
    """A plot while it is drawn."""

    def __init__(self, chart: Chart, curves: Sequence[Curve]) -> None:
        self.chart = chart
        self.curves = curves
        names = [curve.name for curve in curves if curve.name and not curve.under] if len(curves) > 1 else []
        self.right = WIDTH - RIGHT - (min(max(map(len, names)), LONGEST) * BOLD if names else 0)
        self.caption = textwrap.wrap(chart.caption, CAPTION, max_lines=3, placeholder=" …")
        self.bottom = HEIGHT - BOTTOM - LINE * len(self.caption)
        points = [point for curve in curves for point in curve.points]
        spots = [spot.point for spot in chart.spots]
        room = 0.13 if any(curve.under for curve in curves) else 0.06
        self.y = spanning(heights([*points, *spots]), self.bottom, TOP, room)
        self.up = [(self.y(tick), chart.y.tick(tick)) for tick in self.y.ticks(38)]
        self.left = max(LEFT, LARGER * max((width(text) for _, text in self.up), default=0) + 8)
        self.x = spanning([p.x for p in (*points, *spots)], self.left, self.right)
        self.labels = Labels(self.left, self.right, TOP, self.bottom)
        self.tips: list[tuple[float, float, str]] = []

    def drawing(self, marker: str) -> Drawing:
        parts = [*self.ground(), *self.grid(), *self.lines(), *self.asked(), *self.landmarks(), *self.titles()]
        head = f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(self.chart.title)}"{marker}>'
        return Drawing(f"{head}{''.join(parts)}</svg>", self.tips)

    def ground(self) -> Iterator[str]:
        """The fitted range of the first curve that is not faint, named where it has room."""
        first = next((curve for curve in self.curves if not curve.faint), self.curves[0])
        inside = [point.x for point in first.points if point.inside]
        if len(inside) < 2:
            return
        left, right = self.x(inside[0]), self.x(inside[-1])
        yield f'<rect class="fit" x="{left:.1f}" y="{TOP}" width="{right - left:.1f}" height="{self.bottom - TOP:.1f}"/>'
        falls = first.points[0].y > first.points[-1].y
        y = self.bottom - 7 if falls else TOP + 14
        for text, start, end in (("fitted", left, right), ("extrapolated", right, self.right)):
            if width(text) + 12 < end - start:
                yield self.labels.fixed(text, start + 6, y, "start")

    def grid(self) -> Iterator[str]:
        for x, text, middle in self.across():
            yield f'<path class="grid" d="M{x:.1f} {TOP}V{self.bottom:.1f}"/>'
            yield f'<text x="{middle:.1f}" y="{self.bottom + 17:.1f}" text-anchor="middle">{escape(text)}</text>'
        for y, text in self.up:
            yield f'<path class="grid" d="M{self.left:g} {y:.1f}H{self.right:.1f}"/>'
            yield f'<text x="{self.left - 6:g}" y="{y + 4:.1f}" text-anchor="end">{escape(text)}</text>'

    def across(self) -> list[tuple[float, str, float]]:
        """The ticks beneath: place, text, and where its middle stands inside the plot; as many as stand apart."""
        row: list[tuple[float, str, float]] = []
        for apart in SPACINGS:
            texts = [(self.x(tick), self.chart.x.tick(tick)) for tick in self.x.ticks(apart)]
            row = [(x, text, min(x, WIDTH - LARGER * width(text) / 2)) for x, text in texts]
            if stand_apart([(middle, text) for _, text, middle in row]):
                return row
        return row[:1]

    def titles(self) -> Iterator[str]:
        yield f'<text x="{self.right:.1f}" y="{self.bottom + 36:.1f}" text-anchor="end">{escape(self.chart.x.title)}</text>'
        yield f'<text x="8" y="11">{escape(self.chart.y.title)}</text>'
        for above, line in enumerate(reversed(self.caption)):
            yield f'<text class="caption" x="8" y="{HEIGHT - 4 - LINE * above}">{escape(line)}</text>'

    def lines(self) -> Iterator[str]:
        """Bands beneath all lines, then the lines, then their names."""
        for curve in self.curves:
            yield from self.band(curve)
        for curve in self.curves:
            yield from self.line(curve)
            self.tell(curve)
        named = [curve for curve in self.curves if curve.name and not curve.under] if len(self.curves) > 1 else []
        yield from self.labels.beside([(c.name, self.y(c.points[-1].y), self.x(c.points[-1].x), c.hue) for c in named])

    def band(self, curve: Curve) -> Iterator[str]:
        known = [(p.x, p.low, p.high) for p in curve.points if p.low is not None and p.high is not None]
        if len(known) < 2:
            return
        edge = [(x, high) for x, _, high in known] + [(x, low) for x, low, _ in reversed(known)]
        path = "L".join(f"{self.x(x):.1f} {self.y(self.y.nearest(y)):.1f}" for x, y in edge)
        yield f'<path class="band h{curve.hue % HUES}{" faint" if curve.faint else ""}" d="M{path}Z"/>'

    def line(self, curve: Curve) -> Iterator[str]:
        """Solid between points inside the fit, dashed elsewhere."""
        places = [f"{self.x(p.x):.1f} {self.y(p.y):.1f}" for p in curve.points]
        first = 0
        for inside, run in groupby(a.inside and b.inside for a, b in pairwise(curve.points)):
            last = first + len(list(run))
            kind = f"line h{curve.hue % HUES}{'' if inside else ' dash'}{' faint' if curve.faint else ''}"
            yield f'<path class="{kind}" d="M{"L".join(places[first : last + 1])}"/>'
            first = last
        if curve.under:
            low = min(curve.points, key=lambda p: p.y)
            yield self.labels.near(curve.under, self.x(low.x), self.y(low.y), "over", below=True)

    def tell(self, curve: Curve) -> None:
        """What a reader is told at the points of a curve."""
        for point in curve.points:
            self.tip(point, curve.name)

    def tip(self, point: Point, name: str) -> None:
        x, y = self.chart.x, self.chart.y
        ends = f" ({y.write(point.low)} to {y.write(point.high)})" if point.low and point.high else ""
        places = (f"{x.write(point.x)} {x.unit}", f"{y.write(point.y)} {y.unit}{ends}")
        lines = [name, *places, *point.tip.split("\n")]
        text = "\n".join(line for line in lines if line)
        self.tips.append((round(self.x(point.x) / WIDTH, 4), round(self.y(point.y) / HEIGHT, 4), text))

    def asked(self) -> Iterator[str]:
        """The line at the budget, and each spot with its interval."""
        if self.chart.line is not None and self.x.holds(self.chart.line):
            yield f'<path class="at" d="M{self.x(self.chart.line):.1f} {TOP}V{self.bottom:.1f}"/>'
        places = [(self.x(spot.point.x), self.y(spot.point.y)) for spot in self.chart.spots]
        for x, y in places:
            self.labels.take(x, y, 7)
        for spot, (x, y) in zip(self.chart.spots, places, strict=True):
            point = spot.point
            if point.low and point.high:
                low, high = (self.y(self.y.nearest(end)) for end in (point.low, point.high))
                yield f'<path class="line h{spot.hue % HUES}" d="M{x:.1f} {low:.1f}V{high:.1f}"/>'
            yield f'<circle class="dot h{spot.hue % HUES}" cx="{x:.1f}" cy="{y:.1f}" r="6"/>'
            yield self.labels.near(spot.name, x, y, "over strong", must=len(places) == 1)
            self.tip(point, "")

    def landmarks(self) -> Iterator[str]:
        """Known models: rings, or ticks at the edge; named where there is room."""
        shown = [m for m in self.chart.models if self.x.holds(m.x) and (m.y is None or self.y.holds(m.y))]
        if not shown:
            return
        for curve in self.curves:
            for point in curve.points:
                self.labels.take(self.x(point.x), self.y(point.y), 3)
        places = [(model, self.x(model.x), TOP if model.y is None else self.y(model.y)) for model in shown]
        yield '<g class="models">'
        for model, x, y in places:
            self.labels.take(x, y, 4)
            self.tips.append((round(x / WIDTH, 4), round(y / HEIGHT, 4), f"{model.name}\n{model.tip}"))
            if model.y is None:
                yield f'<path class="model" d="M{x:.1f} {TOP}v8"/>'
            else:
                yield f'<circle class="model" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'
        for model, x, y in places:
            yield self.labels.near(model.name, x, y, "over", must=False)
        yield "</g>"

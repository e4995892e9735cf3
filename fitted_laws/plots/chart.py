"""A plot as SVG: curves with their intervals, dashed beyond the fit; what was asked; known models. Colours come from chart.css."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import groupby, pairwise

import msgspec

from fitted_laws.plots.labels import Labels
from fitted_laws.plots.scale import spanning

WIDTH, HEIGHT = 480, 330
LEFT, RIGHT, TOP, BOTTOM = 54, 14, 24, 46
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
        self.right = WIDTH - RIGHT - (min(max(map(len, names)), 22) * 7 if names else 0)
        self.bottom = HEIGHT - BOTTOM - (14 if chart.caption else 0)
        points = [point for curve in curves for point in curve.points]
        spots = [spot.point for spot in chart.spots]
        room = 0.13 if any(curve.under for curve in curves) else 0.06
        across = spanning([p.x for p in (*points, *spots)], LEFT, self.right)
        up = spanning(heights([*points, *spots]), self.bottom, TOP, room)
        self.x, self.y = across, up
        self.labels = Labels(LEFT, self.right, TOP, self.bottom)
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
            if self.labels.width(text) + 12 < end - start:
                yield self.labels.fixed(text, start + 6, y, "start")

    def grid(self) -> Iterator[str]:
        for tick in self.x.ticks(62):
            x = self.x(tick)
            yield f'<path class="grid" d="M{x:.1f} {TOP}V{self.bottom:.1f}"/>'
            yield f'<text x="{x:.1f}" y="{self.bottom + 17:.1f}" text-anchor="middle">{escape(self.chart.x.tick(tick))}</text>'
        for tick in self.y.ticks(38):
            y = self.y(tick)
            yield f'<path class="grid" d="M{LEFT} {y:.1f}H{self.right:.1f}"/>'
            yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{escape(self.chart.y.tick(tick))}</text>'

    def titles(self) -> Iterator[str]:
        yield f'<text x="{self.right:.1f}" y="{self.bottom + 36:.1f}" text-anchor="end">{escape(self.chart.x.title)}</text>'
        yield f'<text x="8" y="11">{escape(self.chart.y.title)}</text>'
        if self.chart.caption:
            yield f'<text class="caption" x="8" y="{HEIGHT - 4}">{escape(self.chart.caption)}</text>'

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
        for spot in self.chart.spots:
            point = spot.point
            x, y = self.x(point.x), self.y(point.y)
            if point.low and point.high:
                low, high = (self.y(self.y.nearest(end)) for end in (point.low, point.high))
                yield f'<path class="line h{spot.hue % HUES}" d="M{x:.1f} {low:.1f}V{high:.1f}"/>'
            yield f'<circle class="dot h{spot.hue % HUES}" cx="{x:.1f}" cy="{y:.1f}" r="6"/>'
            self.labels.take(x, y, 7)
            yield self.labels.near(spot.name, x, y, "over strong")
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

"""Curve answers as SVG: log-log, a line and its band a law, the extrapolated part dashed. No interaction: that is the page's."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from importlib import resources
from typing import Any

from fitted_laws.answers.answer import Answer
from fitted_laws.answers.formats import FORMATS, Format, require_all_fields
from fitted_laws.asking.question import Question
from fitted_laws.plots.axes import axis, named, point
from fitted_laws.plots.chart import Chart, Curve, Drawing, draw
from fitted_laws.quantities.problems import Fault, NotUnderstood

STYLE = (resources.files("fitted_laws") / "plots" / "chart.css").read_text()
INCOMPARABLE = "losses on different data do not compare"


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
    drawn = drawing(answer, across, up)
    return alone(drawn.svg) if drawn else alone(EMPTY)


EMPTY = (
    '<svg class="chart" viewBox="0 0 480 330"><text x="20" y="40">nothing to draw: fewer than two numbers</text></svg>'
)


def drawing(answer: Answer, across: str, up: str) -> Drawing | None:
    """The plot of an answer's rows as SVG."""
    return draw(charted(answer, across, up), SIZED)


def charted(answer: Answer, across: str, up: str) -> Chart:
    """What a plot of an answer's rows shows: a curve a law, and beneath where the curves come from."""
    rows = [row for row in answer.records() if isinstance(row.get(up), float) and row[up] > 0]
    laws = list(dict.fromkeys(row["law"] for row in rows))
    curves = [
        Curve(law, hue, sorted((point(row, across, up) for row in rows if row["law"] == law), key=lambda p: p.x))
        for hue, law in enumerate(laws)
    ]
    unit = rows[0].get("loss_unit") if rows else None
    title = f"{named(up, unit).capitalize()} against {across.replace('_', ' ')} by {', '.join(laws)}"
    return Chart(title=title, x=axis(across), y=axis(up, unit), curves=curves, caption=caption(rows, up))


SIZED = ' xmlns="http://www.w3.org/2000/svg" width="720" height="495"'


def caption(rows: Sequence[dict[str, Any]], up: str) -> str:
    """Whose curves these are, and whether their losses compare."""
    if len({row["law"] for row in rows}) == 1:
        return str(rows[0]["citation"])
    several = len({row.get("loss_on") for row in rows}) > 1
    return INCOMPARABLE if several and up.endswith("loss") else ""


def alone(svg: str) -> bytes:
    """A plot that stands by itself: with its colours, light or dark as its reader's, written out for readers without variables."""
    light, dark = (literal(scheme) for scheme in (0, 1))
    style = f"<style>{light}@media (prefers-color-scheme:dark) {{{dark}}}</style>"
    ground = '<rect class="paper" width="100%" height="100%"/>'
    head, _, rest = svg.partition(">")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{head}>{style}{ground}{rest}'.encode()


@functools.cache
def literal(scheme: int) -> str:
    """The rules of chart.css with the colours of a scheme, 0 light and 1 dark, in place of variables."""
    colours = {name: pair[scheme] for name, *pair in re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", STYLE)}
    rules = [rule.strip() for rule in re.findall(r"(?m)^ *\.chart[^{]*\{[^}]*\}(?: \.chart[^{]*\{[^}]*\})*", STYLE)]
    hues = [
        f".chart .line.h{i} {{ stroke: {colours[f'law-{i}']}; }} .chart .band.h{i}, .chart .dot.h{i}, "
        f".chart text.named.h{i} {{ fill: {colours[f'law-{i}']}; }}"
        for i in range(8)
    ]
    plain = [rule for rule in rules if "--hue" not in rule]
    written = re.sub(r"var\(--([\w-]+)\)", lambda found: colours[found[1]], "\n".join(plain))
    return f"{written}\n.paper {{ fill: {colours['paper']}; }}\n" + "\n".join(hues) + "\n"


SVG = Format("svg", "image/svg+xml", as_svg)


def formats_of(question: type[Question]) -> dict[str, Format]:
    """By suffix, how answers to `question` can be had: every answer's formats, and SVG for curves."""
    return {**FORMATS, SVG.suffix: SVG} if question.curve else FORMATS

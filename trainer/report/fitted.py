"""How a law was fitted and how it runs through its runs: the figures of a report's section "Fit"."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fitted_laws.forms import Values
from trainer.report import figures, markup
from trainer.report.figures import SERIES, Scatter
from trainer.report.numerals import short
from trainer.report.subject import ReportedLaw

GROUPS = len(SERIES)
NEAR_BUDGET = 0.2
"""Runs within this of a budget, in ln C, are drawn beside its curve."""

ISOFLOP_POINTS = 61
"""Of each curve, its optimum in the middle."""


def how_fitted(subject: ReportedLaw) -> str:
    """What was minimised, and whether anything else was nearly as good."""
    fit = subject.drawn.relation.fit
    if "objective" not in fit:
        return ""
    delta = "" if fit.get("delta") is None else f" with δ = {fit['delta']:.3g}"
    basins = len(fit.get("basins", [])) or 1
    others = (
        "every start of the search ended there"
        if basins == 1
        else f"{basins} separate optima were found, and this is the lowest"
    )
    return f"The sum of {fit['objective'].capitalize()} losses of the log residuals{delta} is {fit['sum']:.8g}, the least there is: {others}."


def fit_figure(subject: ReportedLaw) -> str:
    """The runs with the law: by groups of size where it has two inputs, as one curve with its band where it has one."""
    if len(subject.inputs) == 1:
        return one_variable(subject)
    if not subject.runs:
        return ""
    group, middles = grouped(subject.runs["params"])
    spent = subject.spent
    x = spent if spent is not None else subject.runs[subject.inputs[1]]
    lines = []
    for i, size in enumerate(middles):
        own = x[group == i]
        along = np.geomspace(own.min() / 2, own.max() * 4, 50)
        lines.append((short(size), along, line(subject, size, along)))
    scatter = Scatter(x=x, y=subject.runs["loss"], group=group)
    axis = "compute" if spent is not None else subject.inputs[1]
    svg = figures.drawn_as(
        f"{subject.anchor}-fit",
        f"loss against {axis}",
        figures.by_group(lines, scatter, (axis, subject.label), "params"),
    )
    fresh = " of fresh data: repeated tokens lie above it" if "epochs" in subject.inputs else ""
    caption = f"Points are runs, each line is the law at one size{fresh}; colours go from small to large models."
    return markup.figure(f"Loss against {axis.replace('_', ' ')}", svg, caption)


def line(subject: ReportedLaw, size: float, along: Values) -> Values:
    """The law at one size: along compute where it has a surface, of fresh data where it knows repeats; else along its
    second input.
    """
    params = np.full_like(along, size)
    if subject.best is not None:
        return np.asarray(subject.best.surface.value(params, along / (6 * params))[0])
    return np.asarray(subject.expected({"params": params, subject.inputs[1]: along})[0])


def grouped(params: Values) -> tuple[NDArray[np.int64], list[float]]:
    """The group of each size, from 0, and the groups' middles: each size its own, or six groups where there are more."""
    sizes = np.unique(params)
    edges = sizes if len(sizes) <= GROUPS else np.quantile(params, np.arange(GROUPS) / GROUPS)
    group = np.searchsorted(edges, params, side="right") - 1
    middles = [float(np.exp(np.log(params[group == i]).mean())) for i in range(len(edges))]
    return group, middles


def one_variable(subject: ReportedLaw) -> str:
    """The figure of a law of one variable, with its runs where they are known; nothing where no range is known."""
    name = subject.inputs[0]
    span = subject.span(name)
    if span is None:
        return ""
    runs = subject.runs or {name: np.zeros(0), "loss": np.zeros(0)}
    scatter = Scatter(x=runs[name], y=runs["loss"], group=np.full(len(runs["loss"]), -1))
    what = subject.label
    draw = figures.curve(lambda x: subject.curve(name, x), span, scatter, (name, what))
    svg = figures.drawn_as(f"{subject.anchor}-fit", f"{what} against {name}", draw)
    return markup.figure(
        f"{what.split(' (', maxsplit=1)[0].capitalize()} against {name}",
        svg,
        "Solid where there are runs, dashed to 100 times beyond; the band holds 90 %.",
    )


def isoflop_figure(subject: ReportedLaw) -> str:
    """Loss against size at three budgets among the runs and two beyond."""
    best, span, spent = subject.best, subject.span("compute"), subject.spent
    if best is None or span is None:
        return ""
    inside = (
        np.geomspace(*span, 5)[2:]
        if spent is None
        else np.unique(np.quantile(spent, (0.4, 0.7, 0.95), method="nearest"))
    )
    budgets = np.concatenate([inside, [10 * span[1], 100 * span[1]]])
    seen = Scatter(x=np.zeros(0), y=np.zeros(0), group=np.zeros(0, dtype=np.int64))
    if spent is not None:
        near = np.abs(np.log(spent[:, None] / budgets)) < NEAR_BUDGET
        chosen = near.any(axis=1)
        seen = Scatter(
            x=subject.runs["params"][chosen], y=subject.runs["loss"][chosen], group=near[chosen].argmax(axis=1)
        )
    caption = "Each line is one budget, its optimum marked; points are runs within a fifth of it. The two largest lie beyond the runs."
    lines = []
    for budget in budgets.tolist():
        answered = subject.answered("isoflop", ["params", "loss"], {"compute": budget, "points": ISOFLOP_POINTS})
        lines.append((budget, answered["params"][0], answered["loss"][0]))
    svg = figures.drawn_as(f"{subject.anchor}-isoflop", "isoFLOP curves", figures.isoflops(lines, seen, subject.label))
    return markup.figure("isoFLOP curves", svg, caption)

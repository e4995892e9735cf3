"""What is expected of larger budgets than the runs had: the figures and the table of a report's section "Beyond the runs"."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from trainer.report import figures, markup
from trainer.report.numerals import interval, power_of_ten, quantity
from trainer.report.subject import ReportedLaw

SHOWN = ("params", "tokens", "loss")
DISTANCES = (1.0, 3.0, 10.0, 30.0, 100.0)
"""Times the largest compute, or value, that was fitted."""


def frontier_figures(subject: ReportedLaw) -> Iterator[str]:
    """The optimum of each budget to 100 times beyond the runs, and what other sizes cost."""
    best, span = subject.best, subject.span("compute")
    if best is None or span is None:
        return
    for field, label, heading, caption in (
        (
            "loss",
            subject.label,
            "Loss on the frontier",
            "The lowest loss of each budget: solid where there are runs, dashed to 100 times beyond; the band holds 90 %.",
        ),
        ("sizes", "", "Best size and tokens", "What to spend a budget on, C = 6ND; the bands hold 90 %."),
    ):
        x = figures.beyond(span)
        drawn = figures.frontier(x, subject.answered("optimal", SHOWN, {"compute": x}), span[1], label)
        yield markup.figure(heading, figures.drawn_as(f"{subject.anchor}-{field}", heading, drawn), caption)


def forecast_parts(subject: ReportedLaw) -> Iterator[str]:
    """What is expected at the largest run and beyond, by distance, with the basin."""
    if subject.of_information:
        return
    if subject.best is not None:
        yield from frontier_tables(subject)
    else:
        yield curve_table(subject)


def frontier_tables(subject: ReportedLaw) -> Iterator[str]:
    """From the largest compute fitted to 100 times as much: the loss, of one new run too where the law keeps a forecast;
    the optimum, and the sizes between which at most 1 % more compute is spent.
    """
    span = subject.span("compute")
    if span is None:
        return
    budgets = span[1] * np.array(DISTANCES)
    best = subject.answered("optimal", (*SHOWN, "params_min", "params_max"), {"compute": budgets})
    losses = {"loss": best["loss"]}
    if subject.drawn.relation.forecast:
        losses["loss of one run"] = subject.answered("optimal", ["loss"], {"compute": budgets}, of="run")["loss"]
    places = [
        [f"{distance:g} ×", f"{power_of_ten(budget)} FLOP"]
        for distance, budget in zip(DISTANCES, budgets.tolist(), strict=True)
    ]
    yield markup.table(
        ["distance", "budget", *losses],
        [[*place, *(interval(ends[:, row]) for ends in losses.values())] for row, place in enumerate(places)],
    )
    yield markup.paragraph("What to spend it on, and the sizes that cost at most 1 % more compute for the same loss:")
    yield markup.table(
        ["distance", "budget", "params", "tokens", "basin of params"],
        [
            [
                *place,
                interval(best["params"][:, row]),
                interval(best["tokens"][:, row]),
                f"{quantity(best['params_min'][0][row])} – {quantity(best['params_max'][0][row])}",
            ]
            for row, place in enumerate(places)
        ],
    )


def curve_table(subject: ReportedLaw) -> str:
    """The loss of a law of one variable from the largest value fitted to 100 times as much."""
    name = subject.inputs[0]
    span = subject.span(name)
    if len(subject.inputs) > 1 or span is None:
        return ""
    at = span[1] * np.array(DISTANCES)
    columns = {"loss": subject.curve(name, at)}
    if subject.drawn.relation.forecast:
        columns["loss of one run"] = subject.answered("loss", ["loss"], {name: at}, of="run")["loss"]
    rows = [
        [f"{distance:g} ×", quantity(value), *(interval(ends[:, row]) for ends in columns.values())]
        for row, (distance, value) in enumerate(zip(DISTANCES, at.tolist(), strict=True))
    ]
    return markup.table(["distance", name, *columns], rows)

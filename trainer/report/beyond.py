"""The optimum of larger budgets than the runs had: the figures and the table of a report's section "Beyond the runs"."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from trainer.report import figures, markup
from trainer.report.numerals import interval, power_of_ten
from trainer.report.subject import ReportedLaw

SHOWN = ("params", "tokens", "loss")


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


def frontier_table(subject: ReportedLaw) -> str:
    """The optimum at the largest compute fitted, and at 10 and 100 times as much; also one new run, where the law keeps
    a forecast.
    """
    best, span = subject.best, subject.span("compute")
    if best is None or span is None:
        return ""
    budgets = span[1] * np.array([1.0, 10.0, 100.0])
    columns = subject.answered("optimal", SHOWN, {"compute": budgets})
    if subject.drawn.relation.forecast:
        columns["loss of one run"] = subject.answered("optimal", ["loss"], {"compute": budgets}, of="run")["loss"]
    rows = [
        [f"{power_of_ten(budget)} FLOP", *(interval(ends[:, row]) for ends in columns.values())]
        for row, budget in enumerate(budgets.tolist())
    ]
    return markup.table(["budget", *columns], rows)

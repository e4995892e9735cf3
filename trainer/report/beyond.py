"""The optimum of larger budgets than the runs had: the figures and the table of a report's section "Beyond the runs"."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fitted_laws.catalogue import ask
from fitted_laws.forms import Values
from trainer.report import figures, markup
from trainer.report.numerals import interval, power_of_ten, quantity
from trainer.report.subject import ReportedLaw


def frontier_figures(subject: ReportedLaw) -> Iterator[str]:
    """The optimum of each budget to 100 times beyond the runs, and what other sizes cost."""
    best, span = subject.best, subject.span("compute")
    if best is None or span is None:
        return
    for field, heading, caption in (
        (
            "loss",
            "Loss on the frontier",
            "The lowest loss of each budget: solid where there are runs, dashed to 100 times beyond; the band holds 90 %.",
        ),
        ("sizes", "Best size and tokens", "What to spend a budget on, C = 6ND; the bands hold 90 %."),
    ):
        yield markup.figure(
            heading,
            figures.drawn_as(f"{subject.anchor}-{field}", heading, figures.frontier(best, span, field)),
            caption,
        )


def frontier_table(subject: ReportedLaw) -> str:
    """The optimum at the largest compute fitted, and at 10 and 100 times as much, with intervals."""
    best, span = subject.best, subject.span("compute")
    if best is None or span is None:
        return ""
    budgets = span[1] * np.array([1.0, 10.0, 100.0])
    params = best.params(budgets)
    fields = {"params": params, "tokens": budgets / (6 * params)}
    losses = losses_ahead(subject, budgets)
    cells = [
        [*(interval(values[:, [i]]) for values in fields.values()), *(loss[i] for loss in losses.values())]
        for i in range(3)
    ]
    rows = [[f"{power_of_ten(budget)} FLOP", *row] for budget, row in zip(budgets.tolist(), cells, strict=True)]
    return markup.table(["budget", *fields, *losses], rows)


def losses_ahead(subject: ReportedLaw, budgets: Values) -> dict[str, list[str]]:
    """What `optimal` says of the loss at these budgets, for such runs on the mean and, where the law keeps a forecast, for one new run."""
    losses = {}
    for name, of in (
        (("loss", "mean"), ("loss of one run", "run")) if subject.drawn.relation.forecast else (("loss", "mean"),)
    ):
        answer = ask(
            "optimal", subject.laws, domain=subject.law.domain.id, law=subject.law.id, compute=budgets, interval=of
        )
        ends = [
            answer.column(f"loss{end}") if f"loss{end}" in answer.columns else [None] * len(budgets)
            for end in ("", "_low", "_high")
        ]
        losses[name] = [
            quantity(loss) + (f" ({quantity(low)} – {quantity(high)})" if low is not None and high is not None else "")
            for loss, low, high in zip(*ends, strict=True)
        ]
    return losses

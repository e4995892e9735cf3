"""What a law leaves of its runs: the tables and figures of a report's section "Residuals"."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from fitted_laws.forms import Values
from trainer.estimation.objective import robust_sigma
from trainer.report import figures, markup
from trainer.report.figures import ROBUST
from trainer.report.numerals import short
from trainer.report.subject import ReportedLaw

FARTHEST = 10
"""Runs in the table of those farthest from the law."""


def residual_parts(subject: ReportedLaw) -> Iterator[str]:
    """Residuals against each input and against the prediction, and the runs farthest from the law."""
    if not subject.runs:
        return
    off = residuals_of(subject)
    sigma = robust_sigma(off)
    scale, unit = (1.0, "nats") if subject.of_information else (100.0, "%")
    outside = int((np.abs(off) > ROBUST * sigma).sum())
    written = unit_of(subject)
    yield markup.paragraph(
        f"{outside} of {len(off)} runs {'lies' if outside == 1 else 'lie'} outside ±{written(ROBUST * sigma).lstrip('+')}, "
        f"the shaded band of ±{ROBUST} robust σ; "
        f"with normal noise it would be {0.1 * len(off):.0f}. A trend left here is what the form misses."
    )
    axes = {name: subject.runs[name] for name in subject.inputs}
    axes[f"predicted {subject.label}"] = subject.expected(subject.runs)[0]
    yield markup.figures(
        markup.figure(
            f"Against {name.replace('_', ' ').partition(' (')[0]}",
            figures.drawn_as(
                f"{subject.anchor}-off-{i}",
                f"residuals against {name.partition(' (')[0]}",
                figures.residuals(x, scale * off, name, unit, scale * sigma),
            ),
            "",
        )
        for i, (name, x) in enumerate(axes.items())
    )
    worst = np.argsort(-np.abs(off), kind="stable")[:FARTHEST]
    rows = [
        [
            subject.place(i),
            *(short(subject.runs[n][i]) for n in subject.inputs),
            f"{subject.runs['loss'][i]:.4g}",
            written(off[i]),
        ]
        for i in worst.tolist()
    ]
    yield markup.paragraph("Run by run, the farthest from the law first:")
    yield markup.table(["run", *(n.replace("_", " ") for n in subject.inputs), "loss", "observed − predicted"], rows)


def residuals_of(subject: ReportedLaw) -> Values:
    """Observed less predicted, as a part of the prediction; of information in nats."""
    predicted, observed = subject.expected(subject.runs)[0], subject.runs["loss"]
    return np.asarray(observed - predicted if subject.of_information else observed / predicted - 1)


def unit_of(subject: ReportedLaw) -> Callable[[float], str]:
    """How a residual is written: in nats, or as per cent of the prediction."""
    return (lambda value: f"{value:+.3g} nats") if subject.of_information else per_cent


def per_cent(part: float) -> str:
    """`+177.7 %`, `-0.41 %`."""
    return f"{100 * part:+.1f} %" if abs(part) >= 1 else f"{100 * part:+.2g} %"


def rms(values: Values) -> float:
    """The root mean square."""
    return float(np.sqrt(np.mean(values**2)))

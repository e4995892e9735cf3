"""A page about laws: how each fits its runs, what it expects beyond them, how well its coefficients are known. No
fitting here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from fitted_laws.laws.intervals import central_interval
from fitted_laws.laws.sampling import build
from fitted_laws.quantities.problems import Unanswerable
from fitted_laws.solving.optimum import SurfaceOptimum
from trainer.estimation.objective import robust_sigma
from trainer.report import markup
from trainer.report.beyond import forecast_parts, frontier_figures
from trainer.report.examples import asking, citation, examples
from trainer.report.fitted import fit_figure, how_fitted, isoflop_figure
from trainer.report.numerals import LEVEL, power_of_ten, quantity
from trainer.report.residuals import residual_parts, residuals_of, rms, unit_of
from trainer.report.robustness import next_runs, robustness_parts
from trainer.report.subject import ReportedLaw


def report(subjects: Sequence[ReportedLaw]) -> bytes:
    """The page of these laws.

    Raises:
        Unanswerable: there is none to show.
    """
    if not subjects:
        raise Unanswerable("the file holds no relation of loss to size, data or compute, so there is nothing to show")
    names = [(subject.anchor, subject.name) for subject in subjects]
    several = markup.contents(names) if len(subjects) > 1 else ""
    return markup.document(subjects[0].file if several else subjects[0].name, several + "\n".join(map(shown, subjects)))


def shown(subject: ReportedLaw) -> str:
    """One law, from its numbers to how to cite it."""
    relation = subject.drawn.relation
    sections = [
        markup.section("What was read", markup.notes(subject.notes)),
        markup.section("What to know first", markup.notes(subject.noticed)),
        markup.section(
            "Fit", markup.paragraph(how_fitted(subject)), markup.figures([fit_figure(subject), isoflop_figure(subject)])
        ),
        markup.section("Residuals", *residual_parts(subject)),
        markup.section("Beyond the runs", markup.figures(frontier_figures(subject)), *forecast_parts(subject)),
        markup.section("What it rests on", *robustness_parts(subject)),
        markup.section("Next runs", *next_runs(subject)),
        markup.section("Coefficients", *coefficient_parts(subject)),
        markup.section(
            "Ask it",
            markup.paragraph("These answers are what the commands print, so they can be checked."),
            markup.code(asking(subject)),
        ),
        markup.section("Cite it", markup.code(citation(subject))),
    ]
    return markup.article(
        subject.anchor, subject.name, relation.citation, numbers(subject), "\n".join(filter(None, sections))
    )


def numbers(subject: ReportedLaw) -> str:
    """The few numbers at the top: how many runs, how close the fit, and what it expects beyond."""
    items: list[tuple[str, str, str]] = []
    if subject.runs:
        off = residuals_of(subject)
        left = f"{subject.left_out} more left out" if subject.left_out else "none left out"
        items.append((str(len(off)), "runs", left))
        items.append(
            (
                unit_of(subject)(robust_sigma(off)).lstrip("+"),
                "typical residual",
                f"rms {unit_of(subject)(rms(off)).lstrip('+')}",
            )
        )
    for name, (inputs, answer) in list(examples(subject).items())[:2]:
        ends = [answer.columns.get(f"{answer.headline}{end}") for end in ("_low", "_high")]
        known = all(end is not None and np.isfinite(np.asarray(end, dtype=float)).all() for end in ends)
        interval = f"90 %: {' – '.join(map(quantity, ends))}" if known else "no interval"
        conditions = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in inputs.items())
        label = ", ".join(dict.fromkeys([answer.headline, name])).replace("_", " ")
        items.append((quantity(answer.columns[answer.headline]), f"{label} at {conditions}", interval))
    return markup.numbers(items) if items else ""


def coefficient_parts(subject: ReportedLaw) -> Iterator[str]:
    """Each coefficient with its interval, what follows from them, and how they move together."""
    relation, form, best = subject.drawn.relation, subject.drawn.form, subject.best
    fitted = (
        form
        if relation.forecast is None
        else build(relation.form, {n: np.array([[v]]) for n, v in relation.coefficients.items()})
    )
    quantities = {name: np.asarray(getattr(fitted, name)) for name in relation.coefficients}
    if isinstance(best, SurfaceOptimum):
        surface = best.surface
        quantities |= {"a: N_opt ∝ C^a": surface.params_exponent, "b: D_opt ∝ C^b": surface.tokens_exponent}
        quantities |= {"γ: L − E ∝ C^−γ": surface.frontier().alpha}
    elif best is not None and (span := subject.span("compute")) is not None:
        growth, gain = best.exponents(np.array([span[1]]))
        where = f"at {power_of_ten(span[1])} FLOP"
        quantities |= {"E of the set of laws": best.floor, f"a: N_opt ∝ C^a {where}": growth}
        quantities |= {f"b: D_opt ∝ C^b {where}": 1 - growth, f"γ: L − E ∝ C^−γ {where}": gain}
    rows = []
    for name, values in quantities.items():
        ends = central_interval(values, LEVEL) if len(values) > 1 else ()
        rows.append(
            [name, f"{values[0, 0]:.6g}", *(f"{end[0]:#.4g}".rstrip(".") for end in ends)]
            + (["–", "–"] if not ends else [])
        )
    yield markup.table(["", "value", "90 % from", "to"], rows)
    yield markup.paragraph(subject.drawn.reason or "", "soft") if subject.drawn.reason else ""
    varying = [
        name
        for name in relation.coefficients
        if len(quantities[name]) > 1 and np.ptp(quantities[name][1:]) > 1e-9 * abs(quantities[name][0, 0])
    ]
    kept = relation.fit.get("correlations") if relation.forecast else None
    if kept:
        yield markup.paragraph(
            "How coefficients of the plain fit move together, from −1 to 1, over resamples of the runs:"
        )
        yield markup.heat(list(relation.coefficients), kept)
    elif len(varying) > 1:
        yield markup.paragraph("How they move together, from −1 to 1, over the draws behind the interval:")
        yield markup.heat(varying, np.corrcoef([quantities[name][1:, 0] for name in varying]).tolist())

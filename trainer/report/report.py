"""A page about laws: how each fits its runs, what it expects beyond them, how well its coefficients are known. No fitting here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from fitted_laws.catalogue import ask
from fitted_laws.forms import Values
from fitted_laws.laws.intervals import central_interval
from fitted_laws.quantities.problems import Unanswerable
from trainer.estimation.objective import robust_sigma
from trainer.report import figures, markup
from trainer.report.examples import asking, citation, examples
from trainer.report.figures import LEVEL, ROBUST, SERIES, Scatter
from trainer.report.robustness import grounds
from trainer.report.subject import Subject

GROUPS = len(SERIES)
FARTHEST = 5
NEAR_BUDGET = 0.2
"""Runs within this of a budget, in ln C, are drawn beside its curve."""


def report(subjects: Sequence[Subject]) -> bytes:
    """The page of these laws.

    Raises:
        Unanswerable: there is none to show.
    """
    if not subjects:
        raise Unanswerable("the file holds no relation of loss to size, data or compute, so there is nothing to show")
    names = [(subject.anchor, subject.name) for subject in subjects]
    several = markup.contents(names) if len(subjects) > 1 else ""
    return markup.document(subjects[0].file if several else subjects[0].name, several + "\n".join(map(shown, subjects)))


def shown(subject: Subject) -> str:
    """One law, from its numbers to how to cite it."""
    relation = subject.drawn.relation
    sections = [
        markup.section("What to know first", markup.notes(subject.noticed)),
        markup.section(
            "Fit", markup.paragraph(how_fitted(subject)), markup.figures([fit_figure(subject), isoflop_figure(subject)])
        ),
        markup.section("Residuals", *residual_parts(subject)),
        markup.section("Beyond the runs", markup.figures(frontier_figures(subject)), frontier_table(subject)),
        markup.section("What it rests on", *grounds(subject)),
        markup.section("Coefficients", *coefficient_parts(subject)),
        markup.section("What was read", markup.notes(subject.told)),
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


def numbers(subject: Subject) -> str:
    """The few numbers at the top: how many runs, how close the fit, and what it expects beyond."""
    held: list[tuple[str, str, str]] = []
    if subject.runs:
        off = residuals_of(subject)
        left = f"{subject.left_out} more left out" if subject.left_out else "none left out"
        held.append((str(len(off)), "runs", left))
        held.append(
            (
                f"{unit_of(subject).format(robust_sigma(off))}",
                "typical residual",
                f"rms {unit_of(subject).format(rms(off))}",
            )
        )
    for name, (inputs, answer) in list(examples(subject).items())[:2]:
        low, high = (answer.columns.get(f"{answer.headline}{end}") for end in ("_low", "_high"))
        interval = (
            f"90 %: {quantity(low)} – {quantity(high)}" if low is not None and high is not None else "no interval"
        )
        told = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in inputs.items())
        asked = ", ".join(dict.fromkeys([answer.headline, name])).replace("_", " ")
        held.append((quantity(answer.columns[answer.headline]), f"{asked} at {told}", interval))
    return markup.numbers(held) if held else ""


def quantity(value: object) -> str:
    """A number of an answer as people say it."""
    number = float(np.ravel(np.asarray(value, dtype=float))[0])
    return f"{number:.4g}" if 1e-2 <= abs(number) < 1e4 else figures.short(number)


def how_fitted(subject: Subject) -> str:
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


def fit_figure(subject: Subject) -> str:
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
        lines.append((figures.short(size), along, line(subject, size, along)))
    scatter = Scatter(x=x, y=subject.runs["loss"], group=group)
    axis = "compute" if spent is not None else subject.inputs[1]
    svg = figures.drawn_as(
        f"{subject.anchor}-fit", f"loss against {axis}", figures.by_group(lines, scatter, axis, "params")
    )
    fresh = " of fresh data: repeated tokens lie above it" if "epochs" in subject.inputs else ""
    told = f"Points are runs, each line is the law at one size{fresh}; colours go from small to large models."
    return markup.figure(f"Loss against {axis.replace('_', ' ')}", svg, told)


def line(subject: Subject, size: float, along: Values) -> Values:
    """The law at one size: along compute where it has a surface, of fresh data where it knows repeats; else along its second input."""
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


def one_variable(subject: Subject) -> str:
    name = subject.inputs[0]
    span = subject.span(name)
    if span is None:
        return ""
    runs = subject.runs or {name: np.zeros(0), "loss": np.zeros(0)}
    scatter = Scatter(x=runs[name], y=runs["loss"], group=np.full(len(runs["loss"]), -1))
    what = "information (nats)" if subject.of_information else "loss (nats/token)"
    draw = figures.curve(lambda x: subject.expected({name: x}, draws=True), span, scatter, (name, what))
    svg = figures.drawn_as(f"{subject.anchor}-fit", f"{what} against {name}", draw)
    return markup.figure(
        f"{what.split(' (', maxsplit=1)[0].capitalize()} against {name}",
        svg,
        "Solid where there are runs, dashed to 100 times beyond; the band holds 90 %.",
    )


def frontier_figures(subject: Subject) -> Iterator[str]:
    """The optimum of each budget to 100 times beyond the runs, and what other sizes cost."""
    best, span = subject.best, subject.span("compute")
    if best is None or span is None:
        return
    for field, heading, told in (
        (
            "loss",
            "Loss on the frontier",
            "The lowest loss of each budget: solid where there are runs, dashed to 100 times beyond; the band holds 90 %.",
        ),
        ("sizes", "Best size and tokens", "What to spend a budget on, C = 6ND; the bands hold 90 %."),
    ):
        yield markup.figure(
            heading, figures.drawn_as(f"{subject.anchor}-{field}", heading, figures.frontier(best, span, field)), told
        )


def frontier_table(subject: Subject) -> str:
    """The optimum at the largest compute fitted, and at 10 and 100 times as much, with intervals."""
    best, span = subject.best, subject.span("compute")
    if best is None or span is None:
        return ""
    budgets = span[1] * np.array([1.0, 10.0, 100.0])
    params = best.params(budgets)
    fields = {"params": params, "tokens": budgets / (6 * params)}
    asked = losses_ahead(subject, budgets)
    cells = [
        [*(interval(values[:, [i]]) for values in fields.values()), *(loss[i] for loss in asked.values())]
        for i in range(3)
    ]
    rows = [[f"{figures.power_of_ten(budget)} FLOP", *row] for budget, row in zip(budgets.tolist(), cells, strict=True)]
    return markup.table(["budget", *fields, *asked], rows)


def losses_ahead(subject: Subject, budgets: Values) -> dict[str, list[str]]:
    """What `optimal` says of the loss at these budgets, for such runs on the mean and, where the law keeps a forecast, for one new run."""
    told = {}
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
        told[name] = [
            quantity(loss) + (f" ({quantity(low)} – {quantity(high)})" if low is not None and high is not None else "")
            for loss, low, high in zip(*ends, strict=True)
        ]
    return told


def interval(values: Values) -> str:
    """A number of shape (1 + draws, 1) with its 90 %."""
    if len(values) == 1:
        return quantity(values[0, 0])
    low, high = central_interval(values, LEVEL)
    return f"{quantity(values[0, 0])} ({quantity(low[0])} – {quantity(high[0])})"


def isoflop_figure(subject: Subject) -> str:
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
    told = "Each line is one budget, its optimum marked; points are runs within a fifth of it. The two largest lie beyond the runs."
    svg = figures.drawn_as(f"{subject.anchor}-isoflop", "isoFLOP curves", figures.isoflops(best, budgets, seen))
    return markup.figure("isoFLOP curves", svg, told)


def residuals_of(subject: Subject) -> Values:
    """Observed less predicted: as a share of the prediction in logs; of information in nats."""
    predicted, observed = subject.expected(subject.runs)[0], subject.runs["loss"]
    return np.asarray(observed - predicted if subject.of_information else np.log(observed / predicted))


def unit_of(subject: Subject) -> str:
    """How a residual is written."""
    return "{:.3g} nats" if subject.of_information else "{:.2%}"


def rms(values: Values) -> float:
    return float(np.sqrt(np.mean(values**2)))


def residual_parts(subject: Subject) -> Iterator[str]:
    """Residuals against each input and against the prediction, and the runs farthest from the law."""
    if not subject.runs:
        return
    off = residuals_of(subject)
    sigma = robust_sigma(off)
    scale, unit = (1.0, "nats") if subject.of_information else (100.0, "%")
    outside = int((np.abs(off) > ROBUST * sigma).sum())
    written = unit_of(subject)
    yield markup.paragraph(
        f"{outside} of {len(off)} runs lie outside ±{written.format(ROBUST * sigma)}, the shaded band of ±{ROBUST} robust σ; "
        f"with normal noise it would be {0.1 * len(off):.0f}. A trend left here is what the form misses."
    )
    axes = {name: subject.runs[name] for name in subject.inputs} | {"predicted loss": subject.expected(subject.runs)[0]}
    if subject.of_information:
        axes["predicted information"] = axes.pop("predicted loss")
    yield markup.figures(
        markup.figure(
            f"Against {name.replace('_', ' ')}",
            figures.drawn_as(
                f"{subject.anchor}-off-{i}",
                f"residuals against {name}",
                figures.residuals(x, scale * off, name, unit, scale * sigma),
            ),
            "",
        )
        for i, (name, x) in enumerate(axes.items())
    )
    worst = np.argsort(-np.abs(off), kind="stable")[:FARTHEST]
    rows = [
        [subject.place(i), *(f"{subject.runs[n][i]:.4g}" for n in (*subject.inputs, "loss")), written.format(off[i])]
        for i in worst.tolist()
    ]
    yield markup.paragraph("The runs farthest from the law:")
    yield markup.table(["run", *(n.replace("_", " ") for n in subject.inputs), "loss", "observed − predicted"], rows)


def coefficient_parts(subject: Subject) -> Iterator[str]:
    """Each coefficient with its interval, what follows from them, and how they move together."""
    relation, form = subject.drawn.relation, subject.drawn.form
    held = {name: getattr(form, name) for name in relation.coefficients}
    best = subject.best
    if best is not None:
        surface = best.surface
        held |= {"a: N_opt ∝ C^a": surface.params_exponent, "b: D_opt ∝ C^b": surface.tokens_exponent}
        held |= {"γ: L − E ∝ C^−γ": surface.frontier().alpha}
    rows = []
    for name, values in held.items():
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
        if len(held[name]) > 1 and np.ptp(held[name][1:]) > 1e-9 * abs(held[name][0, 0])
    ]
    if len(varying) > 1:
        yield markup.paragraph("How they move together, from −1 to 1, over the draws behind the interval:")
        yield markup.heat(varying, np.corrcoef([held[name][1:, 0] for name in varying]).tolist())

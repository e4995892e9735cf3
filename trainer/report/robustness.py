"""What a law's answers rest on, as parts of a page: the runs that move its optimum, the asymptote it assumes, the runs
that would narrow it.
"""

from collections.abc import Iterator

import numpy as np

from trainer.laws import influence
from trainer.laws.refusal import Unfittable
from trainer.report import markup
from trainer.report.numerals import power_of_ten, short
from trainer.report.subject import ReportedLaw
from trainer.tables.runs import Runs

SHOWN = 3


def table_of(subject: ReportedLaw) -> Runs | None:
    """The runs of an additive surface; None of other laws, or where they are not known."""
    if subject.drawn.relation.form != "additive" or not {"params", "tokens"} <= subject.runs.keys():
        return None
    params, tokens, loss = (subject.runs[name] for name in ("params", "tokens", "loss"))
    columns = {"params": params, "tokens": tokens, "loss": loss, "compute": 6 * params * tokens}
    return Runs(columns=columns, labels={}, lines=list(range(len(loss))))


def robustness_parts(subject: ReportedLaw) -> Iterator[str]:
    """What moves the optimum a decade beyond the largest run of an additive surface."""
    runs = table_of(subject)
    if runs is None:
        return
    params, tokens, loss = (runs.columns[name] for name in ("params", "tokens", "loss"))
    compute = influence.AHEAD * float(runs.columns["compute"].max())
    try:
        fitted = influence.additive(runs)
    except Unfittable:
        return
    yield markup.paragraph(
        f"The optimal size at {power_of_ten(compute)} FLOP, ten times the largest run, is the answer looked at here."
    )
    moves = influence.influence(fitted, compute)
    most = np.argsort(-np.abs(moves), kind="stable")[:SHOWN].tolist()
    yield markup.paragraph("The runs that move it most, and by how much it differs without each:")
    rows = [
        [subject.place(i), short(params[i]), short(tokens[i]), f"{loss[i]:.4g}", f"{np.expm1(moves[i]):+.1%}"]
        for i in most
    ]
    yield markup.table(["run", "params", "tokens", "loss", "optimal size"], rows)
    yield markup.paragraph(
        "What it would be with the irreducible loss pinned; a level that leaves no larger residuals is not ruled out by these runs:"
    )
    turns = [[f"{turn.level:.4g}", short(turn.params), f"{turn.rms:.2%}"] for turn in influence.dial(runs, compute)]
    yield markup.table(["irreducible loss", "optimal size", "rms residual"], turns)


def next_runs(subject: ReportedLaw) -> Iterator[str]:
    """The further runs that would narrow that optimum most for their price."""
    runs = table_of(subject)
    if runs is None:
        return
    compute = influence.AHEAD * float(runs.columns["compute"].max())
    try:
        further = influence.suggest(runs, compute)
    except Unfittable:
        return
    yield markup.paragraph(
        f"Those that would narrow the optimal size at {power_of_ten(compute)} FLOP most for their price, one after another:"
    )
    rows = [[short(r.params), short(r.tokens), power_of_ten(r.compute), f"±{r.deviation:.0%}"] for r in further]
    yield markup.table(["params", "tokens", "FLOP", "optimal size then known to"], rows)

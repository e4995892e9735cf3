"""Losses by surfaces that are not additive in size and data, and what a law expects of downstream tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec
import numpy as np

from fitted_laws.forms import Values
from fitted_laws.forms.conditional import SparseWeights
from fitted_laws.laws.law import Drawn, GrowthRole, Law
from fitted_laws.quantities.display import brief
from fitted_laws.quantities.problems import Incapable, Unanswerable
from fitted_laws.solving.floor import floor_fields
from fitted_laws.solving.optima.mixed import MixedOptimum
from fitted_laws.solving.solution import Caution, Solution
from fitted_laws.solving.spent import unpriced

OTHER_SURFACES: tuple[Literal["moe-surface", "shape-surface"], ...] = ("moe-surface", "shape-surface")
"""Surfaces that give a loss and no optimum, since further inputs change with size."""
DOWNSTREAM: dict[GrowthRole, str] = {
    "downstream-error": "downstream_error",
    "downstream-error-46": "downstream_error_46",
}
"""Relations of the error on tasks to the loss, and the field each gives."""


def with_downstream_error(law: Law, solution: Solution) -> Solution:
    """The solution with the mean errors on downstream tasks that the law expects at its loss, where it holds them."""
    relations = {name: law.drawn(role) for role, name in DOWNSTREAM.items() if law.has(role)}
    errors = {name: drawn.form.value(solution.fields["loss"]) for name, drawn in relations.items()}
    return msgspec.structs.replace(
        solution, fields={**solution.fields, **errors}, sources=[*solution.sources, *relations.values()]
    )


def with_dense_params(drawn: Drawn[Any], further: Mapping[str, Values], solution: Solution) -> Solution:
    """The solution with the size of the dense model of the same loss and data, by a law of sparse weights."""
    if not isinstance(drawn.form, SparseWeights):
        return solution
    dense = drawn.form.dense_multiple(**further) * solution.fields["params"]
    return msgspec.structs.replace(solution, fields={**solution.fields, "dense_params": dense})


def loss_solution(
    sources: Sequence[Drawn[object]], loss: Values, floor: Values, cautions: Sequence[Caution] = (), **inputs: Any
) -> Solution:
    """The solution with that loss, what it has above its floor, and these inputs."""
    above = floor_fields(loss, floor)
    fields = {"loss": loss, **above.fields, **inputs}
    return Solution(fields=fields, sources=sources, warnings=[*cautions, *above.warnings])


def on_other_surface(
    law: Law, drawn: Drawn[Any], extras: Mapping[str, Values], share: Values, run: Mapping[str, Values]
) -> Solution:
    """The loss of a run, params, tokens and compute, by a surface whose further inputs, `extras`, change with size.

    Raises:
        Incapable: `run` is empty, since one input alone was given.
    """
    if not run:
        raise Incapable(f"{law.id} holds no limits and no optimum; ask by two of params, tokens and compute")
    loss = drawn.form.value(run["params"], run["tokens"], **extras)
    return loss_solution([drawn], loss, drawn.form.floor_at(**extras), unpriced(drawn, share), **run)


def on_mixed_surface(law: Law, best: MixedOptimum, params: Values, tokens: Values, compute: Values) -> Solution:
    """The loss of a run by a surface that is not additive, with the data beyond which more of it hurts, where there are such."""
    loss = best.form.value(params, tokens, **best.further)
    fields = {"params": params, "tokens": tokens, "compute": compute}
    cautions: list[Caution] = []
    if "tokens" in best.form.rises_in:
        critical = best.form.critical_tokens(params, **best.further)
        cautions = list(critical_cautions(law, critical[0], tokens))
        fields["critical_tokens"] = np.where(np.isfinite(critical), critical, np.nan)
    return loss_solution(best.sources, loss, best.floor, cautions, **fields)


def critical_cautions(law: Law, critical: Values, tokens: Values) -> Iterator[Caution]:
    """D_crit of each row, and whether it has been passed; rows of one sentence share it."""
    rows: dict[str, list[int]] = {}
    both = np.broadcast_arrays(critical, tokens)
    for row, (limit, data) in enumerate(zip(*(each.tolist() for each in both), strict=True)):
        if np.isfinite(limit):
            passed = "passed: fewer would do better" if data > limit else "not reached"
            text = f"by {law.id} more than {brief(limit)} tokens (D_crit) raise the loss of this size at this precision; {passed}"
            rows.setdefault(text, []).append(row)
    for text, concerned in rows.items():
        mask = np.zeros(len(both[0]), dtype=bool)
        mask[concerned] = True
        yield Caution(text, mask)


def at_limit(law: Law, best: MixedOptimum, name: str, value: Values) -> Solution:
    """The loss of a size at unlimited data, or of data at unlimited size.

    Raises:
        Unanswerable: the loss rises with data without end.
    """
    if name == "tokens":
        loss = best.form.tokens_limit(value, **best.further)
        limit, text = "params → ∞", "the loss of this many tokens in the limit of unlimited size, which no run reaches"
    else:
        loss = best.form.params_limit(value, **best.further)
        limit, text = "tokens → ∞", "the loss of this size in the limit of unlimited data, which no run reaches"
    if np.isinf(loss[0]).any():
        raise Unanswerable(
            f"by {law.id} the loss rises with data beyond D_crit at this precision, so unlimited data have no loss; ask with tokens"
        )
    return loss_solution(best.sources, loss, best.floor, [Caution(text)], **{name: value}, limit=limit)


def require_a_run(law: Law, interval: str, names: Sequence[str]) -> None:
    """That no interval of a run is asked for where no run is.

    Raises:
        Unanswerable: one is.
    """
    if interval == "run" and len(names) == 1:
        raise Unanswerable(
            f"interval=run needs a run's size and data, or its compute; no run of {law.id} reaches the limit of either"
        )

"""`extrapolate`: loss on problems harder than those trained on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from fitted_laws.asking.question import Question, exactly_one
from fitted_laws.forms import Values
from fitted_laws.forms.studies import LossBeyond
from fitted_laws.laws.law import Drawn, Law
from fitted_laws.quantities.problems import Incapable
from fitted_laws.quantities.units import Difficulty, Loss, Params
from fitted_laws.solving.column import column
from fitted_laws.solving.optimum import surface_optimum
from fitted_laws.solving.solution import Solution


class Extrapolate(Question, frozen=True, kw_only=True):
    """What loss does a model reach on problems harder than those it was trained on?"""

    name: ClassVar[str] = "extrapolate"
    headline: ClassVar[str] = "loss"
    answers: ClassVar[tuple[str, ...]] = ("loss", "training_loss")
    example: ClassVar[dict[str, Any]] = {"domain": "math", "difficulty": 4, "loss": 1.0}

    difficulty: Difficulty
    params: Params | None = None
    loss: Loss | None = None

    def solve(self, law: Law) -> Solution:
        """L_beyond = a·L^b of each difficulty, L the given training loss, or that of the size where data do not limit
        it.
        """
        levels = sorted(part for role, part in law.relations if role == "beyond" and part is not None)
        if not levels:
            raise Incapable(
                f"{law.id} prints no loss by difficulty: its extrapolation is in figures only; ask loss for the training distribution"
            )
        wanted = [f"{level:g}" for level in column(self.difficulty)]
        if unknown := sorted(set(wanted) - set(levels)):
            raise Incapable(
                f"{law.id} was read beyond training at difficulty {', '.join(levels)}, not at {', '.join(unknown)}"
            )
        drawn = {level: law.drawn("beyond", level) for level in dict.fromkeys(wanted)}
        trained, sources = self._trained(law)
        rows = [beyond(drawn[level].form, trained, row) for row, level in enumerate(wanted)]
        if trained.ndim == 2:
            trained = trained[:, np.minimum(np.arange(len(wanted)), trained.shape[1] - 1)]
        return Solution(
            fields={"loss": np.concatenate(rows, axis=1), "training_loss": trained}, sources=[*drawn.values(), *sources]
        )

    def _trained(self, law: Law) -> tuple[Values, Sequence[Drawn[object]]]:
        """The training loss: as given, (rows,), or by size without a limit of data, (1 + draws, rows)."""
        if exactly_one(self, "params", "loss") == "loss":
            return column(self.loss), []
        best = surface_optimum(law.drawn("surface"))
        return np.asarray(best.surface.floor + best.surface.params_term(column(self.params))), best.sources


def beyond(form: LossBeyond, trained: Values, row: int) -> Values:
    """(1 + draws, 1) of one row; where two relations have draws, as many as the fewer."""
    at = min(row, trained.shape[-1] - 1)
    if trained.ndim == 1:
        return np.asarray(form.value(trained[at : at + 1]))
    count = min(len(trained), len(np.atleast_2d(form.a)))
    cut = LossBeyond(a=form.a[:count], b=form.b[:count])
    return np.asarray(cut.value(trained[:count, at : at + 1]))

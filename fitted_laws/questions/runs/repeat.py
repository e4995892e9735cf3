"""`repeat`: what passes over the same tokens are worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from fitted_laws.answers.showing import ReportExample
from fitted_laws.asking.question import Question
from fitted_laws.forms.surfaces import WORTHLESS
from fitted_laws.laws.law import Law
from fitted_laws.quantities.units import Epochs, Params, UniqueTokens
from fitted_laws.solving.column import column
from fitted_laws.solving.floor import floor_fields
from fitted_laws.solving.solution import Solution


class Repeat(Question, frozen=True, kw_only=True):
    """What loss do several passes over a limited set of tokens reach, and when is another pass worthless?"""

    name: ClassVar[str] = "repeat"
    headline: ClassVar[str] = "loss"
    answers: ClassVar[tuple[str, ...]] = (
        "loss",
        "reducible_loss",
        "irreducible_loss",
        "irreducible_loss_known",
        "effective_tokens",
        "effective_params",
        "marginal_value",
        "half_value_epoch",
        "worthless_epoch",
        "tokens",
        "compute",
    )
    rank: ClassVar[int] = 8
    forecasts: ClassVar[bool] = True
    report_examples: ClassVar[Mapping[str, ReportExample]] = {
        "repeated": ReportExample(("params", "unique_tokens", "epochs"), 1)
    }
    example: ClassVar[dict[str, Any]] = {"domain": "language", "params": "1B", "unique_tokens": "25B", "epochs": 4}

    params: Params
    unique_tokens: UniqueTokens
    epochs: Epochs

    def solve(self, law: Law) -> Solution:
        drawn = law.drawn("repeated")
        form = drawn.form
        params, unique, epochs = column(self.params), column(self.unique_tokens), column(self.epochs)
        loss = form.value(params, unique, epochs)
        fields = {
            "loss": loss,
            **floor_fields(loss, form.floor).fields,
            "effective_tokens": form.effective_tokens(unique, epochs),
            "effective_params": form.effective_params(params, unique),
            "marginal_value": form.marginal_value(epochs),
            "half_value_epoch": 1 + form.R_D * np.log(2),
            "worthless_epoch": 1 + form.R_D * np.log(1 / WORTHLESS),
            "tokens": unique * epochs,
            "compute": 6 * params * unique * epochs,
        }
        return Solution(fields=fields, sources=[drawn])

"""`information_gain`: what an image says of its caption, in nats, words and as a share of the caption's entropy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from fitted_laws.answers.showing import LawCurve, ReportExample
from fitted_laws.asking.question import Question, exactly_one
from fitted_laws.forms import Values
from fitted_laws.laws.law import Law
from fitted_laws.quantities.problems import Fault, Incapable, NotUnderstood
from fitted_laws.quantities.units import MutualInformation, NatsPerWord, Params, TextLoss
from fitted_laws.solving.column import column
from fitted_laws.solving.solution import Caution, Solution


class InformationGain(Question, frozen=True, kw_only=True):
    """How much does an image say of its caption: how many nats, how many words, what share?"""

    name: ClassVar[str] = "information_gain"
    headline: ClassVar[str] = "mutual_information"
    answers: ClassVar[tuple[str, ...]] = ("mutual_information", "words", "infogain")
    law_curves: ClassVar[tuple[LawCurve, ...]] = (
        LawCurve(across="params", low=1e2, high=1e9, up=("mutual_information",), place=8),
    )
    report_examples: ClassVar[Mapping[str, ReportExample]] = {"information": ReportExample(("params",), 1)}
    example: ClassVar[dict[str, Any]] = {"domain": "text-to-image", "mutual_information": 8, "nats_per_word": 3.4}

    params: Params | None = None
    mutual_information: MutualInformation | None = None
    nats_per_word: NatsPerWord | None = None
    text_loss: TextLoss | None = None

    def require_inputs(self) -> None:
        exactly_one(self, "params", "mutual_information")

    def without_law(self) -> Solution | None:
        if self.mutual_information is None:
            return None
        if self.nats_per_word is None and self.text_loss is None:
            raise NotUnderstood.of(
                Fault("nats_per_word", "nats_per_word or text_loss beside mutual_information", "nothing")
            )
        fields = self._shares(column(self.mutual_information))
        note = Caution(
            "computed from the given nats by equation 1.3 of Henighan et al. 2020, arXiv:2010.14701; no fitted law is behind it"
        )
        return Solution(fields=fields, sources=[], warnings=[note])

    def solve(self, law: Law) -> Solution:
        """I(N) of a law fitted to mutual information; below its Nc it is none."""
        if not law.has("information"):
            raise Incapable(
                f"{law.id} holds no mutual information by size for {law.domain.id} (the text of Henighan et al. 2020 implies one for text-to-image "
                "alone); give mutual_information with nats_per_word or text_loss"
            )
        drawn = law.drawn("information")
        params = column(self.params)
        information = drawn.form.value(params)
        cautions = [
            Caution("a model as small as this has learnt nothing of its caption from the image", information[0] <= 0)
        ]
        fields = {**self._shares(np.maximum(information, 0.0)), "params": params}
        return Solution(fields=fields, sources=[drawn], warnings=cautions)

    def _shares(self, information: Values) -> dict[str, Any]:
        fields: dict[str, Any] = {"mutual_information": information}
        if self.nats_per_word is not None:
            fields["words"] = information / column(self.nats_per_word)
        if self.text_loss is not None:
            fields["infogain"] = information / column(self.text_loss)
        return fields

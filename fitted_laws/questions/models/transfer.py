"""`transfer`: what pretraining is worth in fine-tuning data."""

from __future__ import annotations

from typing import Any, ClassVar

from fitted_laws.asking.question import Question, exactly_one
from fitted_laws.asking.showing import LawCurve
from fitted_laws.laws.law import Law
from fitted_laws.quantities.problems import Fault, NotUnderstood
from fitted_laws.quantities.units import BytesPerToken, FinetuneCharacters, FinetuneTokens, Params
from fitted_laws.solving.column import column
from fitted_laws.solving.solution import Caution, Solution

LOW_DATA = 0.1
"""The law holds where the fine-tuning data are at most this share of the data that the size needs."""


class PretrainingTransfer(Question, frozen=True, kw_only=True):
    """How much fine-tuning data is pretraining worth to a model of this size?"""

    name: ClassVar[str] = "transfer"
    headline: ClassVar[str] = "effective_characters_transferred"
    answers: ClassVar[tuple[str, ...]] = ("effective_characters_transferred", "multiplier", "finetune_characters")
    law_curves: ClassVar[tuple[LawCurve, ...]] = (
        LawCurve(across="finetune_characters", low=1e5, high=1e11, up=("effective_characters_transferred",), place=6),
    )
    example: ClassVar[dict[str, Any]] = {"domain": "code", "params": "40M", "finetune_characters": "300k"}

    params: Params
    finetune_characters: FinetuneCharacters | None = None
    finetune_tokens: FinetuneTokens | None = None
    bytes_per_token: BytesPerToken | None = None

    def solve(self, law: Law) -> Solution:
        unit = exactly_one(self, "finetune_characters", "finetune_tokens")
        if unit == "finetune_tokens" and self.bytes_per_token is None:
            expected = "the mean length of a token in bytes: the law counts characters"
            raise NotUnderstood.of(Fault("bytes_per_token", expected, "nothing"))
        drawn = law.drawn("transfer")
        params = column(self.params)
        characters = (
            column(self.finetune_characters)
            if self.finetune_characters is not None
            else column(self.finetune_tokens) * column(self.bytes_per_token)
        )
        transferred = drawn.form.value(characters, params)
        needed = 5e3 * params**0.74
        text = (
            "finetune_characters is more than a tenth of the data this size needs (K eq 4.4, taking a token for a character, "
            "the stricter reading): beyond the low-data regime the law was fitted in"
        )
        fields = {
            "effective_characters_transferred": transferred,
            "multiplier": (characters + transferred) / characters,
            "finetune_characters": characters,
        }
        return Solution(fields=fields, sources=[drawn], warnings=[Caution(text, characters > LOW_DATA * needed)])

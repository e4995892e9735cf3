"""`transfer`: what pretraining is worth in fine-tuning data."""

from __future__ import annotations

from typing import Any, ClassVar

from fitted_laws.answers.showing import LawCurve
from fitted_laws.asking.question import Question, exactly_one
from fitted_laws.forms import Values
from fitted_laws.laws.law import Law
from fitted_laws.quantities.problems import Fault, NotUnderstood, Unanswerable
from fitted_laws.quantities.units import BytesPerToken, FinetuneCharacters, FinetuneTokens, Params
from fitted_laws.solving.column import column
from fitted_laws.solving.solution import Caution, Solution

LOW_DATA = 0.1
"""The law holds where the fine-tuning data are at most this share of the data that the size needs."""


class PretrainingTransfer(Question, frozen=True, kw_only=True):
    """How much fine-tuning data is pretraining worth to a model of this size?"""

    name: ClassVar[str] = "transfer"
    headline: ClassVar[str] = "effective_characters_transferred"
    instead: ClassVar[str] = "downstream_loss"
    answers: ClassVar[tuple[str, ...]] = (
        "effective_characters_transferred",
        "multiplier",
        "downstream_loss",
        "downstream_error",
        "finetune_characters",
    )
    losses: ClassVar[tuple[str, ...]] = ("downstream_loss",)
    law_curves: ClassVar[tuple[LawCurve, ...]] = (
        LawCurve(
            across="finetune_characters",
            low=1e5,
            high=1e11,
            up=("effective_characters_transferred", "downstream_loss"),
            place=6,
        ),
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
        params = column(self.params)
        characters = (
            column(self.finetune_characters)
            if self.finetune_characters is not None
            else column(self.finetune_tokens) * column(self.bytes_per_token)
        )
        if law.has("finetuned-loss") and law.has("finetuned-error"):
            return classified(law, params, characters)
        drawn = law.drawn("transfer")
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


def classified(law: Law, params: Values, characters: Values) -> Solution:
    """Loss and error of a fine-tuned classifier.

    Raises:
        Unanswerable: by the law it would be wrong more often than always.
    """
    loss, error = law.drawn("finetuned-loss"), law.drawn("finetuned-error")
    wrong = error.form.value(params, characters)
    if (wrong[0] > 1).any():
        raise Unanswerable(
            f"by {law.id} the error would be {wrong[0].max():.3g}, above 1: it knows nothing of so little fine-tuning data; ask with more"
        )
    fields = {
        "downstream_loss": loss.form.value(params, characters),
        "downstream_error": wrong,
        "finetune_characters": characters,
    }
    return Solution(fields=fields, sources=[loss, error])

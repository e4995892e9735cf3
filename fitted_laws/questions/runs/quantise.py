"""`quantise`: how what quantising the weights after training costs grows with size, data and bits."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from fitted_laws.answers.showing import LawCurve
from fitted_laws.asking.question import Question
from fitted_laws.laws.law import Law
from fitted_laws.quantities.problems import Fault, NotUnderstood
from fitted_laws.quantities.units import AddedLoss, Bits, Params, Tokens
from fitted_laws.solving.column import column
from fitted_laws.solving.solution import Caution, Solution


class Quantise(Question, frozen=True, kw_only=True):
    """How many times the loss that quantising after training adds to a known model does it add to this one?"""

    name: ClassVar[str] = "quantise"
    headline: ClassVar[str] = "added_loss_ratio"
    answers: ClassVar[tuple[str, ...]] = ("added_loss_ratio", "added_loss")
    losses: ClassVar[tuple[str, ...]] = ()
    rank: ClassVar[int] = 12
    law_curves: ClassVar[tuple[LawCurve, ...]] = (
        LawCurve(across="tokens", low=1e8, high=1e14, up=("added_loss_ratio",), place=6),
    )
    example: ClassVar[dict[str, Any]] = {
        "domain": "language",
        "params": "220M",
        "tokens": "26B",
        "quantised_bits": 4,
        "known_tokens": "13B",
        "known_added_loss": 0.02,
    }

    params: Params
    tokens: Tokens
    quantised_bits: Annotated[Bits, Meta(description="bits of the weights after training")]
    known_params: Annotated[Params, Meta(description="size of the model that was measured, if another")] | None = None
    known_tokens: Annotated[Tokens, Meta(description="tokens it was trained on, if others")] | None = None
    known_bits: Annotated[Bits, Meta(description="bits it was quantised to, if others")] | None = None
    known_added_loss: AddedLoss | None = None

    def require_inputs(self) -> None:
        if self.known_params is None and self.known_tokens is None and self.known_bits is None:
            expected = "known_params, known_tokens or known_bits: in what the model that was measured is another"
            raise NotUnderstood.of(Fault("known_tokens", expected, "nothing"))

    def solve(self, law: Law) -> Solution:
        drawn = law.drawn("post-training")
        asked = (self.params, self.tokens, self.quantised_bits)
        known = (self.known_params, self.known_tokens, self.known_bits)
        measured = [given if other is None else other for given, other in zip(asked, known, strict=True)]
        ratio = drawn.form.ratio(*map(column, asked)) / drawn.form.ratio(*map(column, measured))
        fields = {"added_loss_ratio": ratio, "added_loss": None}
        unmeasured = Caution("added_loss is null: this law gives ratios; ask with known_added_loss, measured once")
        if self.known_added_loss is not None:
            fields["added_loss"] = ratio * column(self.known_added_loss)
        where = {"params": column(self.params), "tokens": column(self.tokens)}
        return Solution(
            fields={**fields, **where},
            sources=[drawn],
            warnings=[] if self.known_added_loss is not None else [unmeasured],
        )

"""`shape`: layers, width, heads, learning rate, batch and vocabulary of a model, as papers trained theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from msgspec import Meta

from fitted_laws.answers.showing import LawCurve
from fitted_laws.asking.question import Question
from fitted_laws.forms import Values
from fitted_laws.laws.law import Law, RecipeRole
from fitted_laws.quantities.problems import Incapable, Unanswerable, UnknownInput
from fitted_laws.quantities.units import Compute, Context, Params, Tokens, Width
from fitted_laws.solving.column import column
from fitted_laws.solving.solution import Caution, Fields, Solution

RATE_INPUTS: dict[RecipeRole, tuple[str, ...]] = {
    "learning-rate": ("params",),
    "learning-rate-by-tokens": ("params", "tokens"),
    "learning-rate-by-compute": ("compute",),
}
BATCH_INPUTS: dict[RecipeRole, tuple[str, ...]] = {
    "batch-by-params": ("params",),
    "batch-by-tokens": ("tokens",),
    "batch-by-compute": ("compute",),
}

OF_SHAPE = ("layers", "width", "heads", "aspect_ratio", "training_flops_per_token", "exact_flops_per_token")
WIDEST = 2**19
"""The widest model whose shape is looked at: its parameters are some 10^18."""

ATTENTION_OF_WIDTH = {12.0: 1.0, 3.0: 0.25}
"""d_attn/width of the family N = k·layers·width²: 12 with a feed-forward of 4 widths (K), 3 with one of a single width
(H appendix F).
"""


class Shape(Question, frozen=True, kw_only=True):
    """Which layers, width, heads, learning rate and batch should a model of this size have?"""

    name: ClassVar[str] = "shape"
    headline: ClassVar[str] = "layers"
    instead: ClassVar[str] = "learning_rate"
    answers: ClassVar[tuple[str, ...]] = (
        "layers",
        "width",
        "heads",
        "aspect_ratio",
        "learning_rate",
        "batch_tokens",
        "training_flops_per_token",
        "exact_flops_per_token",
        "feed_forward",
        "vocabulary_params",
        "vocabulary",
        "batch_kind",
        "params",
    )
    law_curves: ClassVar[tuple[LawCurve, ...]] = (
        LawCurve(
            across="params",
            low=1e5,
            high=1e12,
            up=("learning_rate", "width", "batch_tokens", "vocabulary_params"),
            place=5,
        ),
    )
    example: ClassVar[dict[str, Any]] = {"domain": "image-32x32", "params": "50.3M"}

    params: Params
    tokens: Tokens | None = None
    compute: Compute | None = None
    context: Context | None = None
    width: (
        Annotated[Width, Meta(description="width of the model, where it is known: the vocabulary follows")] | None
    ) = None

    def solve(self, law: Law) -> Solution:
        if law.has("vocabulary"):
            return self._vocabulary(law)
        family = self._family(law)
        rate, batch = self._recipe(law, "learning_rate", RATE_INPUTS), self._recipe(law, "batch_tokens", BATCH_INPUTS)
        sources = [*family.sources, *rate.sources, *batch.sources]
        if not sources:
            raise Incapable(f"{law.id} prints neither shapes nor rates for {law.domain.id}")
        if self.width is not None:
            raise UnknownInput(law.id, ["width"])
        recipe = {**rate.fields, **batch.fields, **({"batch_kind": "optimal"} if batch.sources else {})}
        # what there is comes first
        fields = {**family.fields, **recipe} if family.sources else {**recipe, **family.fields}
        warnings = [*family.warnings, *rate.warnings, *batch.warnings]
        return Solution(fields={**fields, "params": column(self.params)}, sources=sources, warnings=warnings)

    def _vocabulary(self, law: Law) -> Solution:
        """Parameters of the vocabulary, and how many tokens these are where the width is known."""
        drawn = law.drawn("vocabulary")
        params = drawn.form.value(column(self.params))
        fields = {"vocabulary_params": params, "vocabulary": None, "params": column(self.params)}
        if self.width is None:
            note = Caution("vocabulary is null: it is vocabulary_params/width, so ask with width")
            return Solution(fields=fields, sources=[drawn], warnings=[note])
        return Solution(fields={**fields, "vocabulary": params / column(self.width)}, sources=[drawn])

    def _family(self, law: Law) -> Fields:
        """The width in whole heads that is nearest to the family's, and the layers that then hold the parameters.

        By a family with draws, (1 + draws, rows).
        """
        if law.has("shape-surface"):
            return self._best_shape(law)
        if law.has("vision-shape"):
            return self._vision(law)
        if not law.has("shape"):
            return Fields(fields=dict.fromkeys(OF_SHAPE))
        drawn = law.drawn("shape")
        form = drawn.form
        rows = slice(None) if drawn.relation.draws is not None or len(form.aspect) > 1 else 0
        wide, head = form.width(column(self.params))[rows], np.ravel(form.head_width)[0]
        heads = np.maximum(2.0, np.rint(wide / head))
        # two heads are the fewest: below twice their width they are narrower
        whole = heads * np.where(wide < 2 * head, np.maximum(np.rint(wide / 2), 1.0), head)
        layers = np.maximum(np.rint(column(self.params) / (drawn.relation.coefficients["k"] * whole**2)), 1.0)
        fields = {
            "layers": layers,
            "width": whole,
            "heads": heads,
            "aspect_ratio": whole / layers,
            **self._flops(law, layers * whole * ATTENTION_OF_WIDTH[drawn.relation.coefficients["k"]]),
        }
        dense = Caution(
            "exact_flops_per_token counts dense attention: models of images and video that attend sparsely spend less"
        )
        unsaid = law.domain.text or fields["exact_flops_per_token"] is None
        return Fields(fields=fields, sources=[drawn], warnings=[] if unsaid else [dense])

    def _best_shape(self, law: Law) -> Fields:
        """The width in whole heads at which width and layers add least to the loss, and the layers that then hold the parameters."""
        drawn = law.drawn("shape-surface")
        form, params = drawn.form, column(self.params)
        head = float(np.ravel(form.head_width)[0])
        widths = head * np.arange(1, WIDEST / head + 1)[:, None]  # (widths, 1)
        deep = form.layers_of(params, widths)
        added = np.where(deep >= 1, form.of_shape(widths, np.maximum(deep, 1.0)), np.inf)
        best = np.argmin(added, axis=0)
        if np.isinf(np.min(added, axis=0)).any():  # of these sizes alone: no other law answers in its place
            raise Unanswerable(f"by {law.id} the embeddings of one head alone have more parameters than that")
        width = widths[best, 0]
        layers = np.maximum(np.rint(np.take_along_axis(deep, best[None], axis=0)[0]), 1.0)
        fields = {"layers": layers, "width": width, "heads": width / head, "aspect_ratio": width / layers}
        return Fields(fields={**fields, **self._flops(law, layers * width)}, sources=[drawn])

    def _vision(self, law: Law) -> Fields:
        """Width, layers and feed-forward of so many parameters, to whole numbers, as far from the known optimum as those."""
        drawn = law.drawn("vision-shape")
        width, layers, feed_forward = (
            np.maximum(np.rint(each[0]), 1.0) for each in drawn.form.of_params(column(self.params))
        )
        fields = {**dict.fromkeys(OF_SHAPE), "layers": layers, "width": width, "aspect_ratio": width / layers}
        return Fields(fields={**fields, "feed_forward": feed_forward}, sources=[drawn])

    def _flops(self, law: Law, attended: Values) -> dict[str, Any]:
        """Training FLOP a token: 6N, and with attention 6N + 6·context·`attended`, layers·d_attn (K eq 2.2, times 3); null
        where no context is known.
        """
        plain = 6 * column(self.params)
        context = self.context if self.context is not None else law.domain.tokens_per_sample
        if context is None:
            return {"training_flops_per_token": plain, "exact_flops_per_token": None}
        return {
            "training_flops_per_token": plain,
            "exact_flops_per_token": plain + 6 * attended * column(context),
        }

    def _recipe(self, law: Law, field: str, roles: Mapping[RecipeRole, tuple[str, ...]]) -> Fields:
        """The field by the first of these relations whose inputs are given, and which further inputs would give more."""
        warnings = []
        for role, names in roles.items():
            if not law.has(role):
                continue
            inputs = {name: value for name in names if (value := getattr(self, name)) is not None}
            if len(inputs) < len(names):
                warnings.append(Caution(f"{law.id} gives more from {' and '.join(names)}: ask with them too"))
                continue
            drawn = law.drawn(role)
            units = {"compute": drawn.relation.scale}
            scaled = [column(value) / units.get(name, 1.0) for name, value in inputs.items()]
            value = drawn.form.value(*scaled) * drawn.relation.out_unit
            return Fields(fields={field: value}, warnings=warnings, sources=[drawn])
        return Fields(fields={field: None}, warnings=warnings)

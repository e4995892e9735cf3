"""Further inputs of laws that hold more than size and data: experts, granularity, sparsity, bits, shape."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from fitted_laws.asking.question import Question
from fitted_laws.forms.precision import Precision
from fitted_laws.forms.protocols import Conditional
from fitted_laws.laws.law import Law
from fitted_laws.quantities.problems import Incapable, Unanswerable, UnknownInput
from fitted_laws.quantities.units import (
    ActiveExperts,
    ActiveParams,
    Bits,
    Block,
    Experts,
    ExponentBits,
    Granularity,
    Layers,
    MantissaBits,
    SharedShare,
    Sparsity,
    Width,
)
from fitted_laws.solving.column import column

WITHOUT = {
    **dict.fromkeys(("weight_bits", "activation_bits", "cache_bits"), 16.0),
    "exponent_bits": 8.0,
    "mantissa_bits": 7.0,
    "block": 128.0,
}
"""What a further input is where none is given: training in 16 bits, or in bfloat16 whose numbers share scales by 128."""


class FurtherInputs(Question, frozen=True, kw_only=True):
    """A question that laws of experts and of precision answer by inputs of their own."""

    experts: Experts | None = None
    granularity: Granularity | None = None
    sparsity: Sparsity | None = None
    weight_bits: Annotated[Bits, Meta(description="bits of the weights in training")] | None = None
    activation_bits: Annotated[Bits, Meta(description="bits of the activations in training")] | None = None
    cache_bits: Annotated[Bits, Meta(description="bits of the key–value cache in training")] | None = None
    exponent_bits: ExponentBits | None = None
    mantissa_bits: MantissaBits | None = None
    block: Block | None = None

    @property
    def further(self) -> dict[str, Any]:
        """The further inputs that the question gives, by name, as columns."""
        names = FurtherInputsOfLoss.__struct_fields__[len(Question.__struct_fields__) :]
        return {name: column(value) for name in names if (value := getattr(self, name, None)) is not None}


class FurtherInputsOfLoss(FurtherInputs, frozen=True, kw_only=True):
    """Those besides that change with size, so that a run's loss alone is asked by them."""

    width: Width | None = None
    layers: Layers | None = None
    active_params: ActiveParams | None = None
    active_experts: ActiveExperts | None = None
    shared_share: SharedShare | None = None


def extras_of(law: Law, form: Conditional, further: dict[str, Any]) -> dict[str, Any]:
    """The further inputs that `form` needs.

    Raises:
        Incapable: one is missing, or one was given that the law does not know.
        Unanswerable: the law says that so few bits train nothing.
    """
    unknown = [name for name in further if name not in form.extras]
    if unknown:
        raise UnknownInput(law.id, unknown)
    missing = [name for name in form.extras if name not in further and name not in WITHOUT]
    if missing:
        raise Incapable(f"{law.id} needs {' and '.join(missing)}")
    extras = {name: further.get(name, column(WITHOUT.get(name, 0.0))) for name in form.extras}
    if isinstance(form, Precision) and (form.kept(**extras)[0] <= 0).any():
        raise Unanswerable(
            f"by the printed constants of {law.id} so few bits leave no parameter in effect; ask with more bits"
        )
    return extras

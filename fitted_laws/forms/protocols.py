"""What an equation takes and gives, for those who call one without caring which form it is."""

from __future__ import annotations

from typing import ClassVar, Protocol, TypeAlias

from fitted_laws.forms.base import Values
from fitted_laws.forms.surfaces import AdditivePowerLaw, RepeatedData
from fitted_laws.forms.warped import WarpedPowerLaw, WarpedRepeats


class OfOne(Protocol):
    """y(x)."""

    def value(self, x: Values, /) -> Values: ...


class OfSeveral(Protocol):
    """y of the inputs of its role, in their order."""

    def value(self, *inputs: Values) -> Values: ...


class LossCurve(OfOne, Protocol):
    """L(x), which falls to `floor` or towards it."""

    @property
    def floor(self) -> Values: ...
    def inverse(self, reducible: Values, /) -> Values: ...


class Conditional(Protocol):
    """A form that may need further inputs, named in `extras`."""

    extras: ClassVar[tuple[str, ...]]


class ConditionalSurface(Conditional, Protocol):
    """A surface that is additive in N and D once its further inputs are given."""

    def additive(self, **further: Values) -> AdditivePowerLaw: ...


class MixedSurface(Conditional, Protocol):
    """A surface that is not additive in N and D, whose optimum follows from its size in closed form."""

    rises_in: ClassVar[tuple[str, ...]]
    """Inputs in which the loss may rise: tokens, beyond `critical_tokens`."""

    def critical_tokens(self, params: Values, /, **further: Values) -> Values: ...
    def value(self, params: Values, tokens: Values, /, **further: Values) -> Values: ...
    def floor_at(self, **further: Values) -> Values: ...
    def params_limit(self, params: Values, /, **further: Values) -> Values: ...
    def tokens_limit(self, tokens: Values, /, **further: Values) -> Values: ...
    def matched_tokens(self, params: Values, /, **further: Values) -> Values: ...
    def tokens_to(self, loss: Values, params: Values, /, **further: Values) -> Values: ...


Surface: TypeAlias = AdditivePowerLaw | RepeatedData | WarpedPowerLaw | WarpedRepeats | ConditionalSurface
"""What gives a surface of fresh data."""

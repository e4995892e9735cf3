"""What a law form is to a fit: columns that it reads and the problem that runs make of them. Its equation stands in
`fitted_laws.forms`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, cast

import numpy as np

from fitted_laws.forms import FORMS
from trainer.estimation.objective import Array
from trainer.estimation.problem import FREE, Asymptote, FitProblem

Inputs = Mapping[str, Array]
"""The runs' columns by name (params, tokens, compute, ...), each (n,), positive."""


class Valued(Protocol):
    """A form of `fitted_laws.forms` that is an equation of its inputs alone."""

    def value(self, *inputs: Array) -> Array:
        """Inputs (n,), coefficients (..., 1): (..., n)."""


class Form(ABC):
    """A law form by its name in `FORMS`, whose fields are its coefficients in the order of every coefficient array."""

    __slots__ = ()
    name: ClassVar[str]

    @property
    @abstractmethod
    def inputs(self) -> tuple[str, ...]:
        """The columns it reads, in the order of the equation's arguments."""

    @property
    def coefficients(self) -> tuple[str, ...]:
        """The paper's letters for its coefficients, as law files write them."""
        return FORMS[self.name].__struct_fields__

    def value(self, coefficients: Array, inputs: Inputs) -> Array:
        """The equation: coefficients (..., m) and columns (n,) give (..., n), so that draws give (draws, n)."""
        law = cast("Valued", FORMS[self.name](**dict(zip(self.coefficients, columns(coefficients), strict=True))))
        return np.asarray(law.value(*(inputs[name] for name in self.inputs)))

    @abstractmethod
    def problem(self, inputs: Inputs, observed: Array, asymptote: Asymptote = FREE) -> FitProblem:
        """The runs in working coordinates."""


@dataclass(frozen=True, slots=True)
class CurveForm(Form):
    """A form of one variable, which is the column of that name."""

    variable: str

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.variable,)


def columns(coefficients: Array) -> Array:
    """(..., m) to (m, ..., 1): one array a coefficient that broadcasts against rows."""
    return np.moveaxis(coefficients, -1, 0)[..., None]

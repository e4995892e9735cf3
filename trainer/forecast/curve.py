"""Forecasts along one variable: power laws, M4 and the broken power law, averaged; the larger end counts somewhat more."""

from dataclasses import dataclass

import numpy as np

from trainer.fit.curves import M4, Broken
from trainer.fit.forms import Form, Power, PowerConstant
from trainer.fit.law import Runs, fit
from trainer.fit.objective import Array, squares

from .parts import Parts, spread_of

WEIGHT = 0.25
"""Rows count as x^WEIGHT: what a curve did last says most of what it does next. The weight and the two laws with a
bend were chosen among twelve combinations by the errors of held-out points of 45 learning curves."""
ENOUGH = 9
"""Rows from which the laws with a bend (five and six coefficients) forecast; below, the two power laws do."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The laws fitted to one curve; x (n,) and log_loss (n,) are what they were fitted to."""

    variable: str
    x: Array
    forms: tuple[Form, ...]
    coefficients: tuple[Array, ...]
    residuals: Array
    noise: float

    def forecast(self, x: Array) -> Parts:
        """The geometric mean of the laws, and how far they are from it."""
        values = self._values(x)
        return Parts(
            log_loss=values.mean(axis=0),
            noise=self.noise,
            coefficient=np.zeros(len(x)),
            disagreement=np.ptp(values, axis=0),
            beyond=np.maximum(np.log10(x / self.x.max()), 0),
        )

    def _values(self, x: Array) -> Array:
        return np.array([np.log(form.value(c, {self.variable: x})) for form, c in zip(self.forms, self.coefficients, strict=True)])


def fit_curve(variable: str, x: Array, log_loss: Array) -> Curve:
    """The laws that so many rows bear, each at its weighted least squares."""
    forms: tuple[Form, ...] = (M4(variable), Broken(variable)) if len(x) >= ENOUGH else (Power(variable), PowerConstant(variable))
    weights = (x / x.max()) ** WEIGHT
    found = [fit(form, Runs({variable: x}, np.exp(log_loss), weights), squares()) for form in forms]
    residuals = np.mean([each.residuals for each in found], axis=0)
    noise = spread_of(residuals, len(forms[0].coefficients))
    return Curve(variable, x, forms, tuple(each.coefficients for each in found), residuals, noise)

"""Forecasts along one variable: power laws, M4 and the broken power law, averaged; the larger end counts somewhat more."""

import numpy as np

from fitted_laws.forms import FORMS
from trainer.estimation.fit import Rows, fit
from trainer.estimation.forms.base import Form
from trainer.estimation.forms.curves import M4, Broken
from trainer.estimation.forms.power import Power, PowerConstant
from trainer.estimation.objective import Array, squares

from .posterior import CurvePosterior, Variable
from .scales import CURVE, spread_of

WEIGHT = 0.25
"""Rows count as x^WEIGHT: what a curve did last says most of what it does next. The weight and the two laws with a
bend were chosen among twelve combinations by the errors of held-out points of 45 learning curves."""
ENOUGH = 9
"""Rows from which the laws with a bend (five and six coefficients) forecast; below, the two power laws do."""


def fit_curve(variable: Variable, x: Array, log_loss: Array) -> tuple[CurvePosterior, Array]:
    """The laws that so many rows bear, each at its weighted least squares, and the mean of their residuals."""
    forms: tuple[Form, ...] = (
        (M4(variable), Broken(variable)) if len(x) >= ENOUGH else (Power(variable), PowerConstant(variable))
    )
    weights = (x / x.max()) ** WEIGHT
    fits = [fit(form, Rows({variable: x}, np.exp(log_loss), weights), squares()) for form in forms]
    residuals = np.mean([each.residuals for each in fits], axis=0)
    noise = spread_of(residuals, len(forms[0].coefficients))
    laws = [
        FORMS[form.name](**dict(zip(form.coefficients, each.coefficients.tolist(), strict=True)))
        for form, each in zip(forms, fits, strict=True)
    ]
    fitted = CurvePosterior(
        scales=CURVE,
        noise=noise,
        variable=variable,
        laws=laws,
        smallest=float(x.min()),
        largest=float(x.max()),
    )
    return fitted, residuals

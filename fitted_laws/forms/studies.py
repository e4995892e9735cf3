"""Forms of what our own runs were studied for: loss by position, loss beyond training, information with a ceiling, and classifiers."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from fitted_laws.forms.base import Form, Values


class PositionLaw(Form, frozen=True, kw_only=True, tag="position"):
    """L(t, N) = ℓ(N) + (U − ℓ(N))/t^p with ℓ(N) = E + (x0/N)^alpha: H eq E.3 with its limit by size. U is the loss without context."""

    latex: ClassVar[str] = r"""
        L(t, N) = \ell(N) + \frac{U - \ell(N)}{t^{p}}
        \ell(N) = E + \left(\frac{x_0}{N}\right)^{\alpha}
        """

    U: Values
    p: Values
    E: Values
    x0: Values
    alpha: Values

    def limit(self, params: Values) -> Values:
        """ℓ(N): the loss far into the context."""
        return np.asarray(self.E + (self.x0 / params) ** self.alpha)

    def value(self, position: Values, params: Values) -> Values:
        far = self.limit(params)
        return np.asarray(far + (self.U - far) / position**self.p)


class CeiledInformation(Form, frozen=True, kw_only=True, tag="ceiled-information"):
    """I(N) = I_max − (Nc/N)^alpha in nats: what a model has learnt of a mutual information that is known exactly."""

    latex: ClassVar[str] = r"I(N) = I_\text{max} - \left(\frac{N_c}{N}\right)^{\alpha}"

    I_max: Values
    Nc: Values
    alpha: Values

    def value(self, params: Values) -> Values:
        return np.asarray(self.I_max - (self.Nc / params) ** self.alpha)


class LossBeyond(Form, frozen=True, kw_only=True, tag="loss-beyond"):
    """L_beyond = a·L^b: the loss on harder problems by the loss on those of training, where the entropy of both is 0."""

    latex: ClassVar[str] = r"L_\text{beyond} = a \, L^{b}"

    a: Values
    b: Values

    def value(self, loss: Values) -> Values:
        return np.asarray(self.a * loss**self.b)


class FinetunedClassifier(Form, frozen=True, kw_only=True, tag="finetuned"):
    """y(N, D_F) = best + k·N^−a·D_F^−b: the loss or the error of a fine-tuned classifier, of which `best` is the least that any can have."""

    latex: ClassVar[str] = r"y(N, D_F) = y_\text{best} + k \, N^{-a} D_F^{-b}"

    best: Values
    k: Values
    a: Values
    b: Values

    def value(self, params: Values, characters: Values) -> Values:
        return np.asarray(self.best + self.k * params**-self.a * characters**-self.b)

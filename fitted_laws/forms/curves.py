"""Laws of one variable that bend: a sigmoid, a broken power, and information that grows with the logarithm."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from fitted_laws.forms.base import Form, Values
from fitted_laws.forms.bisection import bisected

FAR = 700.0
"""|ln x| beyond which no number is left."""
HALVINGS = 70
NEWTON_STEPS = 40


def softplus(x: Values) -> Values:
    """ln(1 + e^x)."""
    return np.logaddexp(0.0, x)


def sigmoid(x: Values) -> Values:
    """1/(1 + e^−x)."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


def m4_logit(level: Values, alpha: Values) -> Values:
    """t with alpha·softplus(t) − softplus(−t) = level, which rises and bends one way only: Newton's steps end on one side.

    Each value stops at its own last step, whatever is solved beside it.
    """
    t = np.clip(np.where(level > 0, level / alpha, level), -FAR, FAR)
    moving = np.ones(t.shape, dtype=bool)
    for _ in range(NEWTON_STEPS):
        step = (alpha * softplus(t) - softplus(-t) - level) / (alpha * sigmoid(t) + sigmoid(-t))
        before, t = t, np.where(moving, np.clip(t - step, -FAR, FAR), t)
        moving &= np.abs(t - before) > 1e-12 * (1 + np.abs(t))
        if not moving.any():
            break
    return t


class M4(Form, frozen=True, kw_only=True, tag="m4"):
    """(L − L_inf)/(L_0 − L)^alpha = beta·x^c with c < 0 (Alabdulmohsin et al. 2022, eq 5): a sigmoid in ln x between L_0 and L_inf."""

    latex: ClassVar[str] = r"\frac{y(x) - L_\infty}{(L_0 - y(x))^{\alpha}} = \beta \, x^{c}"

    L_inf: Values
    L_0: Values
    alpha: Values
    beta: Values
    c: Values

    @property
    def floor(self) -> Values:
        return self.L_inf

    def value(self, x: Values) -> Values:
        """L_inf + (L_0 − L_inf)·s, the share s = sigmoid(t) where alpha·softplus(t) − softplus(−t) is the logarithm of the right side, scaled."""
        gap = self.L_0 - self.L_inf
        level = np.log(self.beta) + self.c * np.log(x) - (1 - self.alpha) * np.log(gap)
        return np.asarray(self.L_inf + gap * sigmoid(m4_logit(level, self.alpha)))

    def inverse(self, reducible: Values) -> Values:
        """x at which L − L_inf is `reducible`; NaN where L would not lie below L_0."""
        left = self.L_0 - self.L_inf - reducible
        odds = reducible / np.where(left > 0, left, np.nan) ** self.alpha
        return np.asarray((odds / self.beta) ** (1 / self.c))


class BrokenPowerLaw(Form, frozen=True, kw_only=True, tag="broken"):
    """L(x) = a + b·x^−c0·(1 + (x/d1)^(1/f1))^(−c1·f1): exponent c0 below the break at d1, c0 + c1 beyond (Caballero et al. 2022, eq 1)."""

    latex: ClassVar[str] = r"y(x) = a + b \, x^{-c_0} \left(1 + (x/d_1)^{1/f_1}\right)^{-c_1 f_1}"

    a: Values
    b: Values
    c0: Values
    c1: Values
    d1: Values
    f1: Values

    @property
    def floor(self) -> Values:
        return self.a

    def value(self, x: Values) -> Values:
        return np.asarray(self.a + self.b * np.exp(-self._fall(np.log(x))))

    def inverse(self, reducible: Values) -> Values:
        """x at which L − a has fallen to `reducible`, on the branch where L falls, by bisection in ln x; NaN where it never does."""
        fall = -np.log(reducible / self.b)
        low, high = (np.broadcast_to(end, fall.shape) for end in self._branch())
        within = (low < high) & (self._fall(low) <= fall) & (fall <= self._fall(high))
        _, high = bisected(lambda log_x: self._fall(log_x) < fall, low, high, HALVINGS)
        return np.where(within, np.exp(high), np.nan)

    def _fall(self, log_x: Values) -> Values:
        """ln b − ln(L − a) at ln x; its slope goes from c0 to c0 + c1, one way."""
        return self.c0 * log_x + self.c1 * self.f1 * softplus((log_x - np.log(self.d1)) / self.f1)

    def _branch(self) -> tuple[Values, Values]:
        """Ends in ln x of where L falls: up to the turn where it rises beyond the break, from the turn where it rises before; empty if nowhere."""
        first, second = self.c0 > 0, self.c0 + self.c1 > 0
        share = np.where(first != second, -self.c0 / np.where(self.c1 == 0, 1.0, self.c1), 0.5)
        turn = np.log(self.d1) + self.f1 * np.log(np.maximum(share, 1e-300) / np.maximum(1 - share, 1e-300))
        return np.where(first, -FAR, np.where(second, turn, FAR)), np.where(second, FAR, np.where(first, turn, -FAR))


class LogInformation(Form, frozen=True, kw_only=True, tag="log-information"):
    """I(N) = lamda·ln(N/Nc) in nats: what an image says of its caption, by a model of N parameters (H eq 4.1)."""

    latex: ClassVar[str] = r"I(N) = \lambda \ln(N/N_c)"

    lamda: Values
    Nc: Values

    def value(self, params: Values) -> Values:
        return np.asarray(self.lamda * np.log(params / self.Nc))

    def inverse(self, information: Values) -> Values:
        """N = Nc·e^(I/lamda)."""
        return np.asarray(self.Nc * np.exp(information / self.lamda))

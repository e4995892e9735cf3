"""`position`: loss by position in the context, and what one half of the context says of the other."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from fitted_laws.asking.question import Question
from fitted_laws.forms import Values
from fitted_laws.laws.law import Law
from fitted_laws.quantities.problems import Fault, Incapable, NotUnderstood
from fitted_laws.quantities.units import Context, Loss, Params, Position, PositionPower, UnigramEntropy
from fitted_laws.solving.column import column
from fitted_laws.solving.solution import Caution, Solution


class PositionInContext(Question, frozen=True, kw_only=True):
    """What is the loss at a position of the context, and how much does one half of the context say of the other?"""

    name: ClassVar[str] = "position"
    headline: ClassVar[str] = "loss"
    answers: ClassVar[tuple[str, ...]] = ("loss", "asymptotic_loss", "mutual_information", "infogain")
    example: ClassVar[dict[str, Any]] = {
        "domain": "language",
        "loss": 2.4,
        "unigram_entropy": 7,
        "power": 0.5,
        "position": 100,
        "context": 1024,
    }

    params: Params | None = None
    loss: Loss | None = None
    unigram_entropy: UnigramEntropy | None = None
    power: PositionPower | None = None
    position: Position | None = None
    context: Context | None = None

    def without_law(self) -> Solution | None:
        if self.params is not None:
            return None
        for name in ("loss", "unigram_entropy", "power"):
            if getattr(self, name) is None:
                raise NotUnderstood.of(
                    Fault(name, "params alone, or all of loss, unigram_entropy and power", "nothing")
                )
        if self.position is None and self.context is None:
            raise NotUnderstood.of(Fault("position", "position or context, or both", "nothing"))
        return self._given()

    def solve(self, law: Law) -> Solution:
        """By a law fitted to losses by position of several sizes."""
        if not law.has("position"):
            raise Incapable(
                f"{law.id} prints no loss by position; give loss, unigram_entropy and power, which equations E.3–E.5 then use"
            )
        if self.position is None and self.context is None:
            raise NotUnderstood.of(Fault("position", "position or context, or both", "nothing"))
        drawn = law.drawn("position")
        params, form = column(self.params), drawn.form
        far = form.limit(params)
        fields: dict[str, Any] = {}
        if self.position is not None:
            fields["loss"] = form.value(column(self.position), params)
        fields["asymptotic_loss"] = far
        if self.context is not None:
            half = np.floor(column(self.context) / 2)
            first, both = powers(half, form.p), powers(2 * half, form.p)
            information = (2 * first - both) * (form.U - far)
            fields["mutual_information"] = information
            fields["infogain"] = information / (half * far + (both - first) * (form.U - far))
        return Solution(fields=fields | {"params": params}, sources=[drawn], warnings=self._odd())

    def _odd(self) -> list[Caution]:
        """That the halves of an odd context leave a token out."""
        odd = np.zeros(1, dtype=bool) if self.context is None else column(self.context) % 2 >= 1
        return [Caution("an odd context is halved without its last token", odd)] if odd.any() else []

    def _given(self) -> Solution:
        """L(t) = L + (L_U − L)/t^p, and the information between the halves [1, T], [T + 1, 2T] of the context (H eqs
        E.3–E.5).

        L is the loss far into the context, t → ∞.
        """
        loss, unigram = np.broadcast_arrays(column(self.loss), column(self.unigram_entropy))
        power = column(self.power)
        gap = unigram - loss
        if (gap < 0).any():
            raise NotUnderstood.of(
                Fault(
                    "unigram_entropy",
                    f"at least the loss, {float(loss[np.argmin(gap)]):.6g}",
                    f"{float(unigram[np.argmin(gap)]):.6g}",
                )
            )
        fields: dict[str, Any] = {}
        if self.position is not None:
            fields["loss"] = loss + gap / raised(column(self.position), power)
            fields["asymptotic_loss"] = loss
        if self.context is not None:
            half = np.floor(column(self.context) / 2)
            first, both = harmonic(half, power), harmonic(2 * half, power)
            information = (2 * first - both) * gap
            fields["mutual_information"] = information
            fields["infogain"] = information / (half * loss + (both - first) * gap)
        note = Caution(
            "computed from the given loss, unigram entropy and power by equations E.3–E.5 of Henighan et al. 2020; no fitted law is behind it"
        )
        return Solution(fields=fields, sources=[], warnings=[note, *self._odd()])


def raised(position: Values, power: Values) -> Values:
    """t^power, row by row: numpy has another way for a power that holds for all rows, with other last bits."""
    return np.array([t**p for t, p in zip(*np.broadcast_arrays(position, power), strict=True)])


def harmonic(count: Values, power: Values) -> Values:
    """Σ t^−power for t = 1 … count, row by row."""
    rows = np.broadcast_arrays(count, power)
    return np.array([np.sum(np.arange(1, int(n) + 1, dtype=float) ** -p) for n, p in zip(*rows, strict=True)])


SUMMED = 4096
"""Terms that are added one by one; Euler and Maclaurin's formula has the rest to the last digits."""


def powers(count: Values, power: Values) -> Values:
    """Σ t^−power for t = 1 … count, of (rows,) and (1 + draws, 1): (1 + draws, rows)."""
    logs = np.log(np.arange(1, SUMMED + 1, dtype=float))
    sums = np.exp(-np.asarray(power) * logs).cumsum(axis=1)  # (1 + draws, SUMMED)
    near = sums[:, np.minimum(count, SUMMED).astype(int) - 1]
    last, first = np.maximum(count, SUMMED), float(SUMMED)
    one = 1 - power
    area = np.where(
        np.abs(one) < 1e-9, np.log(last / first), (last**one - first**one) / np.where(np.abs(one) < 1e-9, 1.0, one)
    )
    return np.asarray(
        near + area + (last**-power - first**-power) / 2 + power / 12 * (first ** (-power - 1) - last ** (-power - 1))
    )

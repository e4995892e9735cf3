"""`extrapolate`: loss on problems harder than those trained on."""

from __future__ import annotations

from typing import Any, ClassVar

from fitted_laws.laws import Law
from fitted_laws.problems import Incapable
from fitted_laws.questions.base import Question
from fitted_laws.solutions import Solution
from fitted_laws.units import Difficulty, Loss, Params


class Extrapolate(Question, frozen=True, kw_only=True):
    """What loss does a model reach on problems harder than those it was trained on?"""

    name: ClassVar[str] = "extrapolate"
    headline: ClassVar[str] = "loss"
    answers: ClassVar[tuple[str, ...]] = ("loss", "training_loss")
    example: ClassVar[dict[str, Any]] = {"domain": "math", "difficulty": 12, "params": "1B"}

    difficulty: Difficulty
    params: Params | None = None
    loss: Loss | None = None

    def solve(self, law: Law) -> Solution:
        raise Incapable(f"{law.id} prints no loss by difficulty: its extrapolation is in figures only; ask loss for the training distribution")

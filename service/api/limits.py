"""Limits of what may be asked, each with the setting that moves it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fitted_laws.quantities.problems import Fault, NotUnderstood
from fitted_laws.questions import Question, registry
from service.protocol.problems import Refused


def few_enough(inputs: Mapping[str, object], most: int) -> None:
    """That no input has more than `most` rows.

    Raises:
        Refused: 413: one has.
    """
    for name, value in inputs.items():
        if isinstance(value, list | np.ndarray) and len(value) > most:
            raise Refused(
                413, f"{name} has {len(value)} rows; at most {most} are answered (MAX_ROWS), send it in parts"
            )


def read(name: str, inputs: Mapping[str, object], max_points: int) -> Question:
    """The question `name`, of at most `max_points` points.

    Raises:
        NotUnderstood: as of any question, or for too many points.
    """
    question = registry.read(name, inputs)
    points = getattr(question, "points", 0)
    if points > max_points:
        raise NotUnderstood.of(Fault("points", f"at most {max_points} points (MAX_POINTS)", str(points)))
    return question

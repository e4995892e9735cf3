"""A question put to a set of laws: one field of its answer, with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np

from fitted_laws.asking.answering import answer
from fitted_laws.asking.question import Question
from fitted_laws.laws.laws import Laws
from fitted_laws.laws.relation import Relation
from fitted_laws.quantities.problems import Fault, NotUnderstood, Unanswerable, shown
from fitted_laws.questions import registry
from trainer.forecast.forecaster import Unforecastable
from trainer.forecast.members.members import Members
from trainer.tables.runs import Runs

QUESTIONS = ("loss", "optimal", "target")
"""Questions whose interval can be planned for."""
ROLES = {"warped": "surface", "warped-repeated": "repeated"}
"""Of a relation by the form of its set of laws."""
DOMAIN = "runs"
"""Of the law of the runs, where nobody names one."""


@dataclass(frozen=True, slots=True)
class Known:
    """A field's value and the ends of its interval; NaN where there is none."""

    value: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """ln of the high end over the low one; infinite where an end is missing or not above zero."""
        return float(np.log(self.high / self.low)) if 0 < self.low <= self.high < np.inf else np.inf


@dataclass(frozen=True, slots=True)
class AskedField:
    """A question to the laws of `runs`, of whose answer one field is looked at."""

    question: Question
    field: str
    runs: Runs

    def at_level(self, level: float, count: int) -> AskedField:
        """The same of sets of `count` laws, at the level at which these end where `level` of very many would.

        An interval takes the order statistic at 1 + (count − 1)·p, and the quantile p stands at (count + 1)·p in expectation.
        """
        tail = max((1 - level) / 2 * (count + 1) - 1, 0.0) / (count - 1)
        return replace(self, question=msgspec.structs.replace(self.question, level=1 - 2 * tail))

    def of(self, laws: Members) -> Known:
        """What a set of laws knows of it; nothing where it has no answer."""
        ends = (self.field, f"{self.field}_low", f"{self.field}_high")
        try:
            found = answer(msgspec.structs.replace(self.question, fields=",".join(ends)), self._laws(laws))
        except Unanswerable:
            return Known(np.nan, np.nan, np.nan)
        return Known(*(np.nan if (value := found.column(name)[0]) is None else float(value) for name in ends))

    def whole(self, laws: Members) -> Mapping[str, Any]:
        """Every field of the answer.

        Raises:
            NotUnderstood: the inputs do not go together, or the field has no interval.
            Unanswerable: there is no answer.
        """
        found = answer(self.question, self._laws(laws)).records()[0]
        if f"{self.field}_low" not in found:
            known = [name for name in found if f"{name}_low" in found]
            raise NotUnderstood.of(Fault("field", f"one with an interval: {', '.join(known)}", shown(self.field)))
        return found

    def _laws(self, members: Members) -> Laws:
        """The set as the law of its domain that answers."""
        relation = {
            "id": DOMAIN,
            "domain": self.question.domain,
            "form": members.form,
            "role": ROLES[members.form],
            "coefficients": {name: float(column[0, 0]) for name, column in members.coefficients.items()},
            "citation": "",
            "counts": self.runs.counts,
            "loss_unit": self.runs.loss_unit,
            "forecast": members.kept(),
        }
        return Laws([msgspec.convert(relation, Relation)], "")


def asked_of(runs: Runs, name: str, inputs: Mapping[str, object], field: str = "") -> AskedField:
    """The question `name` with its inputs, and the field that is looked at: without one the headline.

    Raises:
        NotUnderstood: inputs are missing, malformed or not of the question.
        Unforecastable: the runs do not say their size and data.
    """
    if missing := [quantity for quantity in ("params", "tokens", "compute") if not runs.has(quantity)]:
        raise Unforecastable(
            f"plans are of runs of varied size and data: expected params and tokens in every row, got rows without {' and '.join(missing)}; "
            "of a law of one variable `fit` and then `loss --law-file` say what is known"
        )
    question = registry.read(name, {"domain": DOMAIN, **inputs})
    return AskedField(question, field or question.headline, runs)

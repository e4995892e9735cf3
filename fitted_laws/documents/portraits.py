"""What pages and documents show of a law beside its file: equations, coefficients with intervals, worked examples asked
again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from fitted_laws.asking import answering
from fitted_laws.forms import FORMS
from fitted_laws.laws.intervals import central_interval
from fitted_laws.laws.law import Drawn
from fitted_laws.laws.relation import Example, Relation
from fitted_laws.quantities.display import between, number
from fitted_laws.quantities.problems import Problem
from fitted_laws.quantities.units import NATS
from fitted_laws.questions import Catalogue, registry

LEVEL = 0.9

SYMBOLS = {
    "frontier": ("L", "C"),
    "frontier-fixed-batch": ("L", "C"),
    "converged": ("L", "N"),
    "data": ("L", "D"),
    "allocation": (r"N_\text{opt}", "C"),
    "token-allocation": (r"D_\text{opt}", "C"),
    "flops-allocation": (r"M_\text{opt}", "C"),
    "batch-allocation": ("B", "C"),
    "step-allocation": (r"S_\text{min}", "C"),
    "learning-rate": (r"\eta", "N"),
    "learning-rate-by-compute": (r"\eta", "C"),
    "batch-by-params": (r"B_\text{opt}", "N"),
    "batch-by-tokens": (r"B_\text{opt}", "D"),
    "batch-by-compute": (r"B_\text{opt}", "C"),
}
"""What `y` and `x` of a form's equation stand for, by role."""
GREEK = frozenset({"alpha", "beta", "gamma", "delta", "epsilon", "eta"})
SPECIAL = {"L_inf": r"L_\infty", "B_star": "B_*", "lamda": r"\lambda", "nu": r"\nu", "aspect": r"\text{aspect}"}
CHECKED = {
    "full-text": "Coefficients read in the full text of the paper.",
    "authors-data": "Coefficients read in the authors' own data.",
    "secondary": "Coefficients read in secondary notes, not in the paper itself.",
    "own-runs": "Fitted to own runs.",
}
"""What `source_checked` says, in a sentence."""


class Coefficient(msgspec.Struct, frozen=True):
    """One coefficient: as printed, as the number used, and the ends of its interval, None where there is none."""

    name: str
    printed: str | None
    value: float
    low: float | None
    high: float | None


class Worked(msgspec.Struct, frozen=True):
    """One number of a worked example: what the source has, and what its law answers, None where it refuses."""

    example: Example
    inputs: dict[str, Any]
    field: str
    expected: float
    got: float | None

    @property
    def deviation(self) -> float | None:
        return None if self.got is None else self.got / self.expected - 1

    @property
    def holds(self) -> bool:
        return self.deviation is not None and abs(self.deviation) <= self.example.tolerance

    @property
    def verdict(self) -> str:
        if self.example.enforce:
            return f"held within {number(100 * self.example.tolerance)} %"
        return "quoted, agrees" if self.holds else "quoted, disagrees"


def facts(relation: Relation) -> dict[str, str]:
    """What a law was fitted on, by title, as far as it is stated."""
    titled = {
        "Compute": relation.compute_convention,
        "Data": relation.data,
        "Tokenizer": relation.tokenizer,
        "Losses hold for": relation.loss_scale or "",
        "Setup": relation.setup,
        "Fitted ranges": ranges(relation) or "not printed",
        "Tested beyond them": validated(relation),
    }
    return {title: text for title, text in titled.items() if text}


def equations(relation: Relation) -> list[str]:
    """The equations of a relation in LaTeX, in the symbols of its role."""
    y, x = SYMBOLS.get(relation.role, ("y", "x"))
    if x == "C" and relation.compute_kind == "minimal":
        x = r"C_\text{min}"
    form = relation.form if relation.forecast is None else relation.forecast.form
    lines = FORMS[form].latex.strip().splitlines()
    return [re.sub(r"\by\b", lambda _: y, re.sub(r"\bx\b", lambda _: x, line.strip())) for line in lines]


def units(relation: Relation) -> str:
    """The units of the equation where they are not the contract's."""
    phrases = []
    if relation.scale != 1:
        phrases.append(f"compute in {relation.compute_unit} of {number(relation.scale)} FLOP")
    if relation.compute_kind == "minimal":
        phrases.append("compute is C_min, the least that would do at small batches")
    if relation.out_unit != 1:
        phrases.append(f"what it gives counts {number(relation.out_unit)} of the unit answered in")
    if relation.loss_unit != NATS:
        phrases.append(f"the loss in {relation.loss_unit}")
    if relation.loss_definition:
        phrases.append(f"the loss is {relation.loss_definition}")
    return "; ".join(phrases)


def ranges(relation: Relation) -> str:
    """What the relation was fitted on, by quantity; empty where its source states none."""
    return "; ".join(f"{name.replace('_', ' ')} {between(*ends)}" for name, ends in relation.ranges.items())


def validated(relation: Relation) -> str:
    """The authors' larger runs that test the relation, each with its place in the paper; empty where there are none."""
    return "; ".join(f"{run.what} ({run.where})" for run in relation.validated)


def symbol(name: str) -> str:
    """A coefficient's name in LaTeX: `alpha_N` is α with the index N, `x0` is x with the index 0."""
    if name in SPECIAL:
        return SPECIAL[name]
    base, _, index = name.partition("_")
    if not index and re.fullmatch(r"[A-Za-z][a-z0-9]", base):
        base, index = base[0], base[1]
    base = f"\\{base}" if base in GREEK else base
    if not index:
        return base
    return f"{base}_{index}" if len(index) == 1 else f"{base}_\\text{{{index}}}"


def coefficients(drawn: Drawn[object]) -> list[Coefficient]:
    """Each coefficient of a relation, of a set of laws those of its central one; one that draws hold fixed has no interval."""
    return [_coefficient(drawn, name, value) for name, value in drawn.relation.central.items()]


def _coefficient(drawn: Drawn[object], name: str, value: float) -> Coefficient:
    values = getattr(drawn.form, name)
    low, high = (float(end[0]) for end in central_interval(values, LEVEL)) if len(values) > 1 else (0.0, 0.0)
    ends = (low, high) if low < high else (None, None)
    return Coefficient(name, drawn.relation.printed.get(name), value, *ends)


def worked(relation: Relation, laws: Catalogue) -> Iterator[Worked]:
    """The worked examples of a relation, asked again, a number each."""
    for example in relation.examples:
        inputs = {"domain": relation.domain, "law": relation.id, **example.inputs}
        try:
            answer = answering.answer(registry.read(example.question, inputs), laws).plain()
        except Problem:
            answer = {}
        for field, expected in example.expected.items():
            got = answer.get(field)
            yield Worked(example, inputs, field, expected, got if isinstance(got, float) else None)

"""Which questions a law or a domain can be asked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from fitted_laws import Laws, Problem
from fitted_laws.asking import answering
from fitted_laws.documents.inside import budget_inside
from fitted_laws.laws.law import Law
from fitted_laws.plots.law_curve import OneLaw
from fitted_laws.questions import registry
from fitted_laws.questions.registry import QUESTIONS
from fitted_laws.solving.extrapolation import FAR_ENDS, INSIDE

UNKNOWN = FAR_ENDS
"""What an unknown distance counts as, in decades: worse than near, better than beyond."""


def answered(law: Law, laws: Laws) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each question that the law answers, with inputs it answers for."""
    alone = OneLaw(law, laws)
    for name, question in QUESTIONS.items():
        if question.lawless:
            continue
        answerable = nearest(law, alone, name)
        if answerable:
            yield name, answerable


def nearest(law: Law, laws: OneLaw, name: str) -> dict[str, Any] | None:
    """The first candidates that the law answers inside its fit, else those nearest to it; None where it answers none."""
    found: dict[str, Any] | None = None
    closest = math.inf
    for inputs in candidates(law, laws, name):
        record = answer_by(law, laws, name, inputs)
        if record is None:
            continue
        distance = UNKNOWN if record["extrapolation"] is None else record["extrapolation"]
        if found is None or distance < closest:
            found, closest = {"domain": law.domain.id, "law": law.id, **inputs}, distance
        if record["reach"] == INSIDE:
            break
    return found


def candidates(law: Law, laws: OneLaw, name: str) -> Iterator[dict[str, Any]]:
    """Inputs to try: the law's worked examples, the question's example, each input of that alone; then the same inside the law's fit."""
    for relation in law.relations.values():
        yield from (example.inputs for example in relation.examples if example.question == name)
    example = {key: value for key, value in QUESTIONS[name].example.items() if key not in ("domain", "law")}
    yield example
    yield from ({key: value} for key, value in example.items())
    for place in (optimum(law, laws), middle(law, laws)):
        moved = {key: place[key] for key in example if key in place}
        yield {**example, **moved}
        yield from ({key: value} for key, value in moved.items())


def optimum(law: Law, laws: OneLaw) -> dict[str, Any]:
    """Inputs of questions at an optimum inside the law's fit, as far as it has one."""
    budget = budget_inside(laws, law.domain.id, law.id)
    if budget is None:
        return {}
    record = answer_by(law, laws, "optimal", {"compute": budget}) or {}
    return standing({"compute": budget, **{n: record.get(n) for n in ("params", "tokens", "loss", "reducible_loss")}})


def middle(law: Law, laws: OneLaw) -> dict[str, Any]:
    """Inputs of questions in the middle of the law's fitted ranges."""
    ends = {**law.first.ranges}
    place: dict[str, Any] = {name: math.sqrt(low * high) for name, (low, high) in ends.items() if low > 0}
    if {"params", "tokens_per_param"} <= place.keys():
        place["tokens"] = place["params"] * place["tokens_per_param"]
    inputs = {name: value for name, value in place.items() if name in ("params", "tokens")}
    record = answer_by(law, laws, "loss", inputs) or {}
    return standing({**place, **{name: record.get(name) for name in ("compute", "loss", "reducible_loss") if record}})


def standing(place: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of all questions that are of one place: its budget also as a range, its loss also as one that was observed."""
    known = {name: float(f"{value:.3g}") for name, value in place.items() if isinstance(value, float)}
    same = {"loss": "observed_loss", "reducible_loss": "kl", "tokens": "inference_tokens"}
    known |= {other: known[name] for name, other in same.items() if name in known}
    if "compute" in known:
        known |= {"compute_min": known["compute"] / 2, "compute_max": known["compute"] * 2}
    return known


def answer_by(law: Law, laws: OneLaw, name: str, inputs: Mapping[str, Any]) -> dict[str, Any] | None:
    """The answer's record that lies farthest out, if the law answers by `inputs`; else None."""
    quick = {} if "probability" in inputs else {"interval": "none"}
    whole = {"domain": law.domain.id, "law": law.id, **inputs, **quick}
    try:
        records = answering.answer(registry.read(name, whole), laws).records()
    except Problem:
        return None
    if records[0]["law"] != law.id:
        return None
    return max(records, key=lambda record: record["extrapolation"] or 0.0)

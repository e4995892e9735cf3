"""What a form opens with: inputs that lie inside the fit; and which domains and laws it offers."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

from fitted_laws import Laws, Problem
from fitted_laws.asking import answering
from fitted_laws.documents.inside import USUAL, budget_inside, small_models
from fitted_laws.plots.law_curve import OneLaw
from fitted_laws.quantities.display import plain
from fitted_laws.questions.registry import QUESTIONS, read
from fitted_laws.solving.extrapolation import INSIDE
from service.pages.answerable import nearest, standing
from service.pages.planner.ways import FLEET, Way, way_of

TIMES_SERVED = 5
"""Serving begins with five times the tokens of training."""
QUICK: Mapping[str, str] = {"interval": "none"}
"""No draws are touched."""
SHARE_UNIQUE = 4
"""Limited data begins with a quarter of what the optimum would take, passed over four times."""


@functools.lru_cache(256)
def place(laws: Laws, domain: str) -> Mapping[str, float]:
    """A budget inside the fit of a domain, and what is best done with it; empty where nobody says."""
    budget = budget_inside(laws, domain)
    if budget is None:
        return {}
    try:
        record = answering.answer(read("optimal", {"domain": domain, "compute": budget, **QUICK}), laws).records()[0]
    except Problem:
        return {"compute": budget}
    known = standing({"compute": budget, **{n: record.get(n) for n in ("params", "tokens", "loss", "reducible_loss")}})
    if "tokens" in known:
        known["unique_tokens"] = float(f"{known['tokens'] / SHARE_UNIQUE:.2g}")
        known["inference_tokens"] = float(f"{known['tokens'] * TIMES_SERVED:.2g}")
    return known


def start(laws: Laws, question: str, domain: str) -> Mapping[str, str] | None:
    """The inputs, without the domain, that a form opens with: inside the fit where that can be; None where no law answers."""
    if QUESTIONS[question].lawless:
        return example(question)
    # what is no domain must not push out what is remembered of those that are
    return _start(laws, question, domain) if any(law.domain.id == domain for law in laws) else None


@functools.lru_cache(1024)
def _start(laws: Laws, question: str, domain: str) -> Mapping[str, str] | None:
    found: Mapping[str, str] | None = None
    for inputs in candidates(laws, way_of(question), domain):
        reach = reached(laws, question, {"domain": domain, **inputs})
        if reach == INSIDE:
            return inputs
        found = found or (inputs if reach else None)
    return found


def candidates(laws: Laws, way: Way, domain: str) -> Iterator[dict[str, str]]:
    """Inputs to open with: those of the fit, each of them alone, then what each law by itself answers."""
    known = place(laws, domain)
    fitted = {name: plain(known[name]) for name in way.fitted if name in known}
    if fitted and len(fitted) == len(way.fitted):
        yield {name: value for name, value in {**fitted, **way.starts}.items() if value}
        if "deadline_days" in way.starts:  # seven days buy more than small models were fitted with
            yield {**fitted, **{name: value for name, value in FLEET.items() if name != "count"}, "count": "1"}
        yield from ({name: value} for name, value in fitted.items())
    for law in laws.of(domain):
        inputs = nearest(law, OneLaw(law, laws), way.question)
        if inputs:
            texts = {
                name: plain(v) if isinstance(v, float) else str(v)
                for name, v in inputs.items()
                if name not in ("domain", "law")
            }
            yield texts
            yield {**texts, "law": law.id}
    yield example(way.question)


def example(question: str) -> dict[str, str]:
    """The question's own example, whatever the domain."""
    return {name: str(value) for name, value in QUESTIONS[question].example.items() if name not in ("domain", "law")}


def reached(laws: Laws, question: str, inputs: Mapping[str, str]) -> str | None:
    """How far from its fit the law that answers unasked is; None where none does."""
    try:
        rows = answering.answer(read(question, {**inputs, **QUICK}), laws).records()
    except Problem:
        return None
    record = rows[len(rows) // 2]  # of a curve its middle: what was asked, or the optimum
    return str(record.get("reach") or INSIDE)


def answers(laws: Laws, question: str, inputs: Mapping[str, str]) -> list[str]:
    """The laws that answer `inputs`, preferred first."""
    try:
        found = answering.answer(read(question, {**inputs, **QUICK, "law": "all"}), laws)
    except Problem:
        return []
    return [law for law in dict.fromkeys(found.column("law")) if law] if "law" in found.columns else []


@functools.lru_cache(256)
def offered(laws: Laws, question: str) -> list[str]:
    """The domains in which a question is answered."""
    return [domain.id for domain in laws.domains if opens(laws, question, domain.id)]


def opens(laws: Laws, question: str, domain: str) -> bool:
    """Whether any law of a domain answers."""
    if QUESTIONS[question].lawless:
        return True
    every = candidates(laws, way_of(question), domain)
    return any(reached(laws, question, {"domain": domain, **inputs}) for inputs in every)


def able(laws: Laws, question: str, domain: str) -> list[str]:
    """The laws of a domain that answer what the form opens with, preferred first."""
    lawless = QUESTIONS[question].lawless
    return [] if lawless or start(laws, question, domain) is None else _able(laws, question, domain)


@functools.lru_cache(1024)
def _able(laws: Laws, question: str, domain: str) -> list[str]:
    return answers(laws, question, {"domain": domain, **(_start(laws, question, domain) or {})})


@functools.lru_cache(64)
def decades(laws: Laws, domain: str) -> tuple[int, int]:
    """The powers of ten of budgets that plots span: around the fit where all models are small."""
    budget = budget_inside(laws, domain) or USUAL
    middle = round(len(f"{budget:.0f}") - 1)
    return (middle - 3, middle + 2) if small_models(laws, domain) else (min(17, middle - 3), 27)

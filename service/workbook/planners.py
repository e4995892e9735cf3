"""The workbook's questions, a sheet each: which inputs get a cell, with which value at first, and which fields are shown."""

from __future__ import annotations

import functools
from typing import Any

import msgspec

from fitted_laws import Answer, Laws, Problem
from fitted_laws.answers.answer import Scalar
from fitted_laws.asking import answering
from fitted_laws.asking.by_law import by_law
from fitted_laws.asking.inputs import Input, inputs_of
from fitted_laws.laws.law import Law
from fitted_laws.laws.laws import by_family
from fitted_laws.quantities.glossary import quantity_of
from fitted_laws.quantities.problems import Incapable, Unanswerable
from fitted_laws.quantities.units import Quantity
from fitted_laws.questions import Question, registry
from service.workbook.closed.coefficients import CoefficientTable
from service.workbook.closed.ends import Ends
from service.workbook.closed.sums import Tables
from service.workbook.closed.surfaces import closed_laws
from service.workbook.formulas import DEFAULT, sent

SUFFIXED = '[>=999500000000]#,##0.00,,,,"T";[>=999500000]0.00,,,"B";0.0,,"M"'
SCIENTIFIC = "0.00E+0"
SIZED = '[>=999500000]#,##0.00,,,"B";[>=999500]0.00,,"M";#,##0'
BY_NAME = {
    "params": SIZED,
    "params_min": SIZED,
    "params_max": SIZED,
    "count": "#,##0",
    "level": "0%",
    "price_per_hour": "0.00",
    "inference_price_per_hour": "0.00",
    "inference_mfu": "0%",
    "price_per_kwh": "0.00",
    "pue": "0.00",
}
BY_UNIT = {
    "FLOP": SCIENTIFIC,
    "count": SUFFIXED,
    "PF-days": "#,##0.0",
    "tokens/param": "#,##0.0",
    "nats/token": "0.0000",
    "bits/token": "0.0000",
    "1": "0.000",
    "days": "#,##0.##",
    "share": "0%",
    "hours": "#,##0",
    "kWh": "#,##0",
    "your currency": "#,##0",
    "decades": "0.00",
    "×": "0.0000",
}
LABELS = {
    "params": "Parameters",
    "params_min": "Parameters, at least",
    "params_max": "Parameters, at most",
    "loss_on": "Losses hold for",
    "price_per_hour": "Price per hour",
    "deadline_days": "Days",
    "count": "Accelerators",
    "compute_pf_days": "Compute in PF-days",
    "training_compute": "Compute of training",
    "inference_compute": "Compute of serving",
    "training_accelerator_hours": "Accelerator-hours, training",
    "inference_accelerator_hours": "Accelerator-hours, serving",
    "training_cost": "Cost of training",
    "inference_cost": "Cost of serving",
    "inference_accelerator": "Accelerator, serving",
    "inference_mfu": "MFU, serving",
    "inference_price_per_hour": "Price per hour, serving",
    "inference_tokens": "Tokens served",
    "energy_kwh": "Energy",
    "mfu": "MFU",
    "pue": "PUE",
    "price_per_kwh": "Price of a kWh",
    "energy_cost": "Cost of energy",
    "kl": "KL",
    "loss_bits": "Loss in bits",
    "tokens_per_param": "Tokens a parameter",
    "compute_overhead": "Compute, × the least",
    "optimal_params": "Best size",
    "optimal_loss": "Loss of the best size",
}

EXPLAINED = {
    "domain": "what is modelled; the sheet of laws has a budget inside the fit of each",
    "law": f"the law that answers; {DEFAULT}: the catalogue's choice for the question",
    "compute": "training compute C, 6ND",
    "compute_min": "the smallest budget",
    "compute_max": "the largest",
    "loss": "cross-entropy loss to reach: give this or the KL",
    "kl": "KL divergence from the truth to reach: give this or the loss",
    "params": "empty: the cheapest; else a size to hold fixed",
    "tokens": "empty: the cheapest; else tokens to hold fixed",
    "probability": "share of the draws that must reach it; empty: the law as published",
    "accelerator": "its peak is dense bf16, by its maker's data sheet",
    "count": "how many",
    "inference_accelerator": "empty: that of training",
    "inference_mfu": "empty: that of training",
    "inference_price_per_hour": "empty: that of training",
}
"""Inputs that a planner needs in other words than a programmer."""


class Planner(msgspec.Struct, frozen=True, kw_only=True):
    """One question as a sheet. `given` are its inputs beside domain, law and level, None where the cell is empty at first."""

    sheet: str
    question: str
    doc: str
    given: dict[str, Scalar]
    answers: tuple[str, ...]

    def inputs(self, laws: Laws) -> dict[str, Scalar]:
        """Every input cell with its value at first."""
        return {**first(laws), **self.given}


PLANNERS = tuple(
    Planner(sheet=sheet.title, question=question.name, doc=sheet.doc, given=dict(sheet.inputs), answers=sheet.answers)
    for question in sorted(registry.QUESTIONS.values(), key=lambda question: question.curve)
    if (sheet := question.sheet) is not None
)
"""A sheet for each question that has one, those of curves last."""
RUN, BUDGET, TARGET, LIFETIME, FLEET, FRONTIER = (
    next(planner for planner in PLANNERS if planner.question == name)
    for name in ("loss", "optimal", "target", "lifetime", "plan", "frontier")
)


def first(laws: Laws) -> dict[str, Scalar]:
    """The inputs of every sheet."""
    ids = [domain.id for domain in laws.domains]
    return {"domain": "language" if "language" in ids else ids[0], "law": DEFAULT, "level": 0.9}


def able(planner: Planner, laws: Laws, domain: str) -> list[str]:
    """Laws of `domain` that hold what the question needs, whatever its numbers: the default, then by family."""
    question = registry.read(planner.question, sent({**planner.inputs(laws), "domain": domain, "interval": "none"}))
    held = by_family(law for law in laws.of(domain) if _holds(question, law, laws))
    return [law.id for family in held.values() for law in family]


def _holds(question: Question, law: Law, laws: Laws) -> bool:
    try:
        by_law(question, law, laws.digest, question.solve_by(laws))
    except Incapable:
        return False
    except Unanswerable:
        return True
    return True


class CellValues:
    """What the service answers, asked once for each question: the values of the cells when the workbook is made."""

    def __init__(self, laws: Laws) -> None:
        self.laws = laws
        self._answers: dict[tuple[object, ...], Answer | None] = {}

    @functools.cached_property
    def tables(self) -> Tables:
        """What is calculated without the service: coefficients and ends of intervals, made once."""
        closed = closed_laws(self.laws)
        ends = Ends(self.laws, closed)
        return Tables(CoefficientTable(closed, ends), ends)

    def answer(self, question: str, inputs: dict[str, Scalar]) -> Answer | None:
        """The answer; None where there is none."""
        key = (question, *sent(inputs).items())
        if key not in self._answers:
            self._answers[key] = self._ask(question, sent(inputs))
        return self._answers[key]

    def _ask(self, question: str, inputs: dict[str, str]) -> Answer | None:
        try:
            return answering.answer(registry.read(question, inputs), self.laws)
        except Problem:
            return None

    def value(self, question: str, inputs: dict[str, Scalar], field: str, row: int = 0) -> Any:
        """One field; None where the answer has none."""
        answer = self.answer(question, inputs)
        return answer.column(field)[row] if answer is not None and field in answer.columns else None

    def has(self, question: str, inputs: dict[str, Scalar], field: str) -> bool:
        """Whether the answer holds such a field, null or not."""
        answer = self.answer(question, inputs)
        return answer is not None and field in answer.columns


def label(name: str) -> str:
    return LABELS.get(name) or name.replace("_", " ").capitalize()


def quantity(name: str) -> Quantity | None:
    """What a field or input means; the ends of a range of budgets are budgets."""
    return quantity_of(name) or quantity_of(name.removesuffix("_min").removesuffix("_max"))


def unit(name: str) -> str:
    measured = quantity(name)
    return measured.unit if measured and measured.unit not in ("1", "text") else ""


def is_text(name: str) -> bool:
    measured = quantity(name)
    return measured is not None and measured.unit == "text"


def number_format(name: str) -> str:
    measured = quantity(name)
    return BY_NAME.get(name) or BY_UNIT.get(measured.unit if measured else "", "General")


def meaning(name: str) -> str:
    measured = quantity(name)
    return measured.meaning if measured else ""


def entry(planner: Planner, name: str) -> Input:
    """The input as its question declares it."""
    return inputs_of(registry.named(planner.question))[name]


OF_A_RUN = {
    "params": "model size; two of size, tokens and compute",
    "tokens": "training tokens; two of size, tokens and compute",
    "compute": "training compute C, 6ND; two of size, tokens and compute",
}
"""The same for the inputs of a run, of which any two will do."""


def explained(planner: Planner, name: str) -> str:
    """What an input means, and what may be left out."""
    declared = entry(planner, name)
    meant = declared.quantity.meaning if declared.quantity else declared.meta.description or ""
    words = (OF_A_RUN if planner is RUN else EXPLAINED).get(name) or EXPLAINED.get(name) or meant
    if planner is FRONTIER and declared.kind == "compute":
        return f"{words}: a plain number"
    if declared.kind in ("count", "compute") and name != "count":
        words += ", such as " + (
            "1e24, 3 PF-days or 3000 H100-days@40%" if declared.kind == "compute" else "70B or 1.4T"
        )
    return words

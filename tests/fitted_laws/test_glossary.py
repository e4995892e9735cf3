"""Every field that any answer holds is defined once, with a unit."""

import pytest

from fitted_laws import Unanswerable, ask
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.quantities.glossary import GLOSSARY, quantity_of
from fitted_laws.questions import OPTIONS
from fitted_laws.questions.registry import QUESTIONS


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_field_is_defined(name: str) -> None:
    """What an answer holds stands in the glossary, or is an input that says itself what it is."""
    question = QUESTIONS[name]
    assert [field for field in question.answers if quantity_of(field) is None] == []
    try:
        answer = ask(name, **question.example)
    except Unanswerable:
        return
    own = {"domain", "law", *OPTIONS, *inputs_of(question)}
    unknown = [
        f
        for f in answer.columns
        if quantity_of(f.replace("_pf_days", "")) is None and f not in own and f.removesuffix("_pf_days") not in own
    ]
    assert unknown == []


def test_units_are_those_of_the_contract() -> None:
    """One unit a quantity."""
    units = {
        "params": "count",
        "tokens": "count",
        "compute": "FLOP",
        "loss": "nats/token",
        "kl": "nats/token",
        "compute_pf_days": "PF-days",
    }
    assert {name: GLOSSARY[name].unit for name in units} == units

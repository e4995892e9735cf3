"""The reference as Markdown: every question with its inputs, and every field with its unit. `make docs` writes both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fitted_laws.answers.formats import table
from fitted_laws.asking import answering
from fitted_laws.asking.inputs import Input, inputs_of
from fitted_laws.asking.reading import read_inputs
from fitted_laws.laws.laws import Laws
from fitted_laws.quantities.display import number, plain
from fitted_laws.quantities.glossary import GLOSSARY, quantity_of
from fitted_laws.quantities.problems import Unanswerable
from fitted_laws.questions import Question
from fitted_laws.questions.registry import QUESTIONS

QUESTIONS_HEAD = """# Questions

Every question, asked by the same names at an address, in a cell, at the command line and in Python.
An input without a default may be left out unless it is required; a bare number is in the input's unit.
This file is written by `make docs` from the questions themselves: change those, not this."""
OPTIONS_HEAD = """## Options

Every question takes these as well."""
GLOSSARY_HEAD = """# Glossary

Every input and every field of an answer: one name, one unit, everywhere.
A field with an interval has `_low` and `_high` beside it, in the same unit.
This file is written by `make docs` from `fitted_laws/quantities/glossary.py` and `fitted_laws/units.py`: change those, not this."""


def questions_document(laws: Laws, _style: str) -> str:
    """Every question: what it asks, an example with its number, inputs, fields; then the options. Markdown, whatever
    the style.
    """
    links = ((f"[{name}](#{name})", question.in_words()) for name, question in QUESTIONS.items())
    parts = [QUESTIONS_HEAD, table(("question", "asks"), links, "markdown")]
    for question in QUESTIONS.values():
        parts += question_part(question, laws)
    options = [entry for entry in inputs_of(next(iter(QUESTIONS.values()))).values() if entry.option]
    return "\n\n".join([*parts, OPTIONS_HEAD, inputs_table(options)])


def question_part(question: type[Question], laws: Laws) -> Iterator[str]:
    yield f"## {question.name}"
    yield question.in_words()
    yield from question.remarks()
    options = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in question.example.items())
    yield f"```console\n$ fitted-laws {question.name} {options} --format txt\n```"
    instead = f", or `{question.instead}` by laws that hold that instead" if question.instead else ""
    yield f"Its first number is `{question.headline}`{instead}{' of the first row' if question.curve else ''}{answered(question, laws)}."
    yield inputs_table(entry for entry in inputs_of(question).values() if not entry.option)
    yield f"Answers: {', '.join(field(name) for name in question.answers)}."


def answered(question: type[Question], laws: Laws) -> str:
    """What the example gives, in words; nothing where no law that ships answers it."""
    try:
        value = answering.answer(read_inputs(question, question.example), laws).records()[0][question.headline]
    except Unanswerable:
        return "; no law that ships answers the example"
    unit = quantity_of(question.headline)
    shown = number(value, 4) if isinstance(value, float) else value
    return f": here {shown}{f' {unit.unit}' if unit and unit.unit not in ('count', '1', 'the unit asked for') else ''}"


def field(name: str) -> str:
    quantity = quantity_of(name)
    return f"`{name}`{f' ({quantity.unit})' if quantity and quantity.unit != '1' else ''}"


def inputs_table(entries: Iterable[Input]) -> str:
    return table(("input", "unit", "values", "default", "meaning"), map(input_row, entries), "markdown")


def input_row(entry: Input) -> tuple[str, ...]:
    """An input: its name, unit, range or choices, default, and what it means."""
    if entry.choices:
        values = ", ".join(entry.choices)
    elif entry.meta.ge is not None and entry.meta.le is not None:
        values = f"{plain(float(entry.meta.ge))} to {plain(float(entry.meta.le))}"
    else:
        values = "true, false" if entry.base is bool else "text"
    default = "required" if entry.required else "" if entry.default is None else str(entry.default).lower()
    quantity = entry.quantity
    description = entry.meta.description or ""
    meaning = (
        quantity.meaning
        if quantity and description.startswith(quantity.meaning)
        else description.removesuffix(f" ({quantity.unit})" if quantity else "")
    )
    return f"`{entry.name}`", quantity.unit if quantity else "", values, default, meaning


def glossary_document(_laws: Laws, _style: str) -> str:
    """Every field by its name: unit and meaning. Markdown, whatever the style."""
    rows = [(f"`{name}`", GLOSSARY[name].unit, GLOSSARY[name].meaning) for name in sorted(GLOSSARY)]
    return f"{GLOSSARY_HEAD}\n\n{table(('name', 'unit', 'meaning'), rows, 'markdown')}"

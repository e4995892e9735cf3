"""The types of `fitted_laws` as checkers and editors read them, written from the questions: `ask` has a signature for each, and each answer a
class. `make docs` writes `fitted_laws/__init__.pyi` by it.
"""

from __future__ import annotations

import inspect
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

import numpy as np

import fitted_laws
from fitted_laws.answers.answer import Answer, Shape
from fitted_laws.asking import answering
from fitted_laws.asking.fields import known_fields
from fitted_laws.asking.inputs import Input, inputs_of
from fitted_laws.asking.options import TRANSPORT
from fitted_laws.asking.question import Question, interval_of
from fitted_laws.asking.reading import Inputs, read_inputs
from fitted_laws.catalogue import load
from fitted_laws.laws.laws import Laws
from fitted_laws.quantities.glossary import quantity_of
from fitted_laws.quantities.problems import Problem
from fitted_laws.questions.registry import QUESTIONS

HEAD = '''"""What `fitted_laws` exports, for type checkers and editors.

This file is written by `make docs` from the questions: change those, not this.
"""

# mypy: disable-error-code="overload-overlap"
# Of the signatures of one question the first that fits is meant.

from collections.abc import Sequence
from typing import Any, Generic, Literal, Protocol, Required, TypeAlias, TypedDict, TypeVar, Unpack, overload

import numpy as np
from numpy.typing import NDArray
'''
VALUES = """class _Array(Protocol):
    def __array__(self, *args: Any, **kwargs: Any) -> Any: ...

_Floats: TypeAlias = NDArray[np.float64]
_Number: TypeAlias = float | str | np.number[Any]
_Column: TypeAlias = _Number | Sequence[_Number] | _Array
_N = TypeVar("_N")
"""
SUFFIX: dict[Shape, str] = {"one": "Answer", "columns": "Columns", "rows": "Curve"}
"""Of the class of an answer, by its shape."""
WORDS = {"text": "str", "true or false": "bool", "list": "list[str]"}
"""Types of values that are no numbers, by unit."""
RESERVED = {*dir(Answer), *inspect.signature(Answer).parameters, "fields"}
"""What an attribute of an answer means whatever its fields are."""

Seen: TypeAlias = Mapping[tuple[str, Shape, str], set[str]]
"""By question, shape and field, what its values were: kinds of `ORDER`."""


def stub() -> str:
    """The text of `fitted_laws/__init__.pyi`."""
    seen = types_seen(load(draws=0, check=False))
    parts = [HEAD, exports(), VALUES, *options()]
    for question in QUESTIONS.values():
        parts.append(inputs_class(question))
        parts += [answer_class(question, shape, seen) for shape in shapes(question)]
    return "\n".join([*parts, *signatures(), ""])


def shapes(question: type[Question]) -> tuple[Shape, ...]:
    """The shapes of its answers: a curve, or one answer, and columns where a number is asked about."""
    if question.curve:
        return ("rows",)
    numbers = any(entry.numeric and not entry.option for entry in inputs_of(question).values())
    return ("one", "columns") if numbers else ("one",)


def types_seen(laws: Laws) -> Seen:
    """What the examples of all questions and laws are answered, each question's own by every law, alone and in columns."""
    seen: dict[tuple[str, Shape, str], set[str]] = defaultdict(set)
    for name, inputs in cases(laws):
        try:
            answer = answering.answer(read_inputs(QUESTIONS[name], inputs), laws)
        except Problem:
            continue
        for field in answer.names:
            seen[name, answer.shape, field].add(kind_of(answer[field], answer.shape))
    return seen


def cases(laws: Laws) -> Iterator[tuple[str, Inputs]]:
    """Questions by name, with inputs: as they are, and each number of a question that is no curve as a column."""
    for law in laws:
        named = {"domain": law.domain.id, "law": law.id}
        asked = [(name, {**question.example, **named}) for name, question in QUESTIONS.items()]
        examples = (example for relation in law.relations.values() for example in relation.examples)
        for name, inputs in [*asked, *((example.question, {**example.inputs, **named}) for example in examples)]:
            yield name, inputs
            known = inputs_of(QUESTIONS[name])
            numbers = {n: [v, v] for n, v in inputs.items() if known[n].numeric and not known[n].option}
            if numbers and not QUESTIONS[name].curve:
                yield name, {**inputs, **numbers}


def exports() -> str:
    """What is exported: from where, or with its signature."""
    there = {name: getattr(fitted_laws, name) for name in fitted_laws.__all__ if name != "ask"}
    lines = ["from fitted_laws.catalogue import GivenLaws"]
    lines += [f"from {o.__module__} import {n} as {n}" for n, o in there.items() if o.__module__ != "fitted_laws"]
    lines += ["", "__version__: str", "__all__ = ["]
    lines += [*(f'    "{name}",' for name in fitted_laws.__all__), "]", ""]
    for name, exported in there.items():
        if exported.__module__ == "fitted_laws":
            lines.append(f"def {name}{inspect.signature(exported)}: ...".replace("'", ""))
    return "\n".join([*lines, ""])


def options() -> Iterator[str]:
    """The options of every question but those of texts that are sent."""
    entries = [e for e in inputs_of(next(iter(QUESTIONS.values()))).values() if e.option]
    shown = [e for e in entries if e.name not in TRANSPORT or e.name == "fields"]
    yield "class _Options(TypedDict, total=False):"
    yield from (f"    {entry.name}: {input_type(entry, '_Number')}" for entry in shown)
    yield ""


def inputs_class(question: type[Question]) -> str:
    """The inputs of a question; what answers in columns takes columns of numbers. With `laws` no domain is needed, so that none is required."""
    one_shape = len(shapes(question)) == 1
    bases = "_Options" if one_shape else "_Options, Generic[_N]"
    lines = [f"class _{title(question)}Inputs({bases}, total=False):"]
    for entry in inputs_of(question).values():
        if not entry.option:
            kind = input_type(entry, "_Number" if one_shape else "_N")
            required = entry.required and entry.name != "domain"
            lines.append(f"    {entry.name}: {f'Required[{kind}]' if required else kind}")
    return "\n".join([*lines, ""])


def input_type(entry: Input, number: str) -> str:
    if entry.choices:
        return literal(entry.choices)
    return number if entry.numeric else str(entry.base.__name__)


def literal(texts: Iterable[str]) -> str:
    return "Literal[{}]".format(", ".join(f'"{text}"' for text in texts))


def answer_class(question: type[Question], shape: Shape, seen: Seen) -> str:
    """The fields of an answer to a question."""
    lines = [f"class _{title(question)}{SUFFIX[shape]}(Answer):"]
    lines += ["    rows: list[dict[str, Any]]"] * (shape == "rows")
    for name in known_fields(question):
        if name not in RESERVED:
            lines.append(f"    {name}: {field_type(question, shape, name, seen)}")
    return "\n".join([*lines, ""])


def field_type(question: type[Question], shape: Shape, name: str, seen: Seen) -> str:
    """The types that a field had wherever it was seen, else those that it may have. The headline of one answer is a number,
    unless laws may have another field in its place.
    """
    if interval_of(name) is not None:
        return {"one": "float | None", "columns": "_Floats | list[None]", "rows": "_Floats | None"}[shape]
    plain = plain_type(question, name)
    kinds = set(seen.get((question.name, shape, name), ()))
    if kinds <= {"null", "nulls"}:  # such as what follows from draws, without which these examples are asked
        kinds |= {*UNSEEN[shape]}
    if name == question.headline and not question.instead:
        kinds -= {"null", "nulls"}
    if "nulls" in kinds:
        kinds -= {"list"}
    if plain != "float":
        kinds -= {"array"}
    spelled = {"null": "None", "array": "_Floats", "list": f"list[{plain}]", "nulls": f"list[{plain} | None]"}
    return " | ".join(spelled.get(kind, plain) for kind in sorted(kinds, key=ORDER.index))


def plain_type(question: type[Question], name: str) -> str:
    """The type of one value of a field."""
    entry, quantity = inputs_of(question).get(name), quantity_of(name)
    if entry is not None and not entry.numeric:
        return "bool" if entry.base is bool else "str"
    return WORDS.get(quantity.unit, "float") if quantity else "float"


UNSEEN: dict[Shape, tuple[str, ...]] = {
    "one": ("value", "null"),
    "columns": ("array", "nulls"),
    "rows": ("value", "array", "nulls", "null"),
}
"""What a field may be that no example has."""
ORDER = ("value", "array", "list", "nulls", "null")
"""What a field can be: a value, an array of numbers, a list of values, one of values and nulls, null."""


def kind_of(value: object, shape: Shape) -> str:
    """Which of `ORDER` a value is, in an answer of that shape."""
    if value is None:
        return "null"
    if isinstance(value, np.ndarray):
        return "array"
    if isinstance(value, list) and shape != "one":
        return "nulls" if None in value else "list"
    return "value"


def signatures() -> Iterator[str]:
    """`ask` for all laws at once, and for each question by one."""
    start = "@overload\ndef ask(question: {}, laws: GivenLaws | None = None, "
    yield f"{start.format(literal(QUESTIONS))}*, law: {literal(['all'])}, **inputs: Any) -> Answer: ..."
    for name, question in QUESTIONS.items():
        offered = shapes(question)
        for shape in offered:
            number = "" if len(offered) == 1 else "[_Number]" if shape == "one" else "[_Column]"
            inputs = f"**inputs: Unpack[_{title(question)}Inputs{number}]"
            yield f"{start.format(literal([name]))}{inputs}) -> _{title(question)}{SUFFIX[shape]}:"
            yield f'    """{question.in_words()}"""'


def title(question: type[Question]) -> str:
    return "".join(word.capitalize() for word in question.name.split("_"))


if __name__ == "__main__":
    sys.stdout.write(stub())

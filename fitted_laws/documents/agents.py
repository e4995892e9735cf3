"""What an agent is told: short answers, what can be asked, by which laws. `mcp_server` offers it over the Model
Context Protocol.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fitted_laws.answers.answer import Answer
from fitted_laws.answers.formats import by_sentence, table
from fitted_laws.asking import answering
from fitted_laws.asking.answering import MOST_LAWS
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.catalogue import load, shipped
from fitted_laws.documents.listings import domains_listing, laws_of_a_domain
from fitted_laws.documents.reference import question_part
from fitted_laws.laws.laws import Laws
from fitted_laws.quantities.extras import installing, loaded
from fitted_laws.questions import registry

MOST_ROWS = 50
"""Rows that one answer gives to an agent, whose attention they cost."""
ENDS = ("_low", "_high")


def asked(laws: Laws, question: str, inputs: Mapping[str, object]) -> dict[str, Any]:
    """The short answer to a question: the fields that `inputs` name in `fields`, else the headline; each with its ends.

    Raises:
        Problem: an input is not understood, or no law can answer; the message says what would work.
    """
    named = inputs.get("fields")
    if isinstance(named, str):
        inputs = {**inputs, "fields": ",".join(dict.fromkeys(with_ends(named.split(","))))}
    return brief(answering.answer(registry.read(question, inputs), laws), registry.named(question).losses)


def compared(
    laws: Laws, question: str, inputs: Mapping[str, object], ids: Sequence[str] | None = None
) -> dict[str, Any]:
    """The short answers of several laws to one question, a row each: of those of `ids`, else of the preferred ones that can, one a family.

    Raises:
        Problem: an input is not understood, or no law can answer.
    """
    return asked(laws, question, {**inputs, "law": ",".join(ids or one_a_family(laws, question, inputs))})


def one_a_family(laws: Laws, question: str, inputs: Mapping[str, object]) -> list[str]:
    """The ids of laws that can answer, the first of each family, at most as many as may stand side by side."""
    every = answering.answer(
        registry.read(question, {**{k: v for k, v in inputs.items() if k != "fields"}, "law": "all"}), laws
    )
    first: dict[str, str] = {}
    for family, id in zip(every.column("family"), every.column("law"), strict=True):
        first.setdefault(family, id)
    return list(first.values())[:MOST_LAWS]


def with_ends(names: Iterable[str]) -> Iterator[str]:
    """Each field and the ends of its interval, unless it is an end itself."""
    for name in map(str.strip, names):
        yield name
        if not name.endswith(ENDS):
            yield from (f"{name}{end}" for end in ENDS)


def brief(answer: Answer, losses: Sequence[str] = ()) -> dict[str, Any]:
    """An answer in the fewest words that keep it right: numbers with their ends and units, law, reach, warnings, source.

    What is null is left out. Where one of `losses` is shown, it is said whether it is comparable.
    """
    named = answer.fields or tuple(name for name in (*(answer.axes or ()), answer.headline) if name in answer.columns)
    numbers = [name for name in dict.fromkeys(with_ends(named)) if name in answer.columns]
    comparable = ("comparable",) if not {*losses}.isdisjoint(numbers) else ()
    beside = [name for name in ("law", "reach", *comparable, "error") if name in answer.columns]
    records = [
        {name: value for name, value in record.items() if value is not None}
        for record in answer.records([*numbers, *beside])
    ]
    told: dict[str, Any] = records[0] if answer.shape == "one" else {"rows": records[:MOST_ROWS]}
    if len(records) > MOST_ROWS:
        told["left_out"] = f"{len(records) - MOST_ROWS} of {len(records)} rows: ask for fewer"
    told["units"] = {name: answer.unit(name) for name in named if answer.unit(name)}
    told |= {"warnings": warnings_of(answer), "source": sources(answer)}
    if answer.fields is None:
        others = (name for name in answer.columns if name not in numbers and not name.endswith(ENDS))
        told["more_fields"] = [name for name in others if name not in (*beside, "warnings", "citation")]
    return told


def warnings_of(answer: Answer) -> list[str]:
    """Each sentence once, with the laws that it is said of where it is not said of all."""
    laws = answer.column("law")
    said = []
    for text, rows in by_sentence(answer.column("warnings")).items():
        whose = dict.fromkeys(laws[row] for row in rows) if len(set(laws)) > 1 else ()
        said.append(f"{', '.join(filter(None, whose))}: {text}" if whose else text)
    return said


def sources(answer: Answer) -> list[str]:
    """The citation of every law that has answered, once."""
    return list(dict.fromkeys(filter(None, answer.column("citation")))) if "citation" in answer.columns else []


def questions_in_short() -> str:
    """Every question in a line: its name, what it asks, the inputs beside `domain`, its headline."""
    rows = []
    for name, question in registry.QUESTIONS.items():
        entries = [e for e in inputs_of(question).values() if not e.option and e.name != "domain"]
        inputs = ", ".join(e.name if e.required else f"[{e.name}]" for e in entries)
        rows.append((name, question.in_words(), inputs, question.headline))
    return table(("question", "asks", "inputs beside domain ([optional])", "headline"), rows, "markdown")


def one_question(laws: Laws, name: str) -> str:
    """A question in full: an example with its number, inputs with units and ranges, fields, options.

    Raises:
        NotFound: there is no such question.
    """
    question = registry.named(name)
    options = ", ".join(f"`{e.name}`" for e in inputs_of(question).values() if e.option)
    return "\n\n".join([*question_part(question, laws), f"Options of every question: {options}."])


def laws_in_short(laws: Laws, domain: str | None = None) -> str:
    """The laws of a domain, preferred first; without one the domains with their laws.

    Raises:
        NotFound: there is no such domain.
    """
    return (domains_listing(laws) if domain is None else laws_of_a_domain(laws, domain)).table("markdown")


def command(words: Sequence[str]) -> int:
    """`fitted-laws mcp`: serves agents on standard input and output until that ends.

    Raises:
        MissingPackage: the protocol's package is not installed.
        BadLawFile: a law file is malformed, or contradicts an example that it must hold to.
    """
    parser = argparse.ArgumentParser(
        prog=f"fitted-laws {words[0]}",
        description="Serves agents by the Model Context Protocol on standard input and output.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--laws",
        nargs="+",
        type=Path,
        default=(),
        metavar="FILE",
        help="law files, or folders of them; each answers first",
    )
    given = parser.parse_args(words[1:]).laws
    server = loaded("fitted_laws.documents.mcp_server", "mcp", installing("mcp"))
    server.server(load(given) if given else shipped()).run("stdio")
    return 0

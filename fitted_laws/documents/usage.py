"""What the command line takes: the options of a question, which are required and how each is written, and the list of all words."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterable
from pathlib import Path

from fitted_laws.answers.formats import FORMATS
from fitted_laws.asking.inputs import Input, inputs_of
from fitted_laws.asking.question import Question
from fitted_laws.documents.listings import LISTINGS
from fitted_laws.quantities.spelling import how_written
from fitted_laws.questions import registry

METAVARS = {"domain": "NAME", "law": "ID", "key": "KEY"}
MOST_CHOICES = 40
"""Characters of choices that stand for a value; longer lists stand in the help."""


def usage(others: Iterable[str]) -> str:
    """Each question in a line, the lists, and the `others` that packages have registered."""
    lines = [f"  {name:<17} {question.in_words()}" for name, question in registry.QUESTIONS.items()]
    return "\n".join(
        [
            "usage: fitted-laws QUESTION --domain NAME …",
            *lines,
            f"usage: fitted-laws {' | '.join(LISTINGS)}",
            f"usage: fitted-laws {' | '.join(sorted(others))} …",
            "usage: fitted-laws --version",
            "fitted-laws QUESTION --help says what it requires and how to write it; --help after any other word, its options",
        ]
    )


def parser(name: str) -> argparse.ArgumentParser:
    """The options of one question: its inputs, with dashes, those that are required first.

    None is required of argparse, since rows of a file and law files give inputs too.
    """
    question = registry.named(name)
    entries = list(inputs_of(question).values())
    required = [entry for entry in entries if entry.required]
    command = argparse.ArgumentParser(
        prog=f"fitted-laws {name}",
        usage=" ".join([f"fitted-laws {name}", *(f"{_option(e)} {metavar(e)}" for e in required), "[options]"]),
        description=question.in_words(),
        epilog="\n".join([*kinds(entries), f"for example: {example(question)}"]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    own = [entry for entry in entries if not entry.required and not entry.option]
    needed = any(entry.name in question.example for entry in own if entry.name not in question.optional)
    inputs = "inputs, some of them needed, as in the example" if needed else "inputs"
    for title, group in (("required", required), (inputs, own), ("options", [e for e in entries if e.option])):
        place = command.add_argument_group(title) if group else command
        for entry in group:
            _add(place, entry)
    _add_of_the_command_line(command.add_argument_group("at the command line"))
    return command


def _add_of_the_command_line(place: argparse._ArgumentGroup) -> None:
    place.add_argument(
        "--format", choices=FORMATS, help="how to print the answer; without it a table on a terminal, else JSON"
    )
    place.add_argument(
        "--law-file",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="answer from this law file, of several from the last; no --domain needed",
    )
    place.add_argument(
        "--rows", metavar="FILE", help="a CSV file of inputs, - for standard input: one row out per row in"
    )
    place.add_argument("-h", "--help", action="help", help="show this and stop")


def _add(place: argparse._ActionsContainer, entry: Input) -> None:
    told = written(entry).replace("%", "%%")
    if entry.base is bool:
        place.add_argument(_option(entry), dest=entry.name, help=told, nargs="?", const="true", metavar="true")
    else:
        place.add_argument(_option(entry), dest=entry.name, help=told, metavar=metavar(entry))


def _option(entry: Input) -> str:
    return f"--{entry.name.replace('_', '-')}"


def metavar(entry: Input) -> str:
    """What stands for an input's value: its choices, its unit, or what kind of text it is."""
    if entry.choices:
        return joined if len(joined := "|".join(entry.choices)) <= MOST_CHOICES else "NAME"
    if entry.base is bool:
        return "true"
    unit = entry.quantity.unit if entry.quantity else ""
    return METAVARS.get(entry.name) or (
        unit.upper() if re.fullmatch(r"[A-Za-z/-]{2,}", unit) else "N" if entry.numeric else "TEXT"
    )


def written(entry: Input) -> str:
    """What an input means, what it may be, and what it is when it is left out; lists by their command."""
    text = entry.meta.description or ""
    meaning = re.sub(
        r"/v1/(\w+)", lambda match: f"`fitted-laws {match[1]}`" if match[1] in LISTINGS else match[0], text
    )
    choices = f": {', '.join(entry.choices)}" if metavar(entry) == "NAME" and entry.choices else ""
    default = "" if entry.required or entry.default in (None, False) else f"; without it {entry.default}"
    return f"{meaning}{choices}{default}"


def kinds(entries: Iterable[Input]) -> list[str]:
    """How numbers with suffixes are written, a line each kind."""
    named = {entry.kind: metavar(entry) for entry in entries if entry.numeric and entry.kind != "number"}
    return [f"{name}: {how_written(kind)}" for kind, name in named.items()]


def example(question: type[Question]) -> str:
    """A question as it may be typed."""
    options = [word for name, value in question.example.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    return shlex.join(["fitted-laws", question.name, *options])

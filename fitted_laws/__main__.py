"""The command line: every question as a command, `--rows` for tables, lists of what there is, and the words that other packages
register: those of the service and of the trainer.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fitted_laws import __version__
from fitted_laws.answers.formats import FORMATS, write_records
from fitted_laws.answers.terminal import as_table
from fitted_laws.asking import answering
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.asking.options import several
from fitted_laws.asking.reading import require_known
from fitted_laws.catalogue import load, shipped
from fitted_laws.documents.listings import LISTINGS
from fitted_laws.documents.usage import parser, usage
from fitted_laws.laws.lawfile import BadLawFile
from fitted_laws.laws.laws import Laws
from fitted_laws.quantities.extras import OURS, installing, loaded, require_ours
from fitted_laws.quantities.problems import NotFound, NotUnderstood, Problem, Unanswerable
from fitted_laws.quantities.reader import ends_with_its_reader
from fitted_laws.questions import Question, registry
from fitted_laws.tables.delimited import table
from fitted_laws.tables.numerals import plain
from fitted_laws.tables.texts import NoTable, decoded

ANSWERED, NOT_UNDERSTOOD, UNANSWERABLE = 0, 2, 3
COMMANDS = "fitted_laws.commands"
"""The group of entry points of words that are no questions. Each names a function that takes the words typed, its own first, and gives the
exit code.
"""


@ends_with_its_reader
def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code says whether it was answered (0), not understood (2) or has no answer (3)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if not words or words[0] in ("-h", "--help"):
            print(usage(registered().names))
            return ANSWERED if words else NOT_UNDERSTOOD
        if words[0] == "--version":
            print(f"fitted-laws {__version__}")
            return ANSWERED
        if words[0] in LISTINGS:
            return _list(words[0], words[1:])
        if words[0] in registry.QUESTIONS:
            return _ask(words[0], words[1:])
        return _registered(words[0])(words)
    except (Unanswerable, Problem, BadLawFile) as problem:
        print(f"fitted-laws: {problem}", file=sys.stderr)
        return UNANSWERABLE if isinstance(problem, Unanswerable) else NOT_UNDERSTOOD


def registered() -> Any:
    """The words that installed packages have registered: entry points by name. What knows them is loaded only here: a question needs none."""
    return importlib.import_module("importlib.metadata").entry_points(group=COMMANDS)


def _registered(word: str) -> Callable[[Sequence[str]], int]:
    """What carries out a word that is no question; it alone is loaded.

    Raises:
        NotFound: no package has registered it.
        MissingPackage: what it needs is not installed, or other files lie in its place.
    """
    entries = registered()
    if word not in entries.names:
        raise NotFound.named("question or command", word, [*registry.QUESTIONS, *LISTINGS, *entries.names])
    entry = next(iter(entries.select(name=word)))
    package = entry.module.split(".")[0]
    if package in OURS:
        require_ours(package)
    remedy = installing(package) if package in OURS else "install it"
    command: Callable[[Sequence[str]], int] = getattr(loaded(entry.module, word, remedy), entry.attr)
    return command


def _list(name: str, words: Sequence[str]) -> int:
    command = argparse.ArgumentParser(prog=f"fitted-laws {name}", allow_abbrev=False)
    command.add_argument("--format", choices=("text", "markdown"), default="text")
    print(LISTINGS[name](shipped(), command.parse_args(words).format))
    return ANSWERED


def _ask(name: str, words: Sequence[str]) -> int:
    options = vars(parser(name).parse_args(words))
    form, law_files, rows = options.pop("format"), options.pop("law_file"), options.pop("rows")
    inputs = {key: value for key, value in options.items() if value is not None}
    laws = load(law_files, shipped=False) if law_files else shipped()
    if law_files:
        inputs = laws.meant(inputs)
    if rows is not None:
        return _ask_rows(name, inputs, laws, rows)
    question = registry.read(name, inputs)
    if form is None and sys.stdout.isatty():
        print(as_table(answering.answer(question, laws)))
        return ANSWERED
    chosen = FORMATS[form or "json"]
    answer = answering.answer(question, laws, one_field=chosen.one_field)
    print(chosen.write(answer, question.field, question.row).decode().rstrip("\n"))
    return ANSWERED


def _ask_rows(name: str, inputs: dict[str, str], laws: Laws, file: str) -> int:
    """Answers each row of a CSV file, in order; a row that fails carries its `error`."""
    if registry.named(name).curve or several(inputs.get("law")):
        raise NotUnderstood(f"--rows gives one row out per row in, and {name} answers with several; ask it once a row")
    records = [_answer_row(name, inputs, row, laws) for row in _rows_of(registry.named(name), file)]
    print(write_records(records), end="")
    return UNANSWERABLE if any(record.get("error") for record in records) else ANSWERED


def _answer_row(
    name: str, inputs: Mapping[str, str], row: Mapping[str, str] | Problem, laws: Laws
) -> dict[str, object]:
    if isinstance(row, Problem):
        return {**inputs, "error": row.detail}
    try:
        answer = answering.answer(registry.read(name, {**inputs, **row}), laws)
        return answer.records(answer.table_names)[0]
    except Problem as problem:
        return {**inputs, **row, "error": problem.detail}


def _rows_of(question: type[Question], file: str) -> Iterator[Mapping[str, str] | Problem]:
    """The rows of a table as inputs, in the spellings of a query; an empty cell is an input not given.

    Raises:
        NotUnderstood: no table is there, or one of its columns is no input of the question.
    """
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise NotUnderstood(f"--rows: expected a readable CSV file, got {file}: {error.strerror}") from None
    try:
        grid = table(decoded(raw).content)
    except NoTable as reason:
        raise NotUnderstood(f"--rows: {file}: {reason.detail}") from None
    require_known(question, grid.columns)
    kinds = {name: entry.kind for name, entry in inputs_of(question).items() if entry.numeric}
    rows = dict(zip(grid.lines, zip(*grid.columns.values(), strict=True), strict=True))
    for line in sorted({*rows, *grid.unreadable}):
        if line in grid.unreadable:
            yield NotUnderstood(f"line {line}: {grid.unreadable[line]}")
            continue
        cells = {name: cell for name, cell in zip(grid.columns, rows[line], strict=True) if cell}
        yield {name: plain(cell, kinds[name], grid.comma) if name in kinds else cell for name, cell in cells.items()}


if __name__ == "__main__":
    sys.exit(main())

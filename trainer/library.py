"""Fits from Python: a table of runs in, a law out that is asked, drawn and saved. The options are those of the command line."""

from __future__ import annotations

import argparse
import csv
import difflib
import functools
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

import numpy as np

from fitted_laws.answers.answer import Answer
from fitted_laws.catalogue import ask, load
from fitted_laws.laws.laws import Laws
from fitted_laws.quantities.display import number
from fitted_laws.quantities.problems import Fault, NotUnderstood
from trainer.commands import backtest as backtesting
from trainer.commands import fit as fitting
from trainer.commands.reading import chosen_runs
from trainer.files import Refusal, write_whole
from trainer.forecast.backtest import CurveResult
from trainer.forecast.backtest import backtest as held_out
from trainer.laws.fitting import require_rows
from trainer.laws.lawfile import encoded
from trainer.tables.reading import UnreadableRuns

Table: TypeAlias = Any
"""A path, a data frame (pandas, polars or what has `to_dict`), or a dict of columns."""
NAME = "runs"
"""What a table that has no file is called."""
POINTS = 40
BEYOND = 10
"""A plot goes so far beyond the largest run."""
SPELLED = {"as_": "as"}
"""Options whose name is a word of Python's."""


class FittedLaw:
    """A law fitted to runs: what `ask(question, laws=law)` asks, with its notes, its coefficients and its file."""

    def __init__(self, file: Mapping[str, Any]) -> None:
        self.file = file
        """The law file as it will be saved."""

    @property
    def id(self) -> str:
        return str(self.file["id"])

    @property
    def domain(self) -> str:
        return str(self.file["domain"])

    @property
    def form(self) -> str:
        return str(self.file["form"])

    @property
    def coefficients(self) -> dict[str, float]:
        """Under the letters of the form's equation."""
        return dict(self.file["coefficients"])

    @property
    def notes(self) -> list[str]:
        """What to know before believing it: what goes with every answer, then what was noticed of the runs."""
        return [*self.file["notes"], *self.file["fit"]["remarks"]]

    @property
    def name(self) -> str:
        """What the file is called where it has no name yet."""
        return f"{self.id}.json"

    @property
    def raw(self) -> bytes:
        """The law file's bytes."""
        return encoded(self.file)

    @functools.cached_property
    def laws(self) -> Laws:
        """This law alone, as `ask` takes it."""
        return load([self], shipped=False)

    def ask(self, question: str, **inputs: object) -> Answer:
        """The answer by this law: `law.ask("optimal", compute=1e21)`."""
        return ask(question, self.laws, **inputs)

    def save(self, path: str | Path) -> Path:
        """Writes the law file, whole or not at all, for `fitted-laws --law-file`, `fitted-laws serve --laws` and `ask(laws=path)`.

        Raises:
            Refusal: it cannot be written there.
        """
        target = Path(path)
        write_whole(self.raw, target)
        return target

    def curve(self) -> tuple[Answer, str]:
        """The answer that pictures the law, ten times beyond the largest run, and the quantity across.

        Raises:
            NotUnderstood: it varies in nothing that a curve is drawn over.
        """
        ranges = self.file["ranges"]
        if self.file["role"] in ("surface", "repeated"):
            low, high = ranges["compute"]
            return self.ask("frontier", compute_min=low, compute_max=BEYOND * high, points=POINTS), "compute"
        across = next((name for name in ("params", "tokens", "compute") if name in ranges), None)
        if across is None:
            raise NotUnderstood.of(Fault("plot", "a law of params, tokens or compute", f"one of form {self.form}"))
        low, high = ranges[across]
        return self.ask("loss", **{across: np.geomspace(low, BEYOND * high, POINTS)}), across

    def plot(self, ax: Any = None) -> Any:
        """Draws the loss, ten times beyond the largest run, with its interval and the runs: at the optimum of each budget where size and
        data vary. The matplotlib Axes comes back.

        Raises:
            MissingPackage: matplotlib is not installed.
        """
        answer, across = self.curve()
        drawn = answer.plot("loss", x=across, ax=ax)
        runs = self.file["runs"]
        if across == "compute" and {"params", "tokens"} <= runs.keys():
            runs = {**runs, "compute": (6 * np.array(runs["params"]) * np.array(runs["tokens"])).tolist()}
        if {across, "loss"} <= runs.keys():
            drawn.scatter(runs[across], runs["loss"], s=12, color="0.3", zorder=3, label="runs")
            drawn.autoscale_view()
            low, high = min(runs["loss"]), max(runs["loss"])
            bottom, top = drawn.get_ylim()
            drawn.set_ylim(min(bottom, low / 1.01), max(top, high * 1.01))
        return drawn

    def __repr__(self) -> str:
        return "\n".join([self._headline(), *(f"! {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        return f"<p>{escape(self._headline())}</p><ul>{notes}</ul>"

    def _headline(self) -> str:
        shown = ", ".join(f"{name} {number(value, 4)}" for name, value in self.coefficients.items())
        return f"{self.id}: {self.form} on {self.file['fit']['rows']} runs: {shown}"


def fit(runs: Table, **options: object) -> FittedLaw:
    """The law of one table of runs.

    `options` are those of `fitted-laws fit`, with underscores: form, split, without, checkpoints, best_of, `as_`, loss_unit, bytes_per_token,
    bootstrap, by, delta, objective, irreducible_loss, domain, id, counts, data, seed. A list is given several times:
    `fit(df, as_={"params": "n_params:M"}, without=["run-7"])`.

    Raises:
        NotUnderstood: no such option.
        Refusal: the table or an option cannot be used.
        Unfittable: these runs determine no law.
    """
    with parsed(fitting.fit_options, runs, options) as asked:
        table = chosen_runs(asked, asked.split)
        require_rows(table)
        curves = list(table.by_curve())
        if len(curves) > 1:
            raise UnreadableRuns(
                f"expected the runs of one curve, got {len(curves)} ({', '.join(curves[:3])}, …): fit each by itself"
            )
        return FittedLaw(fitting.fitted(asked, "", table))


def backtest(runs: Table, **options: object) -> list[CurveResult]:
    """How forecasts of the largest runs would have fared: of each curve error, coverage, width, and its rows.

    Options are those of `fitted-laws backtest`: without, checkpoints, best_of, `as_`, loss_unit, bytes_per_token.

    Raises:
        NotUnderstood: no such option.
        Refusal: the table or an option cannot be used.
        Unfittable: no curve can be tested.
    """
    with parsed(backtesting.backtest_options, runs, options) as asked:
        return held_out(backtesting.with_a_law(chosen_runs(asked)))


class Parser(argparse.ArgumentParser):
    """The command line's parser, which refuses instead of leaving Python."""

    def error(self, message: str) -> NoReturn:
        raise Refusal(message.replace("argument --", ""))


@contextmanager
def parsed(
    add: Callable[[argparse.ArgumentParser], None], runs: Table, options: Mapping[str, object]
) -> Iterator[argparse.Namespace]:
    """The options as the command line would have them, with `runs` as a file while they are used."""
    parser = Parser(allow_abbrev=False, add_help=False)
    add(parser)
    known = {word.removeprefix("--").replace("-", "_"): word for word in parser._option_string_actions}  # noqa: SLF001
    words: list[str] = []
    for name, value in options.items():
        plain = SPELLED.get(name, name)
        if plain not in known:
            named = [f"{each}_" if f"{each}_" in SPELLED else each for each in known]
            near = difflib.get_close_matches(name, named, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(named)}"
            raise NotUnderstood.of(Fault(name, f"a known option ({hint})", "an unknown one"))
        words += said(known[plain], value)
    with file_of(runs) as path:
        asked = parser.parse_args(words)
        asked.runs = path
        yield asked


def said(word: str, value: object) -> list[str]:
    """An option as it is typed: nothing where it is off, once for each of several values."""
    if value is None or value is False:
        return []
    if value is True:
        return [word]
    if isinstance(value, Mapping):
        value = [f"{name}={column}" for name, column in value.items()]
    values = value if isinstance(value, list | tuple) else [value]
    return [f"{word}={each}" for each in values]


@contextmanager
def file_of(runs: Table) -> Iterator[Path]:
    """The table's path; one that is in memory is written for as long as it is read.

    Raises:
        Refusal: it is no table.
    """
    if isinstance(runs, str | Path):
        yield Path(runs)
        return
    columns = columns_of(runs)
    lengths = {name: len(values) for name, values in columns.items()}
    if not columns or len({*lengths.values()}) != 1:
        raise Refusal(f"expected columns of one length, got {lengths}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{NAME}.csv")
        with path.open("w", newline="", encoding="utf-8") as out:
            rows = csv.writer(out, lineterminator="\n")
            rows.writerow(columns)
            rows.writerows(
                [["" if missing(cell) else cell for cell in row] for row in zip(*columns.values(), strict=True)]
            )
        yield path


def columns_of(runs: Table) -> dict[str, list[Any]]:
    """Columns by name of a frame or a dict of columns.

    Raises:
        Refusal: it is neither.
    """
    if isinstance(runs, Mapping):
        return {str(name): listed(values) for name, values in runs.items()}
    if hasattr(runs, "columns") and hasattr(runs, "__getitem__"):
        return {str(name): listed(runs[name]) for name in runs.columns}
    raise Refusal(f"expected a path, a data frame or a dict of columns, got {type(runs).__name__}")


def listed(values: Sequence[Any] | Any) -> list[Any]:
    """A column's cells as Python's own values."""
    return np.asarray(values).tolist() if hasattr(values, "__array__") else list(values)


def missing(cell: object) -> bool:
    """Whether a cell holds nothing: None, NaN, pandas' NA."""
    return cell is None or type(cell).__name__ in ("NAType", "NaTType") or (isinstance(cell, float) and cell != cell)  # noqa: PLR0124

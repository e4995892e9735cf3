"""Laws with the runs they were fitted to, from a law file or from a fit at hand: what a report is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from fitted_laws.catalogue import ask, load
from fitted_laws.forecast.record import SENTENCE
from fitted_laws.forms import Values
from fitted_laws.laws.intervals import central_interval
from fitted_laws.laws.law import Drawn, Law
from fitted_laws.laws.lawfile import parse
from fitted_laws.laws.laws import Laws
from fitted_laws.laws.relation import ROLES
from fitted_laws.quantities.problems import Incapable
from fitted_laws.solving.optimum import OfSurface, surface_optimum
from trainer.laws.names import named
from trainer.report.numerals import LEVEL
from trainer.tables.runs import Runs
from trainer.tables.told import left_out, read_as

INPUTS = {
    "surface": ("params", "tokens"),
    "repeated": ("params", "unique_tokens", "epochs"),
    "overfitting": ("params", "unique_tokens"),
    "path": ("params", "steps"),
    "converged": ("params",),
    "data": ("tokens",),
    "frontier": ("compute",),
    "information": ("params",),
}
"""Relations that a page can show, and what each is a function of."""


class ReportedLaw(msgspec.Struct, frozen=True, kw_only=True):
    """One relation to be shown, with its runs where they are known, and what reading them told."""

    laws: Laws
    law: Law
    drawn: Drawn[Any]
    file: str
    source: str = ""
    """The table of runs that it was fitted to just now, if it was; then no law file is written yet."""
    runs: dict[str, Any] = {}
    names: list[str] = []
    notes: list[str] = []

    @property
    def inputs(self) -> tuple[str, ...]:
        return INPUTS[self.drawn.relation.role]

    @property
    def name(self) -> str:
        part = self.drawn.relation.part
        domain = f" of {self.law.domain.id}" if self.law.domain.id != self.law.id else ""
        return f"{self.law.id}: {ROLES[self.drawn.relation.role]}{domain}" + (f", {part}" if part else "")

    @property
    def anchor(self) -> str:
        return self.drawn.relation.name.replace("/", "-").replace(".", "-")

    @property
    def of_information(self) -> bool:
        """Whether it gives mutual information, not a loss."""
        return self.drawn.relation.role == "information"

    @property
    def label(self) -> str:
        """What it gives, with its unit."""
        return "information (nats)" if self.of_information else f"loss ({self.drawn.relation.loss_unit})"

    @property
    def noticed(self) -> list[str]:
        """What to know before believing it."""
        relation = self.drawn.relation
        remarks = (
            [] if self.source else relation.fit.get("remarks", [])
        )  # of a fit at hand they stand where it was read
        return [
            *relation.notes,
            *remarks,
            *relation.caveats,
            *relation.contradictions,
            *([SENTENCE] if relation.fit else []),
        ]

    @property
    def left_out(self) -> int:
        """How many rows of the table the fit left out."""
        return int(self.drawn.relation.fit.get("excluded", 0))

    def place(self, row: int) -> str:
        """A run by name, or where it stands in its table."""
        return self.names[row] if self.names else f"{row + 1}"

    @property
    def best(self) -> OfSurface | None:
        """The optimum of its surface, where it has one that needs no further input."""
        if self.drawn.relation.role not in ("surface", "repeated"):
            return None
        try:
            return surface_optimum(self.drawn)
        except Incapable:
            return None

    def expected(self, columns: Mapping[str, Values], *, draws: bool = False) -> Values:
        """What the law says of these inputs, (1, rows), or (1 + draws, rows)."""
        scaled = [columns[name] / (self.drawn.relation.scale if name == "compute" else 1) for name in self.inputs]
        values = np.asarray(self.drawn.form.value(*scaled))
        return values if draws else values[:1]

    def answered(
        self, question: str, fields: Sequence[str], inputs: Mapping[str, Any], of: str = "mean"
    ) -> dict[str, Values]:
        """What the law answers when it is asked: each field with the ends of its interval, (3, rows), or alone, (1,
        rows).
        """
        part = {"part": self.drawn.relation.part} if self.drawn.relation.part else {}
        found = ask(question, self.laws, domain=self.law.domain.id, law=self.law.id, interval=of, **part, **inputs)
        held = {}
        for field in fields:
            ends = [found.columns[name] for name in (field, f"{field}_low", f"{field}_high") if name in found.columns]
            held[field] = np.array([end for end in ends if end is not None])
        return held

    def curve(self, name: str, at: Values) -> Values:
        """A law of one variable with its 90 %, (3, rows), or alone, (1, rows): as `loss` answers where it keeps a
        forecast, else by its draws.
        """
        if self.drawn.relation.forecast:
            return self.answered("loss", ["loss"], {name: at})["loss"]
        drawn = self.expected({name: at}, draws=True)
        return drawn if len(drawn) == 1 else np.stack([drawn[0], *central_interval(drawn, LEVEL)])

    @property
    def spent(self) -> Values | None:
        """FLOP of each run, where its size and tokens are known."""
        if "params" not in self.runs or self.best is None:
            return None
        tokens = self.runs["tokens"] if "tokens" in self.inputs else self.runs["unique_tokens"] * self.runs["epochs"]
        return np.asarray(6 * self.runs["params"] * tokens)

    def span(self, quantity: str) -> tuple[float, float] | None:
        """Least and largest of a quantity that the law was fitted to."""
        if quantity == "compute" and self.spent is not None:
            return float(self.spent.min()), float(self.spent.max())
        return self.drawn.relation.ranges.get(quantity)


def of_file(path: Path) -> list[ReportedLaw]:
    """The laws of a law file, each with the runs that it keeps."""
    laws = load([path], shipped=False)
    reported = []
    for law in laws:
        for key, relation in law.relations.items():
            if relation.role in INPUTS:
                runs = related(relation.runs, relation.role)
                reported.append(ReportedLaw(laws=laws, law=law, drawn=law.drawn(*key), file=path.name, runs=runs))
    return reported


def of_fit(law: Mapping[str, Any], runs: Runs, source: Path) -> ReportedLaw:
    """A law that was just fitted to `runs`, read from `source`."""
    laws = Laws(parse(msgspec.json.encode(law), source.name), "")
    fitted_law, role = next(iter(laws)), str(law["role"])
    columns = {name: column for name, column in runs.columns.items() if not np.isnan(column).any()}
    notes = [*read_as(runs), *left_out(runs), *law["fit"].get("remarks", [])]
    rows = f"{len(runs)} rows of {source.name} are fitted, {len(runs.excluded)} left out"
    return ReportedLaw(
        laws=laws,
        law=fitted_law,
        drawn=fitted_law.drawn(role),
        file=f"{fitted_law.id}.json",
        source=source.name,
        runs=related(columns, role),
        names=[named(runs, row).removeprefix("run ") for row in range(len(runs))],
        notes=[rows, *notes],
    )


def related(columns: Mapping[str, Sequence[float] | Values], role: str) -> dict[str, Any]:
    """The columns of runs that a relation of this role relates; none unless all are there. Kaplan's D is the size of a
    data set.
    """
    named = {name: np.asarray(values, dtype=float) for name, values in columns.items()}
    if role == "overfitting" and "unique_tokens" not in named:
        named["unique_tokens"] = named.get("tokens", np.zeros(0))
    return {name: named[name] for name in (*INPUTS[role], "loss")} if "loss" in named else {}

"""The formulas of an additive law in cells: its coefficients by name, its optimum, how far out a run lies, and where its ends stand.

L = E + A/N^alpha + B/D^beta, C = 6ND (Hoffmann et al. 2022, eqs 2 and 4).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

from fitted_laws.quantities.display import plain
from fitted_laws.solving.extrapolation import BEYOND, FAR, FAR_ENDS, INSIDE, NEAR, NEAR_ENDS, UNKNOWN
from service.workbook.closed import ends
from service.workbook.closed.coefficients import CoefficientTable
from service.workbook.closed.ends import Ends, EndsPlace
from service.workbook.closed.expressions import (
    FALSE,
    NA,
    Expr,
    choose,
    compared,
    every,
    exp,
    given,
    ln,
    most,
    of,
    some,
    tried,
)
from service.workbook.closed.surfaces import COEFFICIENTS, PLANE

Write = Callable[[str, Expr, str], Expr]
"""Puts a formula into a cell of its own, with a label and a number format, and gives the cell's reference."""
SECONDS_A_DAY, SECONDS_AN_HOUR = 86400, 3600
GENERAL, SCIENTIFIC, FINE = "General", "0.000E+0", "0.000000"


@dataclass(frozen=True)
class Tables:
    """What the formulas look up."""

    coefficients: CoefficientTable
    ends: Ends


@dataclass(frozen=True)
class Run:
    """A budget with its size and data, and the loss of that: cells."""

    compute: Expr
    params: Expr
    tokens: Expr
    reducible: Expr
    loss: Expr


class AdditiveCells:
    """The law of a key, its coefficients and what follows from them, each in a cell."""

    def __init__(self, tables: Tables, write: Write, key: Expr) -> None:
        self.tables, self.write = tables, write
        table = tables.coefficients
        self.row = write("Row in the table of coefficients", table.row_of(key), GENERAL)
        self.E, self.A, self.B, self.alpha, self.beta = (
            write(name, table.pick(name, self.row), GENERAL) for name in COEFFICIENTS
        )
        self.a = write("a = β/(α+β)", self.beta / (self.alpha + self.beta), FINE)
        self.G = write(
            "G = (αA/βB)^(1/(α+β))",
            (self.alpha * self.A / (self.beta * self.B)) ** (1 / (self.alpha + self.beta)),
            GENERAL,
        )
        self.gamma = write("γ = αβ/(α+β)", self.alpha * self.beta / (self.alpha + self.beta), FINE)
        self.K = write("K = A·G^−α + B·G^β", self.A * self.G**-self.alpha + self.B * self.G**self.beta, GENERAL)

    def writing(self, write: Write) -> AdditiveCells:
        """The same law, whose further formulas go into other cells."""
        other = copy.copy(self)
        other.write = write
        return other

    def of(self, name: str) -> Expr:
        """Another column of the table."""
        return self.tables.coefficients.pick(name, self.row)

    @property
    def known(self) -> Expr:
        """Whether the table holds the law."""
        return given(self.row)

    def params_term(self, params: Expr) -> Expr:
        return self.A / params**self.alpha

    def tokens_term(self, tokens: Expr) -> Expr:
        return self.B / tokens**self.beta

    def best_params(self, compute: Expr) -> Expr:
        """N_opt(C) = G·(C/6)^a."""
        return self.G * (compute / 6) ** self.a

    def best_reducible(self, compute: Expr) -> Expr:
        """L(C) − E = K·(C/6)^−γ."""
        return self.K * (compute / 6) ** -self.gamma

    def compute_for(self, reducible: Expr) -> Expr:
        """C at which the optimum has that much above E."""
        return 6 * (self.K / reducible) ** (1 / self.gamma)

    def best(self, compute: Expr) -> Run:
        """The optimum of a budget, in cells."""
        write = self.write
        spent = write("Compute C", compute, SCIENTIFIC)
        params = write("N = G·(C/6)^a", self.best_params(spent), SCIENTIFIC)
        tokens = write("D = C/(6N)", spent / 6 / params, SCIENTIFIC)
        reducible = write("K·(C/6)^−γ", self.best_reducible(spent), FINE)
        return Run(spent, params, tokens, reducible, write("L = E + K·(C/6)^−γ", self.E + reducible, FINE))

    def at(self, params: Expr, tokens: Expr) -> Run:
        """A run of that size and data, in cells."""
        write = self.write
        size, data = write("Parameters N", params, SCIENTIFIC), write("Tokens D", tokens, SCIENTIFIC)
        spent = write("C = 6ND", 6 * size * data, SCIENTIFIC)
        reducible = write("A/N^α + B/D^β", self.params_term(size) + self.tokens_term(data), FINE)
        return Run(spent, size, data, reducible, write("L = E + A/N^α + B/D^β", self.E + reducible, FINE))

    def place(self, compute: Expr) -> EndsPlace:
        """Where the ends at the optimum of a budget stand, in cells."""
        found = ends.place_along(self.of("first_along"), self.of("start"), self.of("rows_along"), compute)
        row = self.write("Row in the table of ends", found.row, GENERAL)
        return EndsPlace(row, self.write("Share of the row below", found.along, FINE), of(0.0))

    def place_about(self, run: Run) -> EndsPlace:
        """Where the ends of a run at another size than the best stand, in cells."""
        steps = ends.place_along(of(1.0), self.of("start"), self.of("rows_about"), run.compute)
        ratio = self.write("N/N_opt", run.params / self.best_params(run.compute), FINE)
        found = ends.place_about(steps, self.of("first_about"), ratio)
        row = self.write("Row in the table of ends by size", found.row, GENERAL)
        along = self.write("Share of the next budget", found.along, FINE)
        return EndsPlace(row, along, self.write("Share of the next size", found.across, FINE))

    def near(self, headline: Expr, name: str, place: EndsPlace) -> tuple[Expr, Expr]:
        """Both ends of a quantity at the optimum."""
        low, high = (headline * exp(self.tables.ends.near(f"{name}_{end}", place)) for end in ends.ENDS)
        return low, high

    def aside(self, headline: Expr, name: str, place: EndsPlace) -> tuple[Expr, Expr]:
        """Both ends of a quantity of another size than the best."""
        low, high = (headline * exp(self.tables.ends.aside(f"{name}_{end}", place)) for end in ends.ENDS)
        return low, high

    def reach(self, run: Run) -> tuple[Expr, Expr]:
        """How far beyond the fit a run lies: the reach, and the decades."""
        values = dict(zip(PLANE, (run.compute, run.params, run.tokens, run.tokens / run.params), strict=True))
        beyond = {name: self._beyond(name, value) for name, value in values.items()}
        largest = self.write("Decades beyond the fit, the most", most(*beyond.values()), FINE)
        rounded = self.write("the same to hundredths", _hundredths(largest), GENERAL)
        tested = [self._tested(i + 1, values, beyond) for i in range(self.tables.coefficients.runs)]
        far = choose(some(*tested), FAR, BEYOND) if tested else of(BEYOND)
        unstated = compared(self.of("unstated"), "=", 1)
        outside = choose(compared(rounded, "<", NEAR_ENDS), NEAR, choose(compared(rounded, "<", FAR_ENDS), FAR, far))
        inside = compared(rounded, "=", 0)
        reach = choose(inside, choose(unstated, UNKNOWN, INSIDE), outside)
        return reach, choose(every(inside, unstated), NA, largest)

    def _beyond(self, name: str, value: Expr) -> Expr:
        """Decades beyond the fitted range of one quantity, 0 where none is stated, in a cell."""
        low, high = self.of(f"{name}_low"), self.of(f"{name}_high")
        decades = most(0, ln(value / high) / ln(10), ln(low / value) / ln(10))
        return self.write(f"Decades beyond the fitted {name.replace('_', ' ')}", tried(decades, of(0.0)), FINE)

    def _tested(self, run: int, values: dict[str, Expr], beyond: dict[str, Expr]) -> Expr:
        """Whether a larger run of the authors lies at least as far out in all that is exceeded, in a cell."""
        reached = [
            some(
                compared(_hundredths(beyond[name]), "=", 0),
                tried(
                    every(
                        compared(value, ">", self.of(f"{name}_high")),
                        compared(value, "<=", self.of(f"tested_{run}_{name}")),
                    ),
                    FALSE,
                ),
            )
            for name, value in values.items()
        ]
        return self.write(f"Inside what run {plain(run)} of the authors tested", every(*reached), GENERAL)


def _hundredths(part: Expr) -> Expr:
    value = round(part.value, 2) if isinstance(part.value, float | int) else None
    return Expr(f"ROUND({part.text},2)", value)


def perplexity(loss: Expr, text: Expr) -> Expr:
    """e^L, of a text domain."""
    return choose(compared(text, "=", 1), exp(loss), NA)


def bits(loss: Expr) -> Expr:
    return loss / ln(2)

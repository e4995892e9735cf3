"""The ends of intervals as tables, at one level: what the service answers on a grid, as logarithms of end over headline.

One table lies along the budgets, at the optimum; the other about it, over budgets and sizes. Between rows a cell
interpolates linearly. A value between whose neighbours a straight line misses is left out: the service has to be asked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws import Laws
from fitted_laws.asking import answering
from fitted_laws.questions import registry
from service.workbook.closed.expressions import NA, Expr, asinh, choose, compared, every, letters, ln, of, whole
from service.workbook.closed.surfaces import ClosedLaw

LEVEL = 0.9
DECADES, BELOW_FIT = 13, 2
"""Decades of budgets in a table, and how many of them lie below the fit."""
OFF = 0.03
WIDEST, SCALE, SIZES = math.log(300), 0.2, 60
"""ln of the largest ratio of a size to the best one, where the rows about the optimum stop being dense, and how many there are."""
MISSED = 0.08
"""How far a value may lie from the line between its neighbours, in widths: within a row it is then at most a fourth of that."""
DIGITS = 4
LEFT_OUT = "–"
"""In place of an end: a text, so that what is calculated from it is an error."""
ENDS = ("low", "high")
OPTIMUM = ("params", "loss", "reducible_loss", "params_min", "params_max")
TO_LOSS, TO_KL = ("compute", "params", "tokens", "reducible_loss"), ("compute", "params", "tokens")
ABOUT = ("loss", "reducible_loss", "compute_overhead")
Floats = NDArray[np.float64]
Columns = Mapping[str, Floats]


class EndsPlace(msgspec.Struct, frozen=True):
    """Where an interval is looked up in a table: the row of its lower neighbour, and weights of the upper ones along budgets and sizes."""

    row: Expr
    along: Expr
    across: Expr


class EndsTable:
    """A hidden sheet of ends: a block of rows a law, a column an end."""

    def __init__(self, sheet: str, blocks: Sequence[Columns]) -> None:
        self.sheet = sheet
        self.names = tuple(blocks[0]) if blocks else ()
        self.columns = {name: [_kept(x) for block in blocks for x in block[name].ravel()] for name in self.names}
        self.size = len(self.columns[self.names[0]]) if blocks else 0

    def pick(self, name: str, row: Expr) -> Expr:
        """The value in that row, counted from 1; #N/A where no law has ends, as without draws."""
        if not self.names:
            return NA
        column = letters(self.names.index(name))
        value = self.columns[name][int(row.value) - 1] if isinstance(row.value, float | int) else None
        text = f"INDEX('{self.sheet}'!${column}$2:${column}${self.size + 1},{row.text})"
        return Expr(text, value if isinstance(value, float) else None)


def _kept(value: float) -> float | str:
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else LEFT_OUT


class Ends:
    """Both tables, and where the block of each law begins in them."""

    def __init__(self, laws: Laws, closed: Sequence[ClosedLaw]) -> None:
        held = [law for law in closed if law.has_ends]
        along, about = [at_optimum(laws, law) for law in held], [about_optimum(laws, law) for law in held]
        self.along = EndsTable("ends", along)
        self.about = EndsTable("ends by size", about)
        self._first = {
            (law.domain, law.law): (_rows_before(along, i), _rows_before(about, i)) for i, law in enumerate(held)
        }

    def first(self, law: ClosedLaw) -> tuple[int, int] | None:
        """The first row of a law in each table; None where it has none."""
        return self._first.get((law.domain, law.law))

    def near(self, name: str, place: EndsPlace) -> Expr:
        """The logarithm of end over headline at the optimum."""
        below, above = self.along.pick(name, place.row), self.along.pick(name, place.row + 1)
        return below * (1 - place.along) + above * place.along

    def aside(self, name: str, place: EndsPlace) -> Expr:
        """The logarithm of end over headline at another size than the best."""

        def across(row: Expr) -> Expr:
            left, right = self.about.pick(name, row), self.about.pick(name, row + 1)
            return left * (1 - place.across) + right * place.across

        return across(place.row) * (1 - place.along) + across(place.row + SIZES) * place.along


def _rows_before(blocks: Sequence[Columns], i: int) -> int:
    return 1 + sum(next(iter(block.values())).size for block in blocks[:i])


def start(law: ClosedLaw) -> float:
    """The decade at which a law's tables begin: log10 of FLOP; a little off, so that round budgets lie between rows, where no rounding decides."""
    return math.floor(math.log10(law.budgets[0])) - BELOW_FIT - OFF


def grid(law: ClosedLaw, per_decade: int) -> Floats:
    """Budgets in FLOP, evenly spaced in the logarithm, both ends of the decades among them."""
    return np.asarray(10 ** (start(law) + np.arange(DECADES * per_decade + 1) / per_decade))


def at_optimum(laws: Laws, law: ClosedLaw) -> Columns:
    """Along the budgets: the optimum of each, and the ways to its loss, and to its KL."""
    compute = grid(law, law.per_decade[0])
    E, _, _, _, _ = law.coefficients.values()
    best = _ask(laws, law, "optimal", (*OPTIMUM, "reducible_loss"), compute=compute)
    reducible = np.array(best["reducible_loss"], dtype=float)
    to_loss = _ask(laws, law, "target", TO_LOSS, loss=E + reducible)
    to_kl = _ask(laws, law, "target", TO_KL, kl=reducible)
    found = {**_ends(best, OPTIMUM, ""), **_ends(to_loss, TO_LOSS, "to_loss_"), **_ends(to_kl, TO_KL, "to_kl_")}
    return _smooth(found, (0,))


def about_optimum(laws: Laws, law: ClosedLaw) -> Columns:
    """Over budgets (rows) and sizes about the best (columns, dense near it)."""
    compute = grid(law, law.per_decade[1])
    _, A, B, alpha, beta = law.coefficients.values()
    best = (alpha * A / (beta * B)) ** (1 / (alpha + beta)) * (compute / 6) ** (beta / (alpha + beta))
    farthest = math.asinh(WIDEST / SCALE)
    ratio = np.exp(SCALE * np.sinh(np.linspace(-farthest, farthest, SIZES)))
    params = best[:, None] * ratio
    sized = np.maximum(params, 1.0)  # of small models' laws the farthest are less than one parameter, which is no model
    answer = _ask(laws, law, "allocate", ABOUT, params=sized.ravel(), compute=np.repeat(compute, SIZES))
    ends = {
        name: np.where(params < 1, np.nan, each.reshape(params.shape))
        for name, each in _ends(answer, ABOUT, "").items()
    }
    return _smooth(ends, (0, 1))


def _ask(laws: Laws, law: ClosedLaw, question: str, names: Sequence[str], **columns: Any) -> Mapping[str, Any]:
    """Those fields of the answers, with their ends alone."""
    fields = ",".join(f"{name}{part}" for name in dict.fromkeys(names) for part in ("", *(f"_{end}" for end in ENDS)))
    asked = {"domain": law.domain, "law": law.law, "level": LEVEL, "fields": fields, **columns}
    answer = answering.answer(registry.read(question, asked), laws)
    return {name: answer.column(name) for name in answer.columns}


def _ends(answer: Mapping[str, Any], names: Sequence[str], prefix: str) -> dict[str, Floats]:
    found = {}
    for name in names:
        headline = np.array(answer[name], dtype=float)
        for end in ENDS:
            column = answer[f"{name}_{end}"]
            values = np.full(headline.shape, np.nan) if column is None else np.array(column, dtype=float)
            found[f"{prefix}{name}_{end}"] = np.log(np.broadcast_to(values, headline.shape) / headline)
    return found


def _smooth(found: Mapping[str, Floats], axes: Sequence[int]) -> Columns:
    """The ends without those that a line between their neighbours misses."""
    kept = {}
    for name, values in found.items():
        stem = name.rsplit("_", 1)[0]
        width = found[f"{stem}_high"] - found[f"{stem}_low"]
        missed = ~np.isfinite(values)
        for axis in axes:
            ordered, span = np.moveaxis(values, axis, 0), np.moveaxis(width, axis, 0)
            off = np.abs(ordered[1:-1] - (ordered[:-2] + ordered[2:]) / 2)
            np.moveaxis(missed, axis, 0)[1:-1] |= ~(off <= MISSED * span[1:-1] + 1e-15)
        kept[name] = np.where(missed, np.nan, values)
    return kept


def place_along(first: Expr, start_decade: Expr, per_decade: Expr, compute: Expr) -> EndsPlace:
    """Where a budget lies in the table along the budgets; #N/A outside."""
    steps = (ln(compute) / ln(10) - start_decade) * per_decade
    inside = every(compared(steps, ">=", 0), compared(steps, "<", per_decade * DECADES))
    return EndsPlace(choose(inside, first + whole(steps), NA), steps - whole(steps), of(0.0))


def place_about(place: EndsPlace, first: Expr, ratio: Expr) -> EndsPlace:
    """Where a size lies, as a ratio to the best, in the table about the optimum; `place` is that of its budget, its row counted in steps."""
    farthest = math.asinh(WIDEST / SCALE)
    steps = (asinh(ln(ratio) / SCALE) + farthest) * (SIZES - 1) / (2 * farthest)
    inside = every(compared(steps, ">=", 0), compared(steps, "<", SIZES - 1))
    return EndsPlace(
        choose(inside, first + (place.row - 1) * SIZES + whole(steps), NA), place.along, steps - whole(steps)
    )

"""A spreadsheet formula and its value, written once: what a cell calculates, and what is stored in it when the workbook is made.

The value is None where the formula is #N/A, or any other error, as the cell then shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fitted_laws.answers.answer import Scalar

SUM, PRODUCT, POWER, ATOM = range(4)
"""How tightly a formula binds."""


@dataclass(frozen=True)
class Expr:
    """A formula without its `=`, its value, and how tightly its outermost operator binds."""

    text: str
    value: Scalar
    binds: int = ATOM

    def __add__(self, other: Operand) -> Expr:
        return _binary(self, "+", of(other), SUM, lambda a, b: a + b)

    def __radd__(self, other: Operand) -> Expr:
        return of(other) + self

    def __sub__(self, other: Operand) -> Expr:
        return _binary(self, "-", of(other), SUM, lambda a, b: a - b)

    def __rsub__(self, other: Operand) -> Expr:
        return of(other) - self

    def __mul__(self, other: Operand) -> Expr:
        return _binary(self, "*", of(other), PRODUCT, lambda a, b: a * b)

    def __rmul__(self, other: Operand) -> Expr:
        return of(other) * self

    def __truediv__(self, other: Operand) -> Expr:
        return _binary(self, "/", of(other), PRODUCT, lambda a, b: a / b)

    def __rtruediv__(self, other: Operand) -> Expr:
        return of(other) / self

    def __pow__(self, other: Operand) -> Expr:
        return _binary(self, "^", of(other), POWER, _power)

    def __neg__(self) -> Expr:
        return Expr(f"(0-{_within(self, PRODUCT)})", _applied(lambda a: -a, self))


Operand = Expr | float | int | str


def of(operand: Operand) -> Expr:
    """A number or a text as a formula."""
    if isinstance(operand, Expr):
        return operand
    if isinstance(operand, str):
        quoted = operand.replace('"', '""')
        return Expr(f'"{quoted}"', operand)
    return Expr(f"{operand:.15G}".replace("E+", "E"), operand)


def _within(part: Expr, binds: int) -> str:
    return part.text if part.binds >= binds else f"({part.text})"


def _power(base: float, exponent: float) -> float:
    if base < 0:
        raise ValueError(base)
    return float(base**exponent)


def _binary(left: Expr, sign: str, right: Expr, binds: int, act: Callable[[float, float], float]) -> Expr:
    # what stands to the right of - or / is no chain of its own, and a power is none on either side
    text = f"{_within(left, binds + (sign == '^'))}{sign}{_within(right, binds + 1)}"
    return Expr(text, _applied(act, left, right), binds)


def _applied(act: Callable[..., float], *parts: Expr) -> float | None:
    values = [part.value for part in parts]
    if not all(isinstance(value, float | int) for value in values):
        return None
    try:
        found = float(act(*values))
    except (ArithmeticError, ValueError):
        return None
    return found if math.isfinite(found) else None


def function(name: str, act: Callable[..., float], *parts: Operand) -> Expr:
    """A spreadsheet's function of numbers."""
    arguments = [of(part) for part in parts]
    return Expr(f"{name}({','.join(part.text for part in arguments)})", _applied(act, *arguments))


def exp(part: Operand) -> Expr:
    return function("EXP", math.exp, part)


def ln(part: Operand) -> Expr:
    return function("LN", math.log, part)


def asinh(part: Operand) -> Expr:
    return function("ASINH", math.asinh, part)


def absolute(part: Operand) -> Expr:
    return function("ABS", abs, part)


def whole(part: Operand) -> Expr:
    """The whole number at or below."""
    return function("INT", math.floor, part)


def least(*parts: Operand) -> Expr:
    return function("MIN", min, *parts)


def most(*parts: Operand) -> Expr:
    return function("MAX", max, *parts)


def given(cell: Expr) -> Expr:
    """Whether a cell holds a number."""
    return Expr(f"ISNUMBER({cell.text})", isinstance(cell.value, float | int))


def compared(left: Operand, sign: str, right: Operand) -> Expr:
    """A comparison; of #N/A it is #N/A."""
    a, b = of(left), of(right)
    compare: dict[str, Callable[[tuple[bool, Any], tuple[bool, Any]], bool]] = {
        "=": lambda x, y: x == y,
        ">": lambda x, y: x > y,
        "<": lambda x, y: x < y,
        ">=": lambda x, y: x >= y,
        "<=": lambda x, y: x <= y,
    }
    value = None if a.value is None or b.value is None else compare[sign](_ordered(a.value), _ordered(b.value))
    return Expr(f"{_within(a, SUM)}{sign}{_within(b, SUM)}", value, -1)


def _ordered(value: Scalar) -> tuple[bool, Any]:
    """Numbers come before texts."""
    return isinstance(value, str), value


def every(*parts: Expr) -> Expr:
    values = [part.value for part in parts]
    return Expr(f"AND({','.join(part.text for part in parts)})", None if None in values else all(values))


def some(*parts: Expr) -> Expr:
    values = [part.value for part in parts]
    return Expr(f"OR({','.join(part.text for part in parts)})", None if None in values else any(values))


def negated(part: Expr) -> Expr:
    return Expr(f"NOT({part.text})", None if part.value is None else not part.value)


def sure(part: Expr) -> Expr:
    """The part, #N/A where it is any error."""
    return Expr(f"IFERROR({part.text},NA())", part.value)


def choose(test: Expr, yes: Operand, no: Operand) -> Expr:
    a, b = of(yes), of(no)
    value = None if test.value is None else a.value if test.value else b.value
    return Expr(f"IF({test.text},{a.text},{b.text})", value)


def tried(part: Expr, otherwise: Expr) -> Expr:
    """The part, or something else where that is an error."""
    return Expr(f"IFERROR({part.text},{otherwise.text})", otherwise.value if part.value is None else part.value)


NA = Expr("NA()", None)
TRUE, FALSE = Expr("TRUE", value=True), Expr("FALSE", value=False)
NOTHING = Expr('""', "")


def joined(*parts: Operand) -> Expr:
    """Texts one after another."""
    found = [of(part) for part in parts]
    value = None if any(part.value is None for part in found) else "".join(str(part.value) for part in found)
    return Expr("&".join(_within(part, SUM) for part in found), value, -1)


def letters(column: int) -> str:
    """A column's name, counted from 0."""
    return chr(65 + column) if column < 26 else chr(64 + column // 26) + chr(65 + column % 26)


def at(row: int, column: int) -> str:
    """The absolute reference of a cell, both counted from 0."""
    return f"${letters(column)}${row + 1}"

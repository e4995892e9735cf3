"""How numbers are spelled in tables that people keep: groups of digits, decimal commas, powers of ten, suffixes, errors."""

from __future__ import annotations

import contextlib
import itertools
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws.quantities.problems import shown
from fitted_laws.quantities.spelling import MAX_TEXT, Kind, Unreadable, read
from fitted_laws.tables.grid import Comma
from fitted_laws.tables.scales import COUNT_SCALES

LOOKED_AT = 20_000
"""Cells from which the meaning of a comma is told."""
_MISSING = ("", "-", "--", "–", "—", ".", "na", "n/a", "#n/a", "none", "null", "nil", "<na>", "missing")
WORDS: dict[str, float | None] = {
    **dict.fromkeys(_MISSING, None),
    **dict.fromkeys(("nan", "-nan", "#num!", "#div/0!"), math.nan),
    **{f"{sign}{word}": math.inf for sign in ("", "+") for word in ("inf", "infinity", "∞")},
    **{f"-{word}": -math.inf for word in ("inf", "infinity", "∞")},
}
"""What stands in place of a number, in lower case: nothing, NaN, infinity."""

_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-", "’": "'"})
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_NUMBER = re.compile(
    r"([+-]?)([0-9][0-9.,' ]*[0-9.]|[0-9]|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,4}))?(?= *[^0-9.,'e ]|$| *$)(.*)"
)
_POWER = re.compile(r"(?:(.*?[0-9.]) ?[×x·*] ?)?10 ?(?:\^|\*\*) ?\{?([+-]?[0-9]{1,3})\}?(.*)")
_SUPERSCRIPT = re.compile(r"10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_ERROR = re.compile(r"(.*?[0-9.]) ?(?:(?:±|\+-|\+/-|\\pm) ?[0-9.,]+(?:[eE][+-]?[0-9]+)?|\([0-9.,]+\))(.*)")
_COUNTED = re.compile(r" ?(?:params?|parameters|tokens?|tok) *$", re.IGNORECASE)
_UNDERSCORE = re.compile(r"(?<=[0-9])_(?=[0-9])")

_GROUPS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){2,}(?:\.[0-9]*)?|[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]*")
_ONE_GROUP = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
_DECIMAL = re.compile(r"[0-9]*,[0-9]+")
_DOTTED_DECIMAL = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+")
_DOTTED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}")
_ONE_DOTTED = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_SPACED = re.compile(r"[0-9]{1,3}(?:[ '][0-9]{3})+(?:[.,][0-9]*)?")


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """A column of numbers, (n,): NaN where a cell says none or NaN, infinities as they are; which cells say nothing; by
    row, from 0, why a cell is no number.
    """

    values: NDArray[np.float64]
    missing: NDArray[np.bool_]
    faults: dict[int, str]


def numbers(cells: Sequence[Any], kind: Kind, comma: Comma = "groups") -> Numbers:
    """The numbers of a column of cells."""
    quick = _quick(cells)
    if quick is not None:
        return Numbers(values=quick, missing=np.zeros(len(cells), bool), faults={})
    values, missing, faults = np.full(len(cells), math.nan), np.zeros(len(cells), bool), {}
    for row, cell in enumerate(cells):
        try:
            value = number(cell, kind, comma)
        except Unreadable as error:
            faults[row] = str(error)
        else:
            missing[row] = value is None
            values[row] = math.nan if value is None else value
    return Numbers(values=values, missing=missing, faults=faults)


def _quick(cells: Sequence[Any]) -> NDArray[np.float64] | None:
    """A column of numbers as Python writes them, at once; None where a cell needs a closer look."""
    if not all(type(cell) is float or type(cell) is int or (type(cell) is str and cell.isascii()) for cell in cells):
        return None
    try:
        return np.array([float(cell) for cell in cells])
    except (ValueError, OverflowError):
        return None


def plain(cell: str, kind: Kind, comma: Comma = "groups") -> str:
    """A cell in the spelling that `units.read` takes: its own where that says a number by itself, or where it says none."""
    ways = (number, read) if comma == "decimal" else (read, number)
    for way in ways:
        with contextlib.suppress(Unreadable):
            value = way(cell, kind) if way is read else number(cell, kind, comma)
            return cell if way is read or value is None else repr(value)
    return cell


def number(cell: Any, kind: Kind, comma: Comma = "groups") -> float | None:
    """The number that a cell says, in the unit of its kind; None where it says none.

    Raises:
        Unreadable: it is no number, or one that two readers would read differently.
    """
    if cell is None or not isinstance(cell, str):
        return None if cell is None else _as_float(cell)
    if comma != "decimal" and cell[:1].isdecimal() and cell.isascii():
        with contextlib.suppress(ValueError):
            return float(cell)  # what most cells are; a decimal comma says that a point may stand between groups
    text = cell.strip().translate(_SPACES)
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if len(text) > MAX_TEXT:
        raise Unreadable(f"a number, in at most {MAX_TEXT} characters", shown(text))
    return _spelled(text, kind, comma)


def _as_float(cell: object) -> float:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise Unreadable("a number", shown(cell))
    try:
        return float(cell)
    except OverflowError:
        raise Unreadable("a finite number", "a number too large") from None


def _spelled(text: str, kind: Kind, comma: Comma) -> float:
    plain = _UNDERSCORE.sub("", text).lstrip("~≈≃$ ")
    plain = _SUPERSCRIPT.sub(lambda power: "10^" + power[1].translate(_SUPERSCRIPTS), plain)
    if error := _ERROR.fullmatch(plain):
        plain = error[1] + error[2]
    if power := _POWER.fullmatch(plain):
        plain = f"{power[1] or '1'}e{power[2]}{power[3]}"
    match = _NUMBER.fullmatch(plain)
    if match is None:
        return read(text, kind)  # which says what was expected
    digits = _digits(match[2], kind, comma, text)
    exponent, rest = f"e{match[3]}" if match[3] else "", _COUNTED.sub("", match[4]).strip()
    if kind != "number" and rest.lower() in COUNT_SCALES:
        return float(f"{match[1]}{digits}{exponent}") * COUNT_SCALES[rest.lower()]
    return read(f"{match[1]}{digits}{exponent} {rest}".strip(), kind)


def _digits(digits: str, kind: Kind, comma: Comma, text: str) -> str:
    """The digits of a number with a decimal point and nothing between groups.

    Raises:
        Unreadable: a comma or a point in them may mean either.
    """
    if " " in digits or "'" in digits:
        if not _SPACED.fullmatch(digits):
            raise Unreadable("one number", shown(text))
        digits = digits.replace(" ", "").replace("'", "")
    if _GROUPS.fullmatch(digits):
        return digits.replace(",", "")
    if _DOTTED_DECIMAL.fullmatch(digits) and comma != "groups":
        return digits.replace(".", "").replace(",", ".")
    if comma == "decimal":
        return _where_decimal(digits, kind, text)
    if _ONE_GROUP.fullmatch(digits):
        if comma == "unclear" or kind == "number":
            raise _either(text, digits.replace(",", ""), digits.replace(",", "."))
        return digits.replace(",", "")
    return digits.replace(",", ".") if comma == "unclear" and _DECIMAL.fullmatch(digits) else digits


def _where_decimal(digits: str, kind: Kind, text: str) -> str:
    """The digits where commas are decimal: points may then stand between groups."""
    if _DOTTED.fullmatch(digits) or (kind != "number" and _ONE_DOTTED.fullmatch(digits)):
        return digits.replace(".", "")
    if _ONE_DOTTED.fullmatch(digits):
        raise _either(text, digits.replace(".", ""), digits)
    return digits.replace(",", ".") if _DECIMAL.fullmatch(digits) else digits


def _either(text: str, grouped: str, decimal: str) -> Unreadable:
    return Unreadable(f"a number that means one thing: write {grouped} or {decimal}", shown(text))


def comma_of(cells: Iterable[str], delimiter: str) -> Comma:
    """What commas mean in numbers: groups where a comma also stands between cells; else what cells show that can mean
    but one thing; where none does, decimal after semicolons, which are written where the comma is decimal.
    """
    if delimiter == ",":
        return "groups"
    decimal = grouped = either = False
    for cell in itertools.islice(cells, LOOKED_AT):
        match = _NUMBER.fullmatch(cell)
        if match is None:
            continue
        digits = match[2]
        if "," in digits:
            grouped |= bool(_GROUPS.fullmatch(digits))
            one = bool(_ONE_GROUP.fullmatch(digits)) and not match[3]
            either |= one
            decimal |= not one and bool(_DECIMAL.fullmatch(digits) or _DOTTED_DECIMAL.fullmatch(digits))
        elif "." in digits and not _DOTTED.fullmatch(digits):
            grouped |= not _ONE_DOTTED.fullmatch(digits)
    if decimal and grouped:
        return "unclear"
    if decimal or (either and not grouped and delimiter == ";"):
        return "decimal"
    return "groups" if grouped else "unclear"

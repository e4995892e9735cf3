"""How people write quantities, and the number each text says: one grammar a kind, which is also the pattern that clients are given."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from fitted_laws.quantities.hardware import ACCELERATORS
from fitted_laws.quantities.problems import shown
from fitted_laws.quantities.spread import Spread

PF_DAY = 8.64e19
"""FLOP in one PF-day."""

Kind: TypeAlias = Literal["number", "count", "compute", "rate", "share", "days", "watts", "money", "price"]

MAX_TEXT = 60
"""Characters of the longest text that is read as a number; the longest that says one has some 50."""

_PREFIXES = {"M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18, "Z": 1e21, "Y": 1e24}
_COUNTS = {"k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_FLOP = {f"{prefix}FLOP{s}": size for prefix, size in {"": 1.0, **_PREFIXES}.items() for s in ("", "s")}
_PF_DAYS = ("PFd", "PF-day", "PF-days", "PFLOP/s-day", "PFLOP/s-days", "PFLOPS-day", "PFLOPS-days")
_PER_SECOND = {f"{prefix}FLOP{s}": size for prefix, size in _PREFIXES.items() for s in ("", "s", "/s")}
SUFFIXES: Mapping[Kind, Mapping[str, float]] = {
    "number": {},
    "count": _COUNTS,
    "compute": {**_COUNTS, **_FLOP, **dict.fromkeys(_PF_DAYS, PF_DAY)},
    "rate": {**_COUNTS, "FLOP/s": 1.0, **_PER_SECOND},
    "share": {"%": 100.0},
    "days": {
        "days": 1.0,
        "day": 1.0,
        "d": 1.0,
        "weeks": 7.0,
        "week": 7.0,
        "hours": 1 / 24,
        "hour": 1 / 24,
        "h": 1 / 24,
    },
    "watts": {"W": 1.0, "kW": 1e3},
    "money": _COUNTS,
    "price": {"/h": 1.0, "/hour": 1.0, "/kWh": 1.0},
}
"""What may follow a number of each kind, whatever its case, and what it multiplies by; a per cent divides, so that 35% is the float 0.35."""
EXPECTED: Mapping[Kind, str] = {
    "number": "a plain number such as 2.5 or 1e-3",
    "count": "a plain number such as 7e10, or one with a suffix k, M, B or T, such as 70B",
    "compute": "a number in FLOP such as 1e21, or one with a suffix such as 3 PF-days, 5 ZFLOP or 3000 H100-days@40%",
    "rate": "a number in FLOP/s such as 9.9e14, or one with a suffix such as 989 TFLOP/s",
    "share": "a share such as 0.4, or a percentage such as 40%",
    "days": "a number of days such as 30, or one with a unit such as 6 weeks or 36 hours",
    "watts": "a number of watts such as 700, or one with a unit such as 1.2 kW",
    "money": "an amount such as 1e7, $2.5M or 10M",
    "price": "a price such as 2.10 or $2.10",
}
RANGES = "; a range is written low..high, as in 35..45%"

_SYNTAX = r"\^$.*+?()[]{}|/"
"""What a pattern must escape, and may escape alone: JavaScript reads JSON Schema's patterns in Unicode mode."""

# No two parts of a pattern may match the same digits: to tell that a text is none would take the square of its length.
_DIGITS = "[0-9]+(?:_[0-9]+)*"
_NUMBER = rf"[+-]?(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+ -]?[0-9]{{1,4}})?"
_SIGN = "[$€£¥]"
_SIGNED: tuple[Kind, ...] = ("money", "price")
_HOURS = {"hour": 1.0, "hours": 1.0, "day": 24.0, "days": 24.0, "week": 168.0, "weeks": 168.0}
_GROUPED = re.compile(r"[^0-9]*[0-9]{1,3}(?:,[0-9]{3})+(?![0-9,])")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+(?:\.[0-9]{3})*,[0-9].*", re.DOTALL)


class Unreadable(ValueError):
    """A text that is no quantity: what was expected and what came."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected = expected
        self.got = got


def _any_case(text: str) -> str:
    """A pattern of `text` in capitals or not; patterns of JSON Schema know no flag for that, nor an escape of what needs none."""
    return "".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else f"\\{c}" if c in _SYNTAX else c for c in text)


def _one_of(texts: Iterable[str]) -> str:
    """Any of `texts`, the longest first."""
    return "|".join(map(_any_case, sorted(set(texts), key=lambda text: (-len(text), text))))


def _amount(kind: Kind, place: str = "") -> str:
    """A number of that kind with what may stand about it; `place` tells the names of its groups from those of another."""
    sign = f"(?:{_SIGN} ?)?" if kind in _SIGNED else ""
    suffix = f"(?: ?(?P<suffix{place}>{_one_of(SUFFIXES[kind])}))?" if SUFFIXES[kind] else ""
    return f"{sign}(?P<number{place}>{_NUMBER}){suffix}" + (f"(?: ?{_SIGN})?" if kind in _SIGNED else "")


_CHIP = f"(?P<chip>{_one_of(ACCELERATORS)})"
_SPAN = f"(?P<span>{_one_of(_HOURS)})"
_MFU = f"(?: ?@ ?| [aA][tT] )(?P<mfu>{_NUMBER}) ?%(?: {_any_case('MFU')})?"
_FLEETS = (
    f" *(?P<number>{_NUMBER}) ?{_CHIP}[- ]{_SPAN}",
    f" *(?P<number>{_NUMBER}) ?(?:[x×] ?)?{_CHIP}[sS]? {_any_case('for')} (?P<time>{_NUMBER}) ?{_SPAN}",
)
"""A budget by its accelerators: their time, or how many for how long."""
_BUDGETS = tuple(re.compile(f"{fleet}{_MFU} *") for fleet in _FLEETS)
_UNUSED = tuple(re.compile(f"{fleet} *") for fleet in _FLEETS)
"""The same without a utilisation, which says nothing of compute."""
_GRAMMAR = {kind: re.compile(f" *{_amount(kind)} *") for kind in SUFFIXES}
_RANGE = {kind: re.compile(rf" *{_amount(kind, '_low')} ?\.\. ?{_amount(kind, '_high')} *") for kind in SUFFIXES}


def pattern(kind: Kind, *, ranged: bool = False) -> str:
    """The JSON Schema pattern of the texts that `read` accepts: the very grammar it reads by."""
    grammars = [_GRAMMAR[kind], *(_BUDGETS if kind == "compute" else ()), *((_RANGE[kind],) if ranged else ())]
    texts = [re.sub(r"\?P<[a-z_]+>", "?:", grammar.pattern) for grammar in grammars]
    return f"^(?:{'|'.join(texts)})$" if len(texts) > 1 else f"^{texts[0]}$"


def how_written(kind: Kind) -> str:
    """The texts that `read` accepts, in words."""
    return EXPECTED[kind]


def read(text: str, kind: Kind) -> float:
    """The number that `text` says, in the unit of its quantity; a space in the exponent is a `+` that a URL turned into
    one.

    Raises:
        Unreadable: the text is longer than MAX_TEXT, does not follow the grammar of `kind`, or is not finite.
    """
    require_short(text, kind)
    match = _GRAMMAR[kind].fullmatch(text)
    if match is not None:
        return _finite(_scaled(_number(match["number"]), _suffix(match, kind), kind), text)
    budgets = (budget.fullmatch(text) for budget in _BUDGETS) if kind == "compute" else ()
    budget = next(filter(None, budgets), None)
    if budget is not None:
        return _finite(_bought(budget), text)
    raise Unreadable(EXPECTED[kind] + _hint(text, kind), shown(text))


def read_range(text: str, kind: Kind) -> float | Spread:
    """The number, or the range `a..b`, that `text` says; a suffix at its end holds for both.

    Raises:
        Unreadable: it says neither, or the ends are not in order or not above zero.
    """
    require_short(text, kind)
    match = _RANGE[kind].fullmatch(text)
    if match is None:
        try:
            return read(text, kind)
        except Unreadable as error:
            raise Unreadable(error.expected + ("" if ";" in error.expected else RANGES), error.got) from None
    last = _suffix(match, kind, "_high")
    first = _suffix(match, kind, "_low") or last
    low = _finite(_scaled(_number(match["number_low"]), first, kind), text)
    high = _finite(_scaled(_number(match["number_high"]), last, kind), text)
    if not 0 < low < high:
        raise Unreadable("a range above zero, its low end first, such as 35..45%", shown(text))
    return Spread(low, high)


def require_short(text: str, kind: Kind) -> None:
    """That a text is not longer than any that says a number.

    Raises:
        Unreadable: it is.
    """
    if len(text) > MAX_TEXT:
        raise Unreadable(f"{EXPECTED[kind]}, in at most {MAX_TEXT} characters", shown(text))


def _number(text: str) -> float:
    return float(text.replace(" ", "+").replace("_", ""))


def _suffix(match: re.Match[str], kind: Kind, place: str = "") -> str | None:
    return match[f"suffix{place}"] if SUFFIXES[kind] else None


def _scaled(number: float, suffix: str | None, kind: Kind) -> float:
    if suffix is None:
        return number
    size = _FOLDED[kind][suffix.lower()]
    return number / size if kind == "share" else number * size


_FOLDED = {kind: {name.lower(): size for name, size in suffixes.items()} for kind, suffixes in SUFFIXES.items()}
_CHIPS = {name.lower(): row for name, row in ACCELERATORS.items()}


def _bought(match: re.Match[str]) -> float:
    """FLOP that accelerators give in a time at a utilisation, by their dense bf16 peak."""
    hours = _number(match["number"]) * _number(match.groupdict().get("time") or "1") * _HOURS[match["span"].lower()]
    return hours * 3600 * _CHIPS[match["chip"].lower()].bf16_flops * _number(match["mfu"]) / 100


def _finite(number: float, text: str) -> float:
    if not math.isfinite(number):
        raise Unreadable("a finite number", shown(text))
    return number


def _hint(text: str, kind: Kind) -> str:
    """What would work in place of `text`, where it is plain what was meant."""
    if kind == "compute" and any(fleet.fullmatch(text) for fleet in _UNUSED):
        joint = " at " if " for " in text.lower() else "@"
        return f"; say the utilisation: {text.strip()}{joint}40%"
    if _GROUPED.match(text):
        return f"; write {re.sub(r'(?<=[0-9]),(?=[0-9]{3})', '', text).strip()}"
    if _DECIMAL_COMMA.fullmatch(text.strip()):
        return "; write a decimal point, not a comma"
    return (
        "; a range is read in mfu, prices and overheads alone"
        if any(r.fullmatch(text) for r in _RANGE.values())
        else ""
    )

"""What the name of a column says: which quantity, at which scale, in which unit.

A name is taken as a set of words, in any order and spelling: `valLoss`, `eval/loss` and `Loss (validation)` are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from fitted_laws.tables.scales import COUNT_SCALES, FLOP_SCALES
from trainer.tables.naming.loss_units import LOSS_UNITS
from trainer.tables.naming.names import BY_WORDS, ELSEWHERE, FILLERS, LETTERS, NOT_THE_LOSS, SPELLINGS, VAGUE


class Heading(msgspec.Struct, frozen=True):
    """What a column's name says: the quantity, what a cell's number is to be multiplied by, the unit in its words; of two
    names of one quantity the lower rank is taken.
    """

    quantity: str
    scale: float = 1.0
    unit: str = ""
    rank: int = 0


RATIO = re.compile(r" *(d|tokens|n_tokens) */ *(n|params?|n_params|parameters) *", re.IGNORECASE)


def heading(name: str) -> Heading | None:
    """What a name says; of a path (`eval/c4/loss`) the longest end that says anything; None where it says nothing."""
    parts = (
        [part for part in re.split(r"/(?![sS]\b)|\.(?=[^\d])", name) if part]
        if not re.search(r"[(\[{]", name)
        else [name]
    )
    if RATIO.fullmatch(name):
        return Heading("tokens_per_param")
    for dropped in range(len(parts)):
        inside = dropped and parts[dropped:][-1].lower() in VAGUE and len(parts) == dropped + 1
        found = None if inside else _of_words("_".join(parts[dropped:]))
        if found is not None:
            return msgspec.structs.replace(found, rank=2 * found.rank + (dropped > 0))
    return None


def _of_words(name: str) -> Heading | None:
    base, bracket = _bracketed(name)
    words = _words(base)
    unit = Unit() if not bracket else unit_of(bracket)
    if unit is None:
        words, unit = words + _words(bracket), Unit()  # `Loss (validation)`
    for start, end in _spans(len(words)):
        inner = unit_of("_".join(words[start:end]), alone=len(words) == end - start)
        if inner is not None and (inner.kind or end == len(words) or (start == 0 and len(words[0]) > 1)):
            rest = words[:start] + ([inner.kind] if inner.kind else []) + words[end:]
            if found := _meant(rest, _joined(unit, inner)):
                return found
    return _meant(words, unit)


class Unit(msgspec.Struct, frozen=True):
    """A scale, or a unit with the quantity that alone can have it: `compute` or `loss`."""

    scale: float = 1.0
    unit: str = ""
    kind: str = ""


def _joined(first: Unit, then: Unit) -> Unit:
    return Unit(first.scale * then.scale, first.unit or then.unit, first.kind or then.kind)


def unit_of(text: str, *, alone: bool = False) -> Unit | None:
    """The scale or unit that a text says: `B`, `millions`, `1e9`, `EFLOP`, `PF-days`, `bits/byte`; None if it says none.

    FLOP with the prefix of a rate (TFLOP, PFLOP) that stand `alone` are none: they are most often per second.
    """
    plain = text.strip().lower().replace("×", "").lstrip("x* ").removeprefix("in ").strip()
    joined = re.sub(r"[^a-z0-9]+", "", plain)
    loss = LOSS_UNITS.get(plain) or LOSS_UNITS.get(plain.replace("_", " "))
    if loss:
        return Unit(1.0, loss, "loss")
    if joined in COUNT_SCALES:
        return None if alone else Unit(COUNT_SCALES[joined])
    if joined in FLOP_SCALES:
        return (
            None
            if alone and joined[:1] in "gtp" and "day" not in joined and "pfd" not in joined
            else Unit(FLOP_SCALES[joined], text.strip(), "compute")
        )
    if power := re.fullmatch(r"(?:1e\+?|10 ?(?:\^|\*\*) ?|e)([0-9]{1,2})(?:[ _]?flops?)?", plain):
        return Unit(10.0 ** int(power[1]), "", "compute" if "flop" in plain else "")
    counted = re.fullmatch(r"(thousands|millions|billions|trillions|[kmbt]) (?:of )?(params|parameters|tokens)", plain)
    if counted is None:
        return None
    return Unit(COUNT_SCALES[counted[1]], "", "tokens" if counted[2] == "tokens" else "params")


def _bracketed(name: str) -> tuple[str, str]:
    """A name without what stands in brackets, behind a comma or behind ` in ` at its end, and that."""
    for pattern in (r"(.+?)[ _]*[(\[{]([^()\[\]{}]*)[)\]}] *", r"(.+), *(.+)", r"(.+?)[ _]in[ _](.+)", r"(.+) / (.+)"):
        if match := re.fullmatch(pattern, name.strip()):
            return match[1], match[2]
    return name, ""


def _words(name: str) -> list[str]:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    plain = re.sub(r"[^a-z0-9]+", "_", parted.lower()).replace("held_out", "heldout")
    plain = re.sub("cross_entropy(?:_loss)?", "loss", plain)
    return [word for word in plain.split("_") if word]


def _spans(count: int) -> Iterator[tuple[int, int]]:
    """Runs of one to three words, the longest first, the last first."""
    for size in (3, 2, 1):
        for start in range(count - size, -1, -1):
            yield start, start + size


def _meant(words: list[str], unit: Unit) -> Heading | None:
    """The quantity of words without their unit; None where they say none, or another than the unit can have."""
    found = _quantity(words) or (_quantity([*words, unit.kind]) if unit.kind else None)
    if found is None:
        return None
    quantity, rank = found
    if unit.kind and unit.kind != quantity:
        return None
    if quantity == "loss" and unit.scale != 1:
        return None
    return Heading(quantity, unit.scale, unit.unit, rank)


def _quantity(words: list[str]) -> tuple[str, int] | None:
    """The quantity that words say, and its rank among names of it."""
    if len(words) == 1 and words[0] in LETTERS:
        return LETTERS[words[0]], 0
    if words == ["mutual", "information"]:
        return "loss", 0
    if {*words} in ({"model", "size"}, {"modelsize"}):
        return "params", len(BY_WORDS)
    plain = frozenset(SPELLINGS.get(word, word) for word in _lettered(words)) - FILLERS
    if {"loss", "heldout"} <= plain and plain not in BY_WORDS and not plain & NOT_THE_LOSS:
        return "loss", ELSEWHERE
    return BY_WORDS.get(plain)


def _lettered(words: list[str]) -> list[str]:
    """`N_active` as words; `n_embd` and its like are widths."""
    sizes = {"total", "active", "non", "embedding", "emb", "embed"}
    counted = words[:1] == ["n"] and len(words) > 1 and {*words[1:]} <= sizes
    return (
        ["params", *words[1:]]
        if counted and ("non" in words or len({*words} & sizes) == len({*words} & {"total", "active"}))
        else words
    )


def headings(names: Mapping[str, object] | list[str]) -> dict[str, Heading]:
    """By column what its name says, where it says something."""
    return {name: found for name in names if (found := heading(name)) is not None}

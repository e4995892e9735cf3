"""Questions that lie near each other, of which few draws can be an end of an interval: found once for a piece of an input's axis, then used again.

An answer is the same to the last bit with and without: the contenders are all draws that can matter, and each is computed as ever.
"""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

import msgspec
import numpy as np

from fitted_laws.forms import Values
from fitted_laws.laws.contenders import Contenders, Ordering, contenders
from fitted_laws.laws.intervals import places
from fitted_laws.laws.law import Law
from fitted_laws.solving.rows import Block, has_draws, summaries
from fitted_laws.solving.solution import Solution

STEP = 0.25
"""How long a piece is, in e-folds of an input: at most one draw in twenty then crosses an end."""
PARTS = 8
"""Pieces of a piece, along each input, in which fewer of its draws contend still: for questions asked one by one."""
WORTH = 4
"""Questions in a piece from which on it pays to find its contenders, which costs about as much as two."""
MOST_PIECES = 512
"""Pieces that are kept, of all laws: 30 kB each."""
MOST_SHARE = 0.5
"""Of the draws: where more contend, nothing is gained."""


class Near(msgspec.Struct, frozen=True):
    """The law with the contenders of one piece alone, how they are put in order, and the fields that do not change there."""

    law: Law
    ordering: Ordering
    constants: dict[str, tuple[float, float, float]]


class Place(NamedTuple):
    """A piece: by whom and what is asked, and where."""

    law: Law | None
    asked: Hashable
    piece: tuple[int, ...]
    step: float = STEP


NOWHERE = Place(None, (), ())
"""Where nothing is known: before all pieces."""


class Neighbour(Protocol):
    """What is asked, of one row or of several."""

    @property
    def level(self) -> float: ...
    @property
    def compute_kind(self) -> str | None: ...
    @property
    def part(self) -> str | None: ...
    @property
    def size(self) -> int: ...
    def monotone_in(self, law: Law) -> tuple[str, ...]: ...


Solve: TypeAlias = Callable[[Any, Law], Solution]
Found: TypeAlias = Near | None
kept: dict[Place, Found] = {}
_asked: dict[Place, int] = {}
_lock = threading.Lock()


def pieces(question: Neighbour, law: Law) -> list[Place | None]:
    """The piece that each row lies in; None where it is not known to be smooth there."""
    names, size = question.monotone_in(law), question.size
    if not names:
        return [None] * size
    asked = (type(question), names, question.level, question.compute_kind, question.part)
    if size == 1:
        return [Place(law, asked, _piece(question, names, STEP))]
    columns = [
        np.broadcast_to(np.floor(np.log(getattr(question, name)) / STEP), size).astype(int).tolist() for name in names
    ]
    return [Place(law, asked, piece) for piece in zip(*columns, strict=True)]


def _piece(question: Neighbour, names: Sequence[str], step: float) -> tuple[int, ...]:
    """Where a question of one row lies, in pieces so long."""
    values = (getattr(question, name) for name in names)
    single = (value.item() if isinstance(value, np.ndarray) else value for value in values)
    return tuple(math.floor(math.log(value) / step) for value in single)


def nearest(question: Neighbour, law: Law, solve: Solve, place: Place | None) -> Found:
    """What is known of the smallest piece that a question asked by itself lies in; None where that is nothing."""
    found = near(question, law, solve, place)
    if found is None or place is None:
        return None
    step = STEP / PARTS
    part = Place(found.law, place.asked, _piece(question, question.monotone_in(law), step), step)
    return near(question, found.law, solve, part, within=found) or found


def near(
    question: Neighbour, law: Law, solve: Solve, place: Place | None, times: int = 1, within: Found = None
) -> Found:
    """What is known of the piece that a question of one row lies in, which is asked so many times; None where that is nothing.

    `within` is what is known of the larger piece that it is of; `law` is then that of its contenders.
    """
    if place is None:
        return None
    if place in kept:
        return kept[place]
    asked = _asked[place] = _asked.get(place, 0) + times
    if asked < WORTH:
        if len(_asked) > 8 * MOST_PIECES:
            _asked.clear()
        return None
    found = _near(question, law, solve, place, within)
    with _lock:
        while len(kept) >= MOST_PIECES:
            del kept[next(iter(kept))]
        kept[place] = found
    return found


def _near(question: Neighbour, law: Law, solve: Solve, place: Place, within: Found) -> Found:
    """The contenders of a piece, by its answers at its corners and at its centre; None where some have none, or few would be left out."""
    names = question.monotone_in(law)
    corners = list(itertools.product((0, 1), repeat=len(names)))
    seen = [
        solve(_moved(question, dict(zip(names, _at(place, parts), strict=True))), law)
        for parts in (*corners, [0.5] * len(names))
    ]
    if within is not None:
        return _contending(seen, question.level, law, within.ordering.fields, within.constants)
    return _left(seen, question.level, law)


def _moved(question: Any, inputs: dict[str, Values]) -> Any:
    return msgspec.structs.replace(question, **inputs)


def _at(place: Place, parts: Sequence[float]) -> list[Values]:
    """The inputs at a place within a piece, 0 being its low end and 1 its high one."""
    return [np.array([math.exp(place.step * (piece + part))]) for piece, part in zip(place.piece, parts, strict=True)]


def _left(seen: Sequence[Solution], level: float, law: Law) -> Found:
    """What is left of a law of whose answers these are seen, the centre's last."""
    first = seen[0]
    drawn = [name for name, value in first.fields.items() if has_draws(value)]
    constant = [name for name in drawn if all(found.fields[name] is first.fields[name] for found in seen)]
    sizes = {len(first.fields[name]) for name in drawn}
    if len(sizes) != 1:
        return None
    following = first.falling if places(sizes.pop() - 1, level).mirrored else ()
    free = dict.fromkeys(name for name in drawn if name not in constant and name not in following)
    constants = dict(zip(constant, summaries(Block(first, 1), constant, level), strict=True))
    return _contending(seen, level, law, free, constants)


def _contending(
    seen: Sequence[Solution],
    level: float,
    law: Law,
    within: Mapping[str, Contenders | None],
    constants: dict[str, tuple[float, float, float]],
) -> Found:
    """The law with the contenders alone of each field of `within`, among those of a larger piece where they are known."""
    contending: dict[str, Contenders] = {}
    size = 1
    for name, larger in within.items():
        *corners, centre = (found.fields[name][:, 0] for found in seen)
        theirs = contenders(corners, centre, level, larger)
        if theirs is None:
            return None
        contending[name] = theirs
        size = len(centre)
    rows = np.unique(np.concatenate([[0], *(each.rows for each in contending.values())]))
    if not contending or len(rows) > MOST_SHARE * size:
        return None
    among = {name: each._replace(rows=np.searchsorted(rows, each.rows)) for name, each in contending.items()}
    return Near(law.among(rows), Ordering(among, len(rows)), constants)

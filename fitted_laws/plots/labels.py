"""Names on a plot, placed where they lie over nothing that was placed before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

LINE = 14
"""Height of a line of text."""
LETTER = 6.8
"""Mean width of a letter, of 13 px: the font is the reader's, so this is an estimate."""

BOLD = 8.6
"""Mean width of a bold letter, with what it is larger by on a phone."""
LONGEST = 22
"""Letters of the name of a curve."""


class Box(NamedTuple):
    """A rectangle of the plot."""

    left: float
    top: float
    right: float
    bottom: float

    def over(self, other: Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def width(text: str) -> float:
    return len(text) * LETTER


def stand_apart(row: Sequence[tuple[float, str]]) -> bool:
    """Whether texts in one row, each about its x, have a space between them."""
    ends = [(x - width(text) / 2, x + width(text) / 2) for x, text in row]
    return all(a[1] + 2 * LETTER <= b[0] for a, b in pairwise(ends))


class Labels:
    """The names on one plot, between its edges."""

    def __init__(self, left: float, right: float, top: float, bottom: float) -> None:
        self._edges = Box(left, top, right, bottom)
        self._taken: list[Box] = []

    def take(self, x: float, y: float, radius: float) -> None:
        """Nothing is written over what lies at a place."""
        self._taken.append(Box(x - radius, y - radius, x + radius, y + radius))

    def fixed(self, text: str, x: float, y: float, anchor: str) -> str:
        """A name at a place, wherever it lies."""
        self._taken.append(Box(x, y - LINE + 3, x + width(text), y + 3))
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'

    def near(self, text: str, x: float, y: float, kind: str, *, must: bool = True, below: bool = False) -> str:
        """A name above (unless `below`), below or beside a point; where nothing is free, `must` writes it all the same."""
        if not text:
            return ""
        wide = len(text) * BOLD if "strong" in kind else width(text)
        centred = min(max(x, self._edges.left + wide / 2), self._edges.right - wide / 2)
        places = ((centred, y - 10), (centred, y + 20), (x + 9 + wide / 2, y + 4), (x - 9 - wide / 2, y + 4))
        for middle, base in places[1:] if below else places:
            box = Box(middle - wide / 2, base - LINE + 3, middle + wide / 2, base + 3)
            inside = self._edges.left <= box.left and box.right <= self._edges.right
            within = inside and self._edges.top <= box.top and box.bottom <= self._edges.bottom
            if within and not any(box.over(other) for other in self._taken):
                return self._written(text, middle, base, kind, box)
        middle, base = places[int(below)]
        box = Box(middle - wide / 2, base - LINE + 3, middle + wide / 2, base + 3)
        return self._written(text, middle, base, kind, box) if must else ""

    def _written(self, text: str, x: float, y: float, kind: str, box: Box) -> str:
        self._taken.append(box)
        return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(text)}</text>'

    def beside(self, names: Sequence[tuple[str, float, float, int]]) -> Iterator[str]:
        """The names of curves right of their ends, moved apart where they would lie over each other: name, y, x, hue."""
        ordered = sorted(names, key=lambda each: each[1])
        places = [y for _, y, _, _ in ordered]
        for i in range(1, len(places)):
            places[i] = max(places[i], places[i - 1] + LINE)
        excess = max(0.0, places[-1] - self._edges.bottom) if places else 0.0
        for i in range(len(places) - 1, -1, -1):
            below = places[i + 1] - LINE if i + 1 < len(places) else self._edges.bottom
            places[i] = min(places[i], below) if excess else places[i]
        for (name, _, _, hue), y in zip(ordered, places, strict=True):
            shown = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
            yield f'<text class="named h{hue % 8}" x="{self._edges.right + 7:.1f}" y="{y + 4:.1f}">{escape(shown)}</text>'

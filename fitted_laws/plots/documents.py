"""The pictures of the documents, drawn as `.svg` answers are. `make docs` writes them."""

from __future__ import annotations

import sys
from collections.abc import Callable

from fitted_laws import Answer, ask
from fitted_laws.plots.curves import as_svg
from fitted_laws.questions.registry import QUESTIONS

LAWS = ("besiroglu-2024", "hoffmann-2022", "muennighoff-2023", "kaplan-2020", "henighan-2020")


def frontier() -> bytes:
    """Loss against compute from 1e18 to 1e26 FLOP by five laws of language, which part where nobody has trained."""
    curves = [
        ask("frontier", domain="language", law=law, compute_min=1e18, compute_max=1e26, points=65) for law in LAWS
    ]
    return as_svg(Answer.stack(curves, compared=QUESTIONS["frontier"].losses))


def isoflop() -> bytes:
    """Loss against size at 1e21 FLOP, as the tutorial asks for it."""
    return as_svg(ask("isoflop", domain="language", compute=1e21, points=49))


PICTURES: dict[str, Callable[[], bytes]] = {"frontier": frontier, "isoflop": isoflop}
"""Each by the name of its file."""

if __name__ == "__main__":
    sys.stdout.buffer.write(PICTURES[sys.argv[1]]())

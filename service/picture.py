"""The README's picture: loss against compute by laws of language that part where nobody has trained. `make docs` writes it."""

from __future__ import annotations

import sys

from fitted_laws import Answer, ask
from service.plots import as_svg

LAWS = ("besiroglu-2024", "hoffmann-2022", "muennighoff-2023", "kaplan-2020", "henighan-2020")


def picture() -> bytes:
    """Frontiers of five laws from 1e18 to 1e26 FLOP, as SVG."""
    curves = [ask("frontier", domain="language", law=law, compute_min=1e18, compute_max=1e26, points=65) for law in LAWS]
    return as_svg(Answer.stack(curves, compared=True))


if __name__ == "__main__":
    sys.stdout.buffer.write(picture())

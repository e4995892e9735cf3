"""The laws' plots on the site: the service's own drawings, in colours that follow the reader's scheme."""

from __future__ import annotations

import msgspec

from fitted_laws import Laws
from fitted_laws.plots import law_curve
from fitted_laws.plots.curves import alone

PAPER = "#ffffff"
LIGHT = ("#1b1f24", "#0b6e4f", "#b5451b")
DARK = ("#e6e8eb", "#5fd0a5", "#ff9e70")
"""The ink and the colours of drawings that lie among the documents, on light paper and on dark: an image does not see the colours of its page."""


class Plot(msgspec.Struct, frozen=True):
    """A law's curve: where it stands on the site, what it shows, and the drawing."""

    address: str
    caption: str
    svg: str


def drawn(laws: Laws) -> dict[str, Plot]:
    """A plot for each law that answers a curve, by the anchor of its heading in the catalogue."""
    made = {}
    for law in laws:
        figure = law_curve.figure(law, laws)
        if figure:
            name = f"{law.id}-{law.domain.id}"
            made[name] = Plot(f"plots/{name}.svg", figure.caption, alone(figure.drawing.svg).decode())
    return made


def schemed(svg: str) -> str:
    """A drawing without paper, whose colours suit the reader's scheme; one that has both already stays as it is."""
    if "prefers-color-scheme" in svg:
        return svg
    for i, literal in enumerate(LIGHT):
        svg = svg.replace(literal, f"var(--c{i})")
    light, dark = ("".join(f"--c{i}:{colour};" for i, colour in enumerate(colours)) for colours in (LIGHT, DARK))
    style = f"<style>svg{{{light}}}@media (prefers-color-scheme:dark){{svg{{{dark}}}}}</style>"
    return svg.replace(PAPER, "none").replace("<defs>", f"{style}\n<defs>", 1)

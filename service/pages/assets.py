"""The files that pages load."""

from __future__ import annotations

import functools
from importlib import resources as packaged
from pathlib import PurePosixPath
from string import Template

from fitted_laws.plots.curves import STYLE

PAGE = packaged.files("service") / "pages" / "static"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
SHEET = "style.css"
"""What every page loads: colours and plots, what all pages share, and the planner, in one file."""
SHEETS = ("style.css", "planner.css")


@functools.cache
def files() -> dict[str, bytes]:
    """What pages load, by name: scripts, and the one style sheet."""
    scripts = sorted(entry.name for entry in PAGE.iterdir() if entry.name.endswith(".js"))
    sheet = "\n".join([STYLE, *((PAGE / name).read_text() for name in SHEETS)])
    return {SHEET: sheet.encode(), **{name: (PAGE / name).read_bytes() for name in scripts}}


def media_type(name: str) -> str:
    return TYPES[PurePosixPath(name).suffix]


def template(name: str) -> Template:
    """A page with places to fill."""
    return Template((PAGE / name).read_text())

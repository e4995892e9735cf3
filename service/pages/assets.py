"""The files that pages load."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources as packaged
from pathlib import PurePosixPath
from string import Template

PAGE = packaged.files("service") / "pages" / "static"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", "": "text/plain; charset=utf-8"}
PLOTTER = "vendor/uplot-1.6.32"
"""uPlot, whole and unmodified: its release, its licence."""


def static(folder: str = "") -> Iterator[str]:
    """The files that pages load, by their path in the folder `static`: all but the templates."""
    for entry in sorted((PAGE / folder).iterdir(), key=lambda entry: entry.name):
        name = f"{folder}{entry.name}"
        if entry.is_dir():
            yield from static(f"{name}/")
        elif PurePosixPath(name).suffix in TYPES:
            yield name


def file(name: str) -> bytes:
    """A file of the folder `static`."""
    return (PAGE / name).read_bytes()


def template(name: str) -> Template:
    return Template(file(name).decode())

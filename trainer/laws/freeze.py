"""Freezing: a law file becomes one of the shipped coefficients, byte for byte, once it has been read and asked."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from fitted_laws.catalogue import load
from fitted_laws.laws.lawfile import BadLawFile
from trainer.files import content_of, write_whole


def freeze(path: Path, folder: Path | None = None) -> Path:
    """Copies a law file into `folder`, the shipped coefficients without it, as `<id>.json`; whole or not at all.

    Raises:
        BadLawFile: it is malformed, contradicts an example, or its id is taken by another file's law.
        Refusal: it cannot be written there.
    """
    laws = load([path], shipped=False)
    ids = {law.id for law in laws}
    if len(ids) != 1:
        raise BadLawFile(path.name, "id", "one law id a file", ", ".join(sorted(ids)))
    target = (folder or Path(str(resources.files("fitted_laws") / "coefficients"))) / f"{ids.pop()}.json"
    write_whole(content_of(path), target)
    return target

"""Packages that only some users need: loaded when they are, with what to install where they are missing."""

import importlib
from types import ModuleType

from trainer.files import Refusal


class MissingPackage(Refusal):
    """Something asked for needs a package that is not installed; the message says which command installs it."""


IMPORTS = "`make imports`, or pip install '.[trainer-imports]' in the project's folder"


def loaded(module: str, what: str, remedy: str = IMPORTS) -> ModuleType:
    """A module of ours that stands on an optional package; `what` needs it, `remedy` brings it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        package = (missing.name or "").split(".")[0]
        raise MissingPackage(f"{what} needs {package}, which is not installed: {remedy}") from None

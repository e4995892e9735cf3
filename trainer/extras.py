"""Packages that only some users need: loaded when they are, with what to install where they are missing."""

from types import ModuleType

from fitted_laws.quantities import extras
from fitted_laws.quantities.extras import MissingPackage, installing

__all__ = ["MissingPackage", "loaded"]
IMPORTS = f"`make imports`, or {installing('trainer-imports')}"


def loaded(module: str, what: str, remedy: str = IMPORTS) -> ModuleType:
    """A module of ours that stands on an optional package; `what` needs it, `remedy` brings it."""
    return extras.loaded(module, what, remedy)

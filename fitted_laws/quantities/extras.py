"""What is installed beside the core: an extra that is missing is named with what installs it, files of others in the place of ours with
whose they are.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from fitted_laws.quantities.problems import Problem

DISTRIBUTION = "fitted-laws"
FOLDER = Path(__file__).resolve().parents[2]
"""Where our packages lie, beside one another."""
OURS = ("fitted_laws", "service", "trainer")
REINSTALLING = f"uninstall what took its place, then pip install --force-reinstall --no-deps {DISTRIBUTION}; or give each its own environment"


class MissingPackage(Problem):
    """What is asked for needs a package that is not installed, or not whole; the message says what installs it."""

    title = "Not installed"


def installing(extra: str) -> str:
    """The command that installs an extra."""
    return f'pip install "{DISTRIBUTION}[{extra}]"'


def loaded(module: str, what: str, remedy: str) -> ModuleType:
    """A module that stands on an optional package; `what` needs it, `remedy` brings it.

    Raises:
        MissingPackage: the package is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        package = (missing.name or "").split(".")[0]
        if package in OURS:
            raise
        raise MissingPackage(f"{what} needs {package}, which is not installed: {remedy}") from None


def require_ours(package: str) -> None:
    """Refuses a package of ours in whose place others' files lie: `service` and `trainer` are names that others bear too.

    Raises:
        MissingPackage: Python finds another file under that name, or one that was overwritten.
    """
    spec = importlib.util.find_spec(package)
    file = Path(spec.origin).resolve() if spec and spec.origin else None
    if file is None:
        raise MissingPackage(f"{package} of {DISTRIBUTION} is not installed here: {REINSTALLING}")
    if file == FOLDER / package / "__init__.py":
        if not overwritten(file):
            return
        remedy = REINSTALLING
    elif sys.path[0] in ("", str(file.parent), str(file.parent.parent)):
        remedy = "say `fitted-laws`, or `python -P -m fitted_laws`"
    else:
        remedy = "install Fitted Laws into an environment of its own"
    owner = owner_of(file)
    raise MissingPackage(
        f"expected the package {package} of {DISTRIBUTION}, got {file}{f' of the distribution {owner}' if owner else ''}: {remedy}"
    )


def overwritten(file: Path) -> bool:
    """Whether a file differs from the one that was installed; never where the install is a link to a checkout."""
    metadata = importlib.import_module("importlib.metadata")
    try:
        files = metadata.distribution(DISTRIBUTION).files or []
    except metadata.PackageNotFoundError:
        return False
    written = next((entry for entry in files if Path(str(entry.locate())).resolve() == file), None)
    if written is None or written.hash is None:
        return False
    found = base64.urlsafe_b64encode(hashlib.new(written.hash.mode, file.read_bytes()).digest()).decode().rstrip("=")
    return bool(found != written.hash.value)


def owner_of(file: Path) -> str | None:
    """The other distribution that has installed a file there."""
    for distribution in importlib.import_module("importlib.metadata").distributions():
        if distribution.name != DISTRIBUTION and any(
            entry.name == file.name and Path(str(entry.locate())).resolve() == file
            for entry in distribution.files or []
        ):
            return str(distribution.name)
    return None


def path_for_children(environ: Mapping[str, str], separator: str) -> dict[str, str]:
    """The PYTHONPATH with which a process started with -P finds the packages that this one found only since it was started in their
    folder; nothing where they are installed.
    """
    first = sys.path[0]
    if sys.flags.safe_path or not first or Path(first).resolve() != FOLDER:
        return {}
    return {"PYTHONPATH": separator.join(filter(None, (str(FOLDER), environ.get("PYTHONPATH"))))}

"""For the tests of deploy/: its files, read, and the programs that read them."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
PROGRAMS = os.pathsep.join([f"{sys.prefix}/bin", f"{sys.prefix}/programs/usr/bin", os.environ["PATH"]])
"""Where `make test SLOW=1` puts what it brings, and the rest."""


def tool(name) -> str:
    """The program of this name; without it the test is skipped."""
    return shutil.which(name, path=PROGRAMS) or pytest.skip(f"{name} is not installed")


def read(name) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text())


def panels_of(dashboard) -> list[Any]:
    """The panels of a dashboard that show something."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


DASHBOARDS = {path.stem: json.loads(path.read_text()) for path in sorted((DEPLOY / "grafana").glob("*.json"))}
DASHBOARD = DASHBOARDS["dashboard"]
PANELS = panels_of(DASHBOARD)
BUILT_FROM = (
    "LICENSE",
    "README.md",
    "hatch_build.py",
    "pyproject.toml",
    "requirements.lock",
    "requirements-image.lock",
    "fitted_laws",
    "service",
)

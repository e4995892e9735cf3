"""The load test loads a service of its own, within bounds, and says what a question costs."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOAD = ROOT / "tests" / "bench" / "load.py"


def run(*words) -> "subprocess.CompletedProcess[str]":
    paths = ":".join(str(ROOT / "tests" / folder) for folder in ("support", "bench"))
    command = ["/usr/bin/env", f"PYTHONPATH={paths}", sys.executable, str(LOAD), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_no_load_is_longer_than_a_minute() -> None:
    found = run("--seconds", "61")
    assert found.returncode == 2
    assert "invalid choice: 61" in found.stderr


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_every_kind_is_loaded() -> None:
    """One second each, of which a line says the rate and what a core does."""
    found = run("--seconds", "1")
    assert found.returncode == 0, found.stderr
    lines = found.stdout.splitlines()
    assert [line[:22].strip() for line in lines] == [
        "repeated",
        "new",
        "new as text",
        "new without interval",
        "new, one field",
        "new curve",
        "curve held by Redis",
    ]
    assert all(line.endswith("a core") for line in lines)

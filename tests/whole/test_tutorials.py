"""The tutorials are true: every command and every line of Python is run in order, every formula calculated, and gives what is shown."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from documents import blocks, commands, run_command, run_python
from serving import serving
from spreadsheet import Book, Calculator, Cell, Formula

ROOT = Path(__file__).parents[2]
TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
HERE = "127.0.0.1:8000"
SLOW = {"fit": pytest.mark.slow}

pytestmark = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("bash")), reason="the tutorials are typed into bash, with curl"
)


@pytest.fixture(scope="module")
def server() -> Iterator[httpx.Client]:
    with serving() as (client, _):
        yield client


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    """The reader's: `fitted-laws` and `python` are those of this project, the working folder is another."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, command in {"python": sys.executable, "fitted-laws": f"{sys.executable} -m fitted_laws"}.items():
        (programs / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (programs / name).chmod(0o755)
    return os.environ | {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "NO_PROXY": "127.0.0.1",
        "COLUMNS": "80",
    }


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=path.stem, marks=SLOW.get(path.stem, ())) for path in TUTORIALS]
)
def test_a_tutorial_gives_what_it_shows(path, server, environment, tmp_path, monkeypatch) -> None:
    """Its blocks in order, as its reader runs them, in one folder."""
    monkeypatch.chdir(tmp_path)
    names = {}
    found = blocks(path.read_text(), "console", "python", "cell")
    assert len(found) >= 3
    for kind, code in found:
        if kind == "python":
            run_python(code, names)
        elif kind == "cell":
            calculate(code, server)
        else:
            typed = commands(code.replace(HERE, f"{server.base_url.host}:{server.base_url.port}"))
            assert typed, code
            for command, shown in typed:
                run_command(command, shown, tmp_path, environment)


def calculate(code, server) -> None:
    """Each formula, where A2 holds the budget of the tutorial; below it stands how its value begins."""
    lines = code.splitlines()
    for formula, shown in zip(lines[::2], lines[1::2], strict=True):
        book = Book(names={"base": "mine!$A$1"}, sheets={"mine": {"A1": Cell(None, ""), "A2": Cell(None, 5.76e23)}})
        calculator = Calculator(book, lambda address: server.get(address).raise_for_status().text)
        value = Formula(formula.removeprefix("="), "mine", calculator).calculate()
        assert str(value).startswith(shown.rstrip("…")), (formula, value)


def test_there_are_tutorials() -> None:
    assert len(TUTORIALS) >= 3

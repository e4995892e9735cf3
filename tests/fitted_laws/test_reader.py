"""Every command of the three packages whose output nobody reads any more ends without a word, as `… | head` expects."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import PATIENCE

from fitted_laws.documents.listings import LISTINGS
from fitted_laws.quantities.reader import NOT_READ, ends_with_its_reader

RUNS = "params,tokens,loss\n" + "".join(
    f"{params},{tokens},{1.7 + 400 / params**0.35 + 400 / tokens**0.28}\n"
    for params in (1e7, 3e7, 1e8, 3e8)
    for tokens in (1e9, 3e9, 1e10, 3e10)
)
LAWS = {
    "a question": ("fitted_laws", "optimal", "--domain", "language", "--compute", "1e21"),
    "rows": ("fitted_laws", "optimal", "--domain", "language", "--rows", "budgets.csv"),
    **{name: ("fitted_laws", name) for name in LISTINGS},
    "the version": ("fitted_laws", "--version"),
    "how to use it": ("fitted_laws", "--help"),
    "how to ask": ("fitted_laws", "optimal", "--help"),
}
SERVICE = {"a check": ("service", "--check"), "how to serve": ("service", "--help")}
TRAINER = {
    "a back-test": ("trainer", "backtest", "runs.csv"),
    "a fit": ("trainer", "fit", "runs.csv", "--form", "additive", "--bootstrap", "10", "-o", "law.json"),
    "an import": ("trainer", "import", "runs.csv", "--dry-run"),
    "an import by the one command": ("fitted_laws", "import", "runs.csv", "--dry-run"),
    "how to fit": ("trainer", "fit", "--help"),
}
COMMANDS = LAWS | SERVICE | TRAINER


def left(folder, *words, error=subprocess.PIPE, unbuffered="") -> tuple[int, bytes]:
    """The exit code, and what stands in the standard error, of a command whose reader has gone before it begins."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", *words],
            cwd=folder,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing if error == subprocess.STDOUT else error,
            timeout=PATIENCE,
            check=False,
        )
    finally:
        os.close(writing)
    return done.returncode, done.stderr or b""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("unread")
    (made / "runs.csv").write_text(RUNS)
    (made / "budgets.csv").write_text("compute\n" + "1e21\n" * 50)
    return made


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_ends_without_a_word(folder, name) -> None:
    assert left(folder, *COMMANDS[name]) == (NOT_READ, b"")


def test_what_is_written_at_once_ends_so_too(folder) -> None:
    """Without a buffer the first line already finds nobody."""
    assert left(folder, *LAWS["laws"], unbuffered="1") == (NOT_READ, b"")


def test_a_complaint_that_nobody_reads_ends_so_too(folder) -> None:
    """As in `fitted-laws … 2>&1 | head`."""
    assert left(folder, "fitted_laws", "optimum", error=subprocess.STDOUT) == (NOT_READ, b"")


def test_another_pipe_that_breaks_is_a_fault() -> None:
    """That of a process of its own: while the output is read, it is raised."""

    @ends_with_its_reader
    def command() -> int:
        reading, writing = os.pipe()
        os.close(reading)
        try:
            return os.write(writing, b"x")
        finally:
            os.close(writing)

    read, write = os.pipe()
    with os.fdopen(write, "w") as out, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", out)
        with pytest.raises(BrokenPipeError):
            command()
    os.close(read)

"""For the tests of generated clients and of linters: what they run, and what each question is asked."""

import functools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from documents import blocks
from waiting import PATIENCE

from fitted_laws import Problem, ask
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.questions.registry import QUESTIONS

SETTINGS = Path(__file__).parents[1] / "real" / "clients"
"""What the tools are told: the versions of Node's packages, the linters' rules."""
PAGE = (Path(__file__).parents[2] / "docs" / "clients.md").read_text()
"""How users are told to make a client."""
SHOWN = "http://127.0.0.1:8000"
"""The address that the page shows."""
PACKAGES = Path(sys.prefix) / "clients" / "node_modules"
"""Where `make test SLOW=1` installs Node's packages."""
SILENT = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def run(*command, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a program says, run in `folder`, with Node.js and what it runs found where they are installed."""
    found = os.pathsep.join([str(PACKAGES / ".bin"), str(Path(sys.prefix) / "bin"), os.environ["PATH"]])
    return subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=os.environ | SILENT | {"PATH": found},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def shown(kind: str, base: str) -> str:
    """The last block of code of that kind on the page for users, for the service at `base`."""
    return blocks(PAGE, kind)[-1][1].replace(SHOWN, base)


def in_columns(name: str) -> dict[str, Any]:
    """The example of a question, each of its numbers as a column of two rows; as it is where a curve has no columns."""
    question = QUESTIONS[name]
    entries = inputs_of(question)
    numbers = {n for n in question.example if entries[n].numeric and not question.curve}
    return {n: [value, value] if n in numbers else value for n, value in question.example.items()}


@functools.cache
def by_all_laws(name: str) -> tuple[float | None, ...]:
    """The headline of a question's example by every law, a row each; nothing where no law, or one alone, can be asked."""
    question = QUESTIONS[name]
    if "law" in question.example:
        return ()
    try:
        answer = ask(name, **question.example, law="all", interval="none")
    except Problem:
        return ()
    return tuple(row[question.headline] for row in answer["rows"]) if "rows" in answer else ()

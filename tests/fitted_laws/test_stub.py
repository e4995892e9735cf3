"""The types that the package carries: written from the questions, and held to by type checkers on a user's script."""

import ast
import json
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fitted_laws import ask
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.catalogue import ask as ask_any
from fitted_laws.documents.stub import RESERVED, stub
from fitted_laws.questions.registry import QUESTIONS

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "support" / "script_that_checks.py"
STUB = (ROOT / "fitted_laws" / "__init__.pyi").read_text()
CLASSES = {node.name: node for node in ast.parse(STUB).body if isinstance(node, ast.ClassDef)}
MISTAKES = {
    "a question that there is not": 'ask("optimum", domain="language", compute=1e21)',
    "an input that it does not have": 'ask("optimal", domain="language", budget=1e21)',
    "an input left out": 'ask("optimal", domain="language")',
    "an input of another type": 'ask("optimal", domain="language", compute=None)',
    "a choice that there is not": 'ask("optimal", domain="language", compute=1e21, interval="none at all")',
    "a column where a curve takes one number": 'ask("isoflop", domain="language", compute=[1e21, 1e22])',
    "a field that the answer does not have": 'ask("optimal", domain="language", compute=1e21).parameters',
    "a field of another question": 'ask("optimal", domain="language", compute=1e21).hours',
    "a text as a number": 'ask("optimal", domain="language", compute=1e21).reach / 2',
    "an array as a number": 'size: float = ask("optimal", domain="language", compute=[1e21, 1e22]).params',
    "what may be null as a number": 'ask("optimal", domain="language", compute=1e21).params_low * 2',
}


def test_it_is_generated() -> None:
    """`make docs` gives the committed file."""
    assert stub() == STUB, "run: make docs"


@pytest.mark.parametrize("columns", [False, True], ids=["one", "columns"])
@pytest.mark.parametrize("name", QUESTIONS)
def test_an_example_is_answered_as_its_class_says(name: str, columns: bool) -> None:
    """By the law that answers unasked and with its intervals: each field is declared, and is of a type that is declared."""
    question, inputs = QUESTIONS[name], inputs_of(QUESTIONS[name])
    asked_in_columns = {n: [v, v] for n, v in question.example.items() if inputs[n].numeric}
    if columns and (question.curve or not asked_in_columns):
        pytest.skip("it is not asked in columns")
    answer = ask_any(name, **question.example | (asked_in_columns if columns else {}))
    kind = "Curve" if question.curve else "Columns" if columns else "Answer"
    declared = {
        node.target.id: node.annotation
        for node in CLASSES[f"_{''.join(word.capitalize() for word in name.split('_'))}{kind}"].body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    for field in set(answer.names) - RESERVED:
        assert fits(answer[field], declared[field]), (field, answer[field], ast.unparse(declared[field]))


def fits(value: object, type_: ast.expr) -> bool:
    """Whether a value is of an annotated type: a union, a list, an array or a plain one."""
    match type_:
        case ast.BinOp(left=left, right=right):
            return fits(value, left) or fits(value, right)
        case ast.Subscript(value=ast.Name(id="list"), slice=element):
            return isinstance(value, list) and all(fits(each, element) for each in value)
        case ast.Name(id="_Floats"):
            return isinstance(value, np.ndarray) and value.dtype == np.float64
        case ast.Name(id="float"):
            return type(value) in (float, int)
        case ast.Constant(value=None):
            return value is None
    return type(value).__name__ == ast.unparse(type_)


def test_help_lists_the_questions() -> None:
    assert ask.__doc__ is not None
    for name, question in QUESTIONS.items():
        assert f"- {name}: {question.in_words()}" in ask.__doc__.splitlines()


def test_a_field_is_read_as_an_attribute() -> None:
    """Also of an answer that has no type of its own, where checkers do not know it."""
    assert ask_any("optimal", domain="language", compute=1e21).params > 1


def write(folder: Path) -> tuple[Path, Path]:
    """The script that checks, and one whose lines are each a mistake but the first."""
    wrong = folder / "wrong.py"
    wrong.write_text("\n".join(["from fitted_laws import ask", *MISTAKES.values(), ""]))
    return Path(shutil.copy(SCRIPT, folder)), wrong


def test_the_script_runs() -> None:
    """What checkers accept is also answered."""
    said = runpy.run_path(str(SCRIPT))
    assert said["params"] > 1e9
    assert said["sizes"].shape == (5,)


def test_mypy_knows_the_questions(tmp_path: Path) -> None:
    """A user's script passes under `--strict`; of one with mistakes each line is refused."""
    right, wrong = write(tmp_path)
    command = [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports", "--cache-dir", tmp_path / "cache"]
    result = subprocess.run([*command, right, wrong], cwd=tmp_path, capture_output=True, text=True, check=False)
    errors = re.findall(r"^(?:.*/)?(\w+\.py):(\d+): error", result.stdout, re.MULTILINE)
    assert {(file, int(line)) for file, line in errors} == lines_of(wrong), result.stdout + result.stderr


@pytest.mark.slow
def test_pyright_knows_the_questions(tmp_path: Path) -> None:
    """The same by basedpyright, whose editors' form is what most see."""
    basedpyright = Path(sys.executable).with_name("basedpyright")
    if not basedpyright.exists():
        pytest.skip("basedpyright is not installed: make .venv/.slow")
    right, wrong = write(tmp_path)
    (tmp_path / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "standard"}))
    command = [basedpyright, "--outputjson", "--pythonpath", sys.executable, right, wrong]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    found = [each for each in json.loads(result.stdout)["generalDiagnostics"] if each["severity"] == "error"]
    errors = {(Path(each["file"]).name, each["range"]["start"]["line"] + 1) for each in found}
    assert errors == lines_of(wrong), result.stdout


def lines_of(wrong: Path) -> set[tuple[str, int]]:
    return {(wrong.name, line) for line in range(2, 2 + len(MISTAKES))}

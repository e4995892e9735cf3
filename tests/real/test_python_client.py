"""A client in Python, as `openapi-python-client` writes it from a live service: every module imports, every reply is a typed model."""

import enum
import importlib
import pkgutil
import sys
import typing
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from clients import PAGE, SHOWN, by_all_laws, in_columns, run, shown
from documents import blocks
from serving import serving

from fitted_laws import ask
from fitted_laws.questions.registry import QUESTIONS
from service.api.openapi.schemas import class_name

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        find_spec("openapi_python_client") is None,
        reason="openapi-python-client is not installed, not tested: make test SLOW=1",
    ),
]
NAME = "fitted_laws_client"


class Asking:
    """The generated package, and its client of a live service."""

    def __init__(self, package: ModuleType, base: str, folder: Path) -> None:
        self.package = package
        self.base = base
        self.folder = folder
        self.models = importlib.import_module(f"{NAME}.models")
        self.client = package.Client(base_url=base)

    def ask(self, operation: str, tag: str | None = None, **inputs) -> Any:
        """The parsed reply to an operation, its inputs made enumerations where the client has such."""
        module = importlib.import_module(f"{NAME}.api.{tag or operation}.{operation}")
        hints = typing.get_type_hints(module.sync_detailed)
        reply = module.sync_detailed(
            client=self.client, **{name: argument(hints[name], value) for name, value in inputs.items()}
        )
        assert reply.status_code == 200, reply.content
        return reply.parsed

    def model(self, question: str, kind: str) -> type:
        return getattr(self.models, f"{class_name(question)}{kind}")


def argument(hint, value) -> Any:
    """`value` as the annotation `hint` has it: the member of an enumeration, where that alone is taken."""
    kinds = typing.get_args(hint) or (hint,)
    if isinstance(value, str) and str not in kinds:
        return next(kind(value) for kind in kinds if isinstance(kind, type) and issubclass(kind, enum.Enum))
    return value


@pytest.fixture(scope="module")
def asking(tmp_path_factory) -> Iterator[Asking]:
    folder = tmp_path_factory.mktemp("python")
    with serving() as (client, _):
        base = str(client.base_url).rstrip("/")
        (folder / "openapi-python-client.yaml").write_text(shown("yaml", base))
        command = next(line for _, code in blocks(PAGE, "sh") for line in code.splitlines() if "generate --url" in line)
        done = run("bash", "-c", command.replace(SHOWN, base), folder=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        sys.path.insert(0, str(folder))
        try:
            yield Asking(importlib.import_module(NAME), base, folder)
        finally:
            sys.path.remove(str(folder))
            for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
                del sys.modules[name]


def test_every_module_imports(asking) -> None:
    modules = [found.name for found in pkgutil.walk_packages(asking.package.__path__, f"{NAME}.")]
    assert len(modules) > 10 * len(QUESTIONS)
    for module in modules:
        importlib.import_module(module)


@pytest.mark.parametrize("name", QUESTIONS)
def test_one_law_answers_in_numbers(asking, name) -> None:
    """The headline is a float of the answer's own model: Python's own, to the bit."""
    question = QUESTIONS[name]
    answer, expected = asking.ask(name, **question.example), ask(name, **question.example)
    assert isinstance(answer, asking.model(name, "Answer"))
    first, same = (answer.rows[0], expected["rows"][0]) if question.curve else (answer, expected)
    assert getattr(first, question.headline) == same[question.headline]
    assert first.warnings == same["warnings"]
    assert first.additional_properties == {}


@pytest.mark.parametrize("name", [name for name, question in QUESTIONS.items() if not question.curve])
def test_columns_are_answered_in_columns(asking, name) -> None:
    body = asking.model(name, "Inputs").from_dict(in_columns(name))
    answer = asking.ask(f"{name}_columns", tag=name, body=body)
    assert isinstance(answer, asking.model(name, "Columns"))
    assert set(getattr(answer, QUESTIONS[name].headline)) == {
        ask(name, **QUESTIONS[name].example)[QUESTIONS[name].headline]
    }
    assert answer.additional_properties == {}


@pytest.mark.parametrize("name", QUESTIONS)
def test_several_laws_answer_in_rows(asking, name) -> None:
    """A row each, of the fields that are named; of one law, where several cannot be asked, the row alone."""
    headline = QUESTIONS[name].headline
    expected = by_all_laws(name)
    several = {"law": "all", "interval": "none"} if expected else {}
    answer = asking.ask(f"{name}_json", tag=name, **{**QUESTIONS[name].example, **several}, fields=f"{headline},law")
    if expected or QUESTIONS[name].curve:
        assert isinstance(answer, asking.model(name, "Rows"))
        assert all(isinstance(row, asking.model(name, "Row")) for row in answer.rows)
        assert [getattr(row, headline) for row in answer.rows] == list(expected)
    else:
        assert isinstance(answer, asking.model(name, "Row"))
        assert getattr(answer, headline) == ask(name, **QUESTIONS[name].example)[headline]


def test_lists_are_typed(asking) -> None:
    laws = asking.ask("v1_laws", tag="discovery")
    assert all(isinstance(law, asking.models.LawEntry) for law in laws)
    file = asking.ask("v1_laws_id", tag="discovery", id=laws[0].id)
    assert isinstance(file, asking.models.LawFile)
    questions = asking.ask("v1_questions", tag="discovery")
    assert [question.question for question in questions] == list(QUESTIONS)
    assert all(isinstance(field, asking.models.FieldEntry) for question in questions for field in question.answers)


def test_a_list_of_questions_gives_answers_and_problems(asking) -> None:
    items = [{"question": "optimal", **QUESTIONS["optimal"].example}, {"question": "optimal", "domain": "language"}]
    answer, problem = asking.ask("answers", tag="lists", body=items)
    assert answer["params"] == ask("optimal", **QUESTIONS["optimal"].example).params
    assert isinstance(problem, asking.models.Problem)
    assert problem.errors[0].field == "compute"


def test_the_page_for_users_is_run_as_it_stands(asking) -> None:
    done = run(sys.executable, "-c", shown("python", asking.base), folder=asking.folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(ask("loss", domain="language", params="70B", tokens="1.4T").loss))


def test_types_are_read_by_a_checker(asking) -> None:
    """The headline is a float with nothing said of its type, once the answer is one; a misspelt field is found."""
    (asking.folder / "user.py").write_text(f"{shown('python', asking.base)}\nnumber: float = answer.loss\nanswer.los\n")
    done = run("mypy", "--strict", "--follow-imports=silent", "user.py", folder=asking.folder)
    assert done.stdout.count("error:") == 1, done.stdout
    assert 'has no attribute "los"' in done.stdout

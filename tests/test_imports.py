"""Who may import whom: `trainer → fitted_laws ← service`, and what the mathematics must not know."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = {package: sorted((ROOT / package).rglob("*.py")) for package in ("fitted_laws", "service", "trainer")}
FORBIDDEN = {
    "fitted_laws": {
        "service",
        "trainer",
        "litestar",
        "granian",
        "redis",
        "prometheus_client",
        "torch",
        "socket",
        "http",
        "urllib",
        "time",
        "datetime",
        "random",
        "os",
    },
    "service": {"trainer", "torch"},
    "trainer": {"service", "litestar", "granian"},
}


def imported(file: Path) -> set[str]:
    """The top-level packages a file imports, wherever the import stands."""
    nodes = list(ast.walk(ast.parse(file.read_text())))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {name.split(".")[0] for name in plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}}


@pytest.mark.parametrize(("package", "file"), [pytest.param(p, f, id=str(f.relative_to(ROOT))) for p, files in FILES.items() for f in files])
def test_imports_stay_on_their_side(package: str, file: Path) -> None:
    """No package reaches sideways; the mathematics knows no clock, network, environment or chance."""
    assert imported(file) & FORBIDDEN[package] == set()


@pytest.mark.parametrize("file", [pytest.param(f, id=str(f.relative_to(ROOT))) for files in FILES.values() for f in files])
def test_imports_stand_at_the_top(file: Path) -> None:
    """No import hides inside a function to break a cycle."""
    functions = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    hidden = [n.lineno for f in functions for n in ast.walk(f) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert hidden == []


def test_nothing_imports_the_composition_root() -> None:
    """service/app.py imports everything; only the server names it."""
    for file in FILES["service"]:
        if file.name not in ("app.py", "__main__.py"):
            assert "service.app" not in file.read_text(), file


def test_the_environment_is_read_in_settings_alone() -> None:
    """`os.environ` and `os.getenv` stand in one file."""
    readers = [f.name for f in FILES["service"] if "environ" in f.read_text() and "os.environ" in f.read_text()]
    assert readers == ["settings.py"]


@pytest.mark.parametrize("file", [pytest.param(f, id=str(f.relative_to(ROOT))) for files in FILES.values() for f in files])
def test_files_fit_a_reader(file: Path) -> None:
    """At most 280 lines a file, 60 a function."""
    text = file.read_text()
    assert len(text.splitlines()) <= 280
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name

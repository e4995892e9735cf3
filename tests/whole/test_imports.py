"""Who may import whom: `trainer → fitted_laws ← service`, each package's rooms in their order, no circles; what the mathematics must not know."""

import ast
import re
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = {package: sorted((ROOT / package).rglob("*.py")) for package in ("fitted_laws", "service", "trainer")}
TREES = {file: ast.parse(file.read_text()) for files in FILES.values() for file in files}
FLOORS = {
    "fitted_laws": "quantities, forms / tables, forecast / laws / solving / answers / asking / questions / catalogue / documents, plots / __main__",
    "service": "settings, protocol / telemetry, workbook / compute, server / api, gate / pages / calculator / app / __main__",
    "trainer": "files / estimation, domains / tables / forecast / laws / report, sweep / studies / commands / library / __main__",
}
"""The rooms of each package, lowest first: one imports from those below it, and from none beside it."""
MOST_ROOMS = 13
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
    """What a file imports, by its full dotted name, wherever the import stands, be it for types alone."""
    found = set()
    for node in ast.walk(TREES[file]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = (
                ".".join(
                    file.relative_to(ROOT).parent.parts[: len(file.relative_to(ROOT).parent.parts) - node.level + 1]
                )
                if node.level
                else ""
            )
            base = ".".join(filter(None, (package, node.module)))
            found |= {f"{base}.{alias.name}" for alias in node.names} | {base}
    return found


def module_of(file: Path) -> str:
    """The dotted name of a file; a folder's own is that of its `__init__`."""
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(file): file for file in TREES}
IMPORTS = {file: imported(file) for file in TREES}
USES = {
    name: {used for used in IMPORTS[file] if used in MODULES and used != name and not name.startswith(f"{used}.")}
    for name, file in MODULES.items()
}
"""By module, the modules of ours that it imports. A folder's `__init__`, which runs before what lies in it, is not counted for that."""


@pytest.mark.parametrize("package", FILES)
def test_imports_stay_on_their_side(package: str) -> None:
    """No package reaches sideways; the mathematics knows no clock, network, environment or chance."""
    found = {module_of(file): {name.split(".")[0] for name in IMPORTS[file]} for file in FILES[package]}
    assert {name: used for name, tops in found.items() if (used := tops & FORBIDDEN[package])} == {}


def floors(package: str) -> dict[str, int]:
    """The floor of each room of a package."""
    return {room.strip(): floor for floor, rooms in enumerate(FLOORS[package].split("/")) for room in rooms.split(",")}


@pytest.mark.parametrize("package", FLOORS)
def test_every_room_has_its_floor(package: str) -> None:
    """FLOORS names exactly the rooms that there are."""
    assert set(floors(package)) == {name.split(".")[1] for name in MODULES if name.startswith(f"{package}.")}


@pytest.mark.parametrize("package", FLOORS)
def test_no_import_runs_up_or_sideways(package: str) -> None:
    """A room imports from the floors below it; within a room its files are ordered by having no circle."""
    floor = floors(package)
    up = []
    for name, used in USES.items():
        if name.startswith(f"{package}."):
            room = name.split(".")[1]
            others = {other for other in used if other.startswith(f"{package}.") and other.split(".")[1] != room}
            up += [f"{name} imports {other}" for other in sorted(others) if floor[other.split(".")[1]] >= floor[room]]
    assert up == []


def test_no_circle() -> None:
    """Not among files, and not among the rooms of any folder; none is hidden by `TYPE_CHECKING`."""
    tuple(TopologicalSorter(USES).static_order())
    circles = []
    for folder in {"", *(name.rpartition(".")[0] for name in MODULES)}:
        try:
            tuple(TopologicalSorter(between_rooms(folder)).static_order())
        except CycleError as error:
            circles.append((folder, error.args[1]))
    assert circles == []


def between_rooms(folder: str) -> dict[str, set[str]]:
    """Which rooms of `folder`, files or folders, import which; its own `__init__` is none of them."""
    inside = f"{folder}." if folder else ""
    graph: dict[str, set[str]] = {}
    for name, used in USES.items():
        if name.startswith(inside):
            room = name.removeprefix(inside).split(".")[0]
            graph.setdefault(room, set()).update(
                other.removeprefix(inside).split(".")[0] for other in used if other.startswith(inside)
            )
            graph[room].discard(room)
    return graph


def rooms(folder: Path) -> Iterator[str]:
    """The files and folders of a folder, but what every folder has, and what Python leaves where files were."""
    for entry in folder.iterdir():
        held = (
            [entry]
            if entry.is_file()
            else [path for path in entry.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        )
        if (
            held
            and entry.name not in ("__init__.py", "__init__.pyi", "__main__.py", "py.typed")
            and not entry.name.startswith(".")
        ):
            yield entry.stem


FOLDERS = sorted(
    {
        folder
        for files in FILES.values()
        for file in files
        for folder in file.parents
        if folder != ROOT and ROOT in folder.parents
    }
)


@pytest.mark.parametrize("folder", [pytest.param(folder, id=str(folder.relative_to(ROOT))) for folder in FOLDERS])
def test_a_folder_is_taken_in_at_a_glance(folder: Path) -> None:
    """At most 13 rooms; a sentence that says what they are; no name that a reader takes for one of Python's library."""
    names = list(rooms(folder))
    assert len(names) <= MOST_ROOMS
    assert ast.get_docstring(TREES[folder / "__init__.py"])
    assert set(names) & sys.stdlib_module_names == set()


def test_no_room_bears_the_name_of_what_its_package_exports() -> None:
    """`from trainer import fit` and `import fitted_laws.ask` cannot mean two things."""
    assert {"fit", "backtest"}.isdisjoint(rooms(ROOT / "trainer"))
    assert "ask" not in set(rooms(ROOT / "fitted_laws"))


def functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("package", FILES)
def test_imports_stand_at_the_top(package: str) -> None:
    """No import hides inside a function to break a cycle."""
    hidden = [
        (module_of(file), node.lineno)
        for file in FILES[package]
        for function in functions(TREES[file])
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
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


@pytest.mark.parametrize("package", FILES)
def test_files_fit_a_reader(package: str) -> None:
    """At most 280 lines a file, 60 a function."""
    for file in FILES[package]:
        assert len(file.read_text().splitlines()) <= 280, file
        for function in functions(TREES[file]):
            assert (function.end_lineno or 0) - function.lineno < 60, (file, function.name)


def test_matplotlib_is_loaded_in_one_file_alone() -> None:
    """No question waits for it; the mathematics draws nothing but answers."""
    users = [module_of(file) for file in FILES["fitted_laws"] if '"matplotlib' in file.read_text()]
    assert users == ["fitted_laws.plots.figures"]


def test_questions_import_nothing_from_one_another() -> None:
    """What two questions share stands below them, in `solving`."""
    files = {name for name in MODULES if re.fullmatch(r"fitted_laws\.questions\.\w+\.\w+", name)}
    assert files
    assert {name: used for name in files if (used := USES[name] & files)} == {}


@pytest.mark.parametrize("package", ["fitted_laws", "service", "trainer"])
def test_a_class_name_is_unique_in_its_package(package: str) -> None:
    """Who reads a name knows which class is meant, and no importer has to rename one."""
    files: dict[str, list[str]] = {}
    for file in FILES[package]:
        for node in ast.walk(TREES[file]):
            if isinstance(node, ast.ClassDef):
                files.setdefault(node.name, []).append(module_of(file))
    assert {name: places for name, places in files.items() if len(places) > 1} == {}


def test_tests_lie_in_rooms() -> None:
    """None lies beside the rooms, and no two files bear one name: pytest imports them by it, since their folders are no packages."""
    names = [file.name for file in (ROOT / "tests").rglob("*.py")]
    assert [file.name for file in (ROOT / "tests").glob("*.py")] == ["conftest.py"]
    assert len(names) == len(set(names))

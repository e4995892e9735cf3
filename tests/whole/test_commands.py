"""One command for what three packages do: their words, what is missing, what lies in their place, and a user's own files of their names."""

import ast
import base64
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import httpx
import pytest
from serving import environment, free_port, wait_for
from tiny import TINY, needs_torch
from waiting import PATIENCE

import fitted_laws
from fitted_laws.__main__ import COMMANDS, main
from fitted_laws.documents.listings import LISTINGS
from fitted_laws.questions.registry import QUESTIONS
from trainer import __main__ as trainer

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("fitted-laws")
EXTRAS = ("anyio", "granian", "litestar", "matplotlib", "numba", "orjson", "prometheus_client", "redis", "xlsxwriter")
WITHOUT = f"""
import sys
sys.modules.update(dict.fromkeys({EXTRAS}))  # how Python itself says that there is none
from MODULE import main
sys.exit(main(sys.argv[1:]))
"""


def ran(*command: str | Path, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=4 * PATIENCE, check=False)


def installed(folder: Path) -> dict[str, str]:
    """The environment in which `folder` holds the packages."""
    return {**os.environ, "PYTHONPATH": str(folder)}


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A user's folder, a package at that, with a `service.py` and a `trainer.py` that end whoever loads them."""
    for name in ("service.py", "trainer.py", "__init__.py"):
        (tmp_path / name).write_text("raise SystemExit('a file of the user')")
    return tmp_path


def test_every_word_of_service_and_trainer_is_registered() -> None:
    """In the project's metadata, and so where it is installed; none is the word of a question or a list."""
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    words = metadata["entry-points"][COMMANDS]
    assert {word for word, place in words.items() if place.startswith("trainer.")} == set(trainer.COMMANDS)
    assert {word for word, place in words.items() if place.startswith("service.")} == {"serve"}
    assert words == {entry.name: entry.value for entry in importlib.metadata.entry_points(group=COMMANDS)}
    assert set(words).isdisjoint([*QUESTIONS, *LISTINGS])


def test_the_command_knows_the_words_of_other_packages(theirs: Path) -> None:
    """From any folder, with their own options; the bare command lists them."""
    told = ran(COMMAND, "serve", "--check", folder=theirs)
    assert (told.returncode, told.stderr) == (0, "")
    assert " laws of " in told.stdout
    told = ran(COMMAND, "suggest", "--help", folder=theirs)
    assert told.stdout.startswith("usage: fitted-laws suggest ")
    assert "calibrate | fit | forecast" in ran(COMMAND, "--help").stdout


def test_a_word_alone_is_loaded() -> None:
    """Neither the service nor the trainer for a question; not the service for a fit."""
    script = "import sys; from fitted_laws.__main__ import main; main(sys.argv[1:]); print({n.split('.')[0] for n in sys.modules})"
    asked = ran(sys.executable, "-c", script, "domains").stdout
    assert "'service'" not in asked
    assert "'trainer'" not in asked
    told = ran(sys.executable, "-c", script, "freeze", "nowhere.json").stdout
    assert "'service'" not in told
    assert "'trainer'" in told


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"fitted-laws {fitted_laws.__version__}\n"
    assert fitted_laws.__version__ == importlib.metadata.version("fitted-laws")


def test_an_unknown_word_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serv"]) == 2
    assert "there is no question or command 'serv'; nearest: serve" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("module", "words", "extra"),
    [
        ("fitted_laws.__main__", ["serve"], "service"),
        ("fitted_laws.__main__", ["serve", "--check"], "service"),
        ("service.__main__", [], "service"),
        ("fitted_laws.__main__", ["report", "runs.csv", "-o", "page.html"], "trainer"),
        ("trainer.__main__", ["report", "runs.csv", "-o", "page.html"], "trainer"),
        ("trainer.__main__", ["reproduce"], "trainer"),
    ],
)
def test_a_missing_extra_is_one_line(module: str, words: list[str], extra: str) -> None:
    """After a plain install, by whichever door; exit 2."""
    told = ran(sys.executable, "-c", WITHOUT.replace("MODULE", module), *words)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.count("\n") == 1
    assert told.stderr.endswith(f'which is not installed: pip install "fitted-laws[{extra}]"\n')


def test_a_plain_install_fits_and_judges(tmp_path: Path) -> None:
    """What needs no extra works without."""
    rows = ["params,tokens,loss", *(f"{n}e6,{d}e8,{1.7 + 2 / n + 1 / d}" for n in (1, 3, 9) for d in (1, 4, 16))]
    (tmp_path / "runs.csv").write_text("\n".join(rows))
    told = ran(
        *(sys.executable, "-c", WITHOUT.replace("MODULE", "fitted_laws.__main__")),
        *("fit", "runs.csv", "-o", "law.json", "--bootstrap", "20", "--form", "additive"),
        folder=tmp_path,
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert (tmp_path / "law.json").exists()


def test_files_of_the_user_are_named_where_python_prefers_them(theirs: Path) -> None:
    """`python -m` looks into the current folder first: it is said what to say instead."""
    for word, package in (("serve", "service"), ("fit", "trainer")):
        told = ran(sys.executable, "-m", "fitted_laws", word, folder=theirs)
        assert told.returncode == 2
        assert told.stderr == (
            f"fitted-laws: expected the package {package} of fitted-laws, got {theirs / package}.py: "
            "say `fitted-laws`, or `python -P -m fitted_laws`\n"
        )


def test_another_distribution_in_our_place_is_named(tmp_path: Path) -> None:
    """PyPI has packages named `service` and `trainer`, whose files pip writes over ours: whose they are is said, exit 2, no traceback."""
    for package in ("fitted_laws", "service", "trainer"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "*.jsonl"))
    wheel(tmp_path, "fitted_laws", "fitted-laws", "trainer/__init__.py", "service/__init__.py")
    (tmp_path / "trainer" / "__init__.py").write_text("import no_torch_at_all\n")
    wheel(tmp_path, "coqui_trainer", "coqui-trainer", "trainer/__init__.py")
    command = [sys.executable, "-P", "-m", "fitted_laws"]
    for word, code in (("fit", 2), ("serve", 0)):
        told = subprocess.run(
            [*command, word, *(["--check"] if word == "serve" else [])],
            env=installed(tmp_path),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == code
        assert ("coqui-trainer" in told.stderr) == bool(code)
        assert told.stderr.count("\n") == bool(code)


def wheel(folder: Path, stem: str, name: str, *files: str) -> None:
    """What pip leaves of a wheel: its metadata, our words, and the record of its files with their digests."""
    info = folder / f"{stem}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n")
    if name == "fitted-laws":
        words = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"][COMMANDS]
        (info / "entry_points.txt").write_text(
            "\n".join([f"[{COMMANDS}]", *(f"{w} = {at}" for w, at in words.items())])
        )
    digests = (base64.urlsafe_b64encode(hashlib.sha256((folder / file).read_bytes()).digest()) for file in files)
    rows = (f"{file},sha256={digest.decode().rstrip('=')},\n" for file, digest in zip(files, digests, strict=True))
    (info / "RECORD").write_text("".join(rows))


def test_a_frontier_is_served_from_a_folder_with_files_of_our_names(theirs: Path) -> None:
    """The server's workers and its calculators are ours; it says where page and command are."""
    port = free_port()
    with (theirs / "said").open("w") as said:
        server = subprocess.Popen(
            [COMMAND, "serve", "--port", str(port)],
            cwd=theirs,
            env=environment(LOG_SAMPLE="0"),
            stdout=said,
            stderr=said,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE, trust_env=False) as client:
            wait_for(client, server)
            asked = "/v1/frontier?domain=language&compute_min=1e20&compute_max=1e22&points=64"
            assert len(client.get(asked).json()["rows"]) == 64
    finally:
        server.terminate()
        assert server.wait(PATIENCE) == 0
    lines = (theirs / "said").read_text().splitlines()
    assert lines[1:] == [f"  page     http://127.0.0.1:{port}/", f"  command  {COMMAND} --help"]


@needs_torch
def test_two_workers_train_in_a_folder_with_files_of_our_names(theirs: Path) -> None:
    """A sweep's workers, and the server that is asked at its end, are ours."""
    (theirs / "tiny.toml").write_text(TINY)
    told = ran(COMMAND, "sweep", "tiny.toml", "--workers", "2", "--ask", folder=theirs)
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines()[-1].startswith("entropy: true ")


def test_every_python_that_is_started_leaves_the_folder_out() -> None:
    """`-P` stands behind `sys.executable` in every command of ours, in scripts for Slurm too."""
    found = 0
    for package in ("fitted_laws", "service", "trainer"):
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if (
                    isinstance(node, ast.List | ast.Tuple)
                    and node.elts
                    and ast.unparse(node.elts[0]) == "sys.executable"
                ):
                    found += 1
                    assert ast.unparse(node.elts[1]) == "'-P'", f"{file.relative_to(ROOT)}, line {node.lineno}"
                elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "{python} " in node.value:
                    found += 1
                    assert "{python} -P -m" in node.value, f"{file.relative_to(ROOT)}, line {node.lineno}"
    assert found >= 6

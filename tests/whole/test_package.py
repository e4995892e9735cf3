"""The wheel as it is built: what its page says and links to, what installs beside it, whose words it registers."""

import re
import subprocess
import sys
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

import fitted_laws
from hatch_build import described

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return zipfile.ZipFile(next(folder.glob("*.whl")))


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return Parser().parsestr(wheel.read(name).decode())


def test_the_page_of_the_package_has_no_dead_link(metadata: Message) -> None:
    """What links into this project's files there names them; the rest of README is as it stands."""
    page = metadata.get_payload()
    assert isinstance(page, str)
    assert re.findall(r"\]\((?!https?://|#)[^)]*\)", page) == []
    assert "docs/intervals.md" in page
    assert page.startswith("# Fitted Laws")


def test_links_follow_an_address() -> None:
    readme = "![plot](docs/a.svg)\n\nSee [docs/a.md](docs/a.md), [it](b.md) and [the paper](https://arxiv.org/abs/1)."
    assert described(readme, "") == "See docs/a.md, it (b.md) and [the paper](https://arxiv.org/abs/1)."
    linked = described(readme, "https://forge.example/laws")
    assert (
        "[docs/a.md](https://forge.example/laws/blob/HEAD/docs/a.md), [it](https://forge.example/laws/blob/HEAD/b.md)"
        in linked
    )


def test_users_are_offered_what_users_need(metadata: Message) -> None:
    """The extras are of agents, plots, service, traces and trainer; the core stands on three packages, which older releases serve as well."""
    assert metadata.get_all("Provides-Extra") == ["mcp", "plot", "service", "traces", "trainer", "trainer-imports"]
    core = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert core == ["msgspec>=0.22", "numpy>=2.0", "scipy>=1.13"]
    assert metadata["Version"] == fitted_laws.__version__


def test_three_packages_and_their_data_are_in_it(wheel: zipfile.ZipFile) -> None:
    """With the mark that says to type checkers that they carry types, and the types of each question."""
    names = set(wheel.namelist())
    assert {
        "fitted_laws/coefficients/besiroglu-2024.json",
        "service/pages/static/planner.js",
        "trainer/sweeps/markov.toml",
        "fitted_laws/py.typed",
        "fitted_laws/__init__.pyi",
        "service/py.typed",
        "trainer/py.typed",
    } <= names
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"fitted_laws", "service", "trainer"}

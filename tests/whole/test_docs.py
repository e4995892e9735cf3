"""The documents are true: their tables are what the code says, their examples give what they show."""

import re
import shlex
from pathlib import Path

import pytest
from documents import blocks, run_python

from fitted_laws import ask, load
from fitted_laws.__main__ import main
from fitted_laws.asking import answering
from fitted_laws.asking.reading import read_inputs
from fitted_laws.catalogue import shipped
from fitted_laws.documents.listings import LISTINGS
from fitted_laws.plots.documents import PICTURES
from fitted_laws.questions.runs import compare

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (Path(__file__).parents[2] / "docs" / "contributing.md").read_text()
MAKEFILE = (Path(__file__).parents[2] / "Makefile").read_text()
COMMANDS = re.findall(r"^\$ (fitted-laws .+)\n(?:([^$`\n].*)\n)?", README, re.MULTILINE)


@pytest.mark.parametrize(("command", "shown"), COMMANDS)
def test_commands_give_what_is_shown(capsys: pytest.CaptureFixture[str], command: str, shown: str) -> None:
    """Each command line is run as written; a line below it is what it prints first."""
    assert main(shlex.split(command)[1:]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].startswith(shown) if shown else out


def test_there_are_commands_to_check() -> None:
    """The README shows some, and is read in a few minutes."""
    assert len(COMMANDS) >= 3
    assert len(README.split()) <= 650


@pytest.mark.parametrize(("name", "place"), [("frontier", "docs"), ("isoflop", "docs/tutorials")])
def test_a_picture_is_generated(name: str, place: str) -> None:
    """`make docs` gives the committed picture."""
    assert (Path(__file__).parents[2] / place / f"{name}.svg").read_bytes() == PICTURES[name]()


@pytest.mark.parametrize(("name", "listing"), [("questions", "reference"), ("glossary", "glossary")])
def test_a_reference_is_generated(name: str, listing: str) -> None:
    """`make docs` gives the committed page."""
    assert (Path(__file__).parents[2] / "docs" / f"{name}.md").read_text() == LISTINGS[listing](
        shipped(), "markdown"
    ) + "\n", "run: make docs"


def test_python_example_runs() -> None:
    """The Python block is run as written, and its comments are what it gives."""
    [(_, block)] = blocks(README, "python")
    run_python(block, {})


def test_the_law_shown_loads(tmp_path: Path) -> None:
    """The law file of its page answers, in its own domain, with what follows from its numbers."""
    (block,) = re.findall(r"```json\n(.+?)```", (ROOT / "docs" / "law-files.md").read_text(), re.DOTALL)
    (tmp_path / "mine.json").write_text(block)
    answer = ask("loss", load([tmp_path / "mine.json"], shipped=False), domain="language", params=1e8, tokens=1e10)
    assert answer.loss == pytest.approx(1.8 + 480 / 1e8**0.35 + 2100 / 1e10**0.37)
    assert answer.loss_low is None
    assert answer.citation == "our runs of May"


def test_the_question_shown_answers() -> None:
    """The class of the contributors' page, pasted into a file with the imports of its neighbours, is a question like any other."""
    (block,) = re.findall(r"```text\n(class .+?)```", CONTRIBUTING, re.DOTALL)
    names = dict(vars(compare))
    exec(block, names)  # noqa: S102 - our own README
    question = names["TokensPerParam"]
    answer = answering.answer(read_inputs(question, question.example), shipped())
    assert answer.tokens_per_param == pytest.approx(ask("optimal", domain="language", compute=1e21).tokens_per_param)
    assert answer.tokens_per_param_low < answer.tokens_per_param < answer.tokens_per_param_high


def test_the_cell_formula_asks_what_it_says() -> None:
    """The formula's address is the documented one, and short enough for a cell: at most 255 characters a literal."""
    (formula,) = re.findall(r"^=IFERROR.+$", README, re.MULTILINE)
    assert all(len(literal) <= 255 for literal in re.findall(r'"([^"]*)"', formula))
    assert "/v1/optimal.txt?domain=language&compute=" in formula
    assert ask("optimal", domain="language", compute="1E 021").params > 0


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`make ([a-z]+)", README))))
def test_targets_exist(target: str) -> None:
    """Every `make` target that the README names is there."""
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)


def test_the_tree_is_the_tree() -> None:
    """Every room of the packages is in the contributors' tree, once, in the order in which rooms may use one another; nothing else is."""
    root = Path(__file__).parents[2]
    (tree,) = re.findall(r"## The tree\n.+?```\n(.+?)```", CONTRIBUTING, re.DOTALL)
    assert len(tree.splitlines()) <= 40
    named: dict[str, list[str]] = {}
    package = ""
    for line in tree.splitlines():
        names = re.split(r",? ", re.split(r"  +", line.strip())[0])
        if line.startswith(" "):
            named[package] += [name.strip("/") for name in names]
        else:
            package = names[0].strip("/")
            named[package] = []
    for package in ("fitted_laws", "service", "trainer"):
        assert sorted(named[package]) == sorted(
            path.name
            for path in (root / package).iterdir()
            if not path.name.startswith("_")
            and path.name != "py.typed"
            and any(file.is_file() and "__pycache__" not in file.parts for file in (path, *path.rglob("[!_]*.*")))
        )


@pytest.mark.parametrize("file", sorted((ROOT / "docs").rglob("*.md")), ids=lambda file: file.name)
def test_links_among_documents_lead_to_files(file: Path) -> None:
    """Every relative link of a document; `make docs` also checks the places within them."""
    links = re.findall(r"\]\((?!\w+:|#|/)([^)#\s]+)", file.read_text())
    assert [link for link in links if not (file.parent / link).exists()] == []


def test_every_document_is_linked_from_the_front_page() -> None:
    """The site's contents follow its links."""
    front = (ROOT / "docs" / "index.md").read_text()
    pages = [
        p.relative_to(ROOT / "docs").as_posix() for p in (ROOT / "docs").rglob("*") if p.suffix in (".md", ".ipynb")
    ]
    inner = [page for page in pages if page not in ("index.md", "changelog.md")]
    assert [page for page in inner if f"]({page})" not in front] == []

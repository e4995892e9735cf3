"""docs/catalogue.md is what the law files give today."""

from pathlib import Path

from fitted_laws.catalogue import shipped
from fitted_laws.documents.listings import LISTINGS
from fitted_laws.documents.portraits import equations

DOCUMENT = Path(__file__).parents[2] / "docs" / "catalogue.md"


def test_the_committed_document_is_what_the_command_gives() -> None:
    """`make docs` after a change of law files is all it takes."""
    assert DOCUMENT.read_text() == LISTINGS["catalogue"](shipped(), "markdown") + "\n", "run: make docs"


def test_the_document_holds_every_law() -> None:
    """Each coefficient as printed, each equation, each remark."""
    text = DOCUMENT.read_text()
    for law in shipped():
        (part,) = [part for part in text.split("\n### ") if part.startswith(f"{law.id}, {law.domain.id}\n")]
        for relation in law.relations.values():
            assert relation.citation in part
            assert all(f"$${line}$$" in part for line in equations(relation))
            assert all(f"| {name} | {printed} |" in part for name, printed in relation.printed.items())
        assert all(remark in part for remark in (*law.first.caveats, *law.first.contradictions))


def test_tables_have_as_many_cells_as_columns() -> None:
    """No text of a law file breaks a table."""
    blocks = [block.splitlines() for block in DOCUMENT.read_text().split("\n\n") if block.startswith("| ")]
    assert blocks
    for block in blocks:
        assert len({line.count("|") for line in block}) == 1, block[0]

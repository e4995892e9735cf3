"""Texts as tables: encoding, delimiter, header; what no reader can tell is refused."""

import pytest

from fitted_laws.tables.delimited import table
from fitted_laws.tables.texts import NoTable, Text, decoded

ROWS = [["name", "params", "loss"], ["a", "1e8", "3.25"], ["b", "2e8", "3.0625"]]


def spelled(delimiter: str, *, decimal_comma: bool = False) -> str:
    return "\n".join(delimiter.join(c.replace(".", ",") if decimal_comma else c for c in row) for row in ROWS)


@pytest.mark.parametrize(
    ("text", "comma"),
    [
        (spelled(","), "groups"),
        (spelled(";"), "groups"),
        (spelled(";", decimal_comma=True), "decimal"),
        (spelled("\t"), "groups"),
        (spelled("\t", decimal_comma=True), "decimal"),
        (spelled(" "), "groups"),
        (
            f"| {spelled(' | ').replace(chr(10), ' |' + chr(10) + '| ')} |".replace("\n", "\n|---|---|---|\n", 1),
            "groups",
        ),
        ("sep=;\n" + spelled(";"), "groups"),
        ("My ladder\n\n" + spelled(","), "groups"),
        ("# made in May\n# " + spelled(","), "groups"),
        ("# " + spelled(" "), "groups"),
        ('"name","params","loss"\r\n"a","1e8","3.25"\r\n"b","2e8","3.0625"\r\n', "groups"),
    ],
)
def test_the_delimiter_is_told(text: str, comma: str) -> None:
    """What makes even rows stands between the cells; a comma within numbers means what the cells show."""
    grid = table(text)
    assert list(grid.columns) == ROWS[0]
    assert [cell.replace(",", ".") for cell in grid.columns["loss"]] == ["3.25", "3.0625"]
    assert grid.comma == comma


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        ("ä,loss\n".encode(), ""),
        ("\ufeffä,loss\n".encode(), ""),
        ("ä,loss\n".encode("utf-16"), "UTF-16"),
        ("ä,loss\n".encode("utf-16-be"), "UTF-16"),
        ("ä,loss\n".encode("latin-1"), "Latin-1"),
    ],
)
def test_the_encoding_is_told(raw: bytes, encoding: str) -> None:
    """By its mark, by its zeros, else UTF-8, else Latin-1, which is said."""
    assert decoded(raw) == Text("ä,loss\n", encoding)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "expected a header and rows, got none"),
        ("params,loss\n", "expected a header and rows, got none"),
        ("params,loss,loss\n1,2,3\n", "expected each column once, got 'loss' several times"),
    ],
)
def test_what_is_no_table(text: str, reason: str) -> None:
    with pytest.raises(NoTable, match=reason):
        table(text)


def test_a_row_with_more_cells_than_names_is_not_guessed() -> None:
    """A number with commas that stand bare falls into several cells: the line is named."""
    grid = table("params,loss\n1e8,3\n10,000,000,3.5\n2e8,2\n")
    assert (grid.lines, grid.unreadable) == ([2, 4], {3: "4 cells under 2 names"})


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(NoTable, match="expected a text"):
        decoded(b"\x89PNG\r\n\x1a\n\0\0")

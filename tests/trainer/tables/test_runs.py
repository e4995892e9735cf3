"""Tables of runs: forgiving of names, exact about what is left out, by line and reason."""

import json
from pathlib import Path

import numpy as np
import pytest

from trainer.tables.reading import UnreadableRuns
from trainer.tables.runs import Excluded, Runs, read_runs


def csv_runs(tmp_path: Path, text: str, split: str | None = None) -> Runs:
    path = tmp_path / "runs.csv"
    path.write_text(text, encoding="utf-8")
    return read_runs(path, split)


def test_columns_become_numbers(tmp_path: Path) -> None:
    """Plain numbers and suffixes alike; compute follows from size and tokens where it is not said."""
    runs = csv_runs(tmp_path, "params,tokens,compute,loss\n70B,1.4T,,1.97\n7e9,1e12,3 PF-days,2.1\n")
    assert runs.columns["params"].tolist() == [7e10, 7e9]
    assert runs.columns["tokens"].tolist() == [1.4e12, 1e12]
    assert runs.columns["compute"].tolist() == [6 * 7e10 * 1.4e12, 3 * 8.64e19]
    assert (runs.lines, runs.excluded, runs.aliases) == ([2, 3], [], {})


@pytest.mark.parametrize(
    ("header", "aliases"),
    [
        ("N,D,val_loss", {"N": "params", "D": "tokens", "val_loss": "loss"}),
        ("Params,Tokens,Loss", {"Params": "params", "Tokens": "tokens", "Loss": "loss"}),
        ("n_params,train tokens,eval-loss", {"n_params": "params", "train tokens": "tokens", "eval-loss": "loss"}),
        ("parameters,tokens,final_loss", {"parameters": "params", "final_loss": "loss"}),
    ],
)
def test_other_names_are_echoed(tmp_path: Path, header: str, aliases: dict[str, str]) -> None:
    """What a column was read as is said, so that a wrong guess is seen."""
    runs = csv_runs(tmp_path, f"{header}\n1e8,1e10,3\n")
    assert runs.aliases == aliases
    assert [runs.columns[name].tolist() for name in ("params", "tokens", "loss")] == [[1e8], [1e10], [3.0]]


def test_a_name_is_read_once(tmp_path: Path) -> None:
    """The very name wins over others, and of two others the first."""
    assert csv_runs(tmp_path, "params,N,loss\n1,2,3\n").columns["params"].tolist() == [1.0]
    runs = csv_runs(tmp_path, "params,val_loss,eval_loss\n1,2,3\n")
    assert (runs.columns["loss"].tolist(), runs.aliases) == ([2.0], {"val_loss": "loss"})


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1e8,1e10,nan", "the loss is NaN: the run diverged"),
        ("1e8,1e10,Infinity", "the loss is infinite: the run diverged"),
        ("1e8,1e10,-2", "loss: expected a finite number above 0, got -2"),
        ("0,1e10,2", "params: expected a finite number above 0, got 0"),
        ("1e8,many,2", "tokens: expected"),
        ("1e8,1e10,", "loss is missing"),
        ("1e8,,2.5", "tokens is missing, which most rows say"),
        ('1e8,"1,5e9",2', "tokens: expected a plain number"),
    ],
)
def test_a_bad_row_is_listed_with_its_line(tmp_path: Path, row: str, reason: str) -> None:
    """The others are used; the one is kept with its line and why."""
    runs = csv_runs(tmp_path, f"params,tokens,loss\n1e8,1e10,3\n{row}\n2e8,1e10,2.9\n4e8,1e10,2.8\n")
    assert runs.lines == [2, 4, 5]
    (left,) = runs.excluded
    assert left.line == 3
    assert left.reason.startswith(reason)


@pytest.mark.parametrize("column", ["quality", "status"])
def test_failed_runs_are_left_out(tmp_path: Path, column: str) -> None:
    """Rows that are not ok are counted, not fitted; an empty cell is ok."""
    runs = csv_runs(
        tmp_path, f"params,loss,{column}\n1e8,3,ok\n2e8,9,diverged\n3e8,2.9,\n4e8,2.8,Finished\n5e8,9,crashed\n"
    )
    assert runs.lines == [2, 4, 5]
    assert runs.excluded == [Excluded(3, f"{column} is diverged"), Excluded(6, f"{column} is crashed")]


def test_only_the_split_that_is_asked(tmp_path: Path) -> None:
    """Without a split every row is used; with one the others are listed."""
    text = "params,loss,split\n1e8,3,fit\n2e8,2.9,test\n3e8,2.8,fit\n"
    assert len(csv_runs(tmp_path, text)) == 3
    runs = csv_runs(tmp_path, text, "fit")
    assert (runs.lines, runs.excluded) == ([2, 4], [Excluded(3, "split is test, not fit")])


def test_duplicates_are_kept_and_said(tmp_path: Path) -> None:
    """The same row twice may be two seeds: both count, and a reader is told."""
    runs = csv_runs(tmp_path, "params,loss\n1e8,3\n2e8,2.9\n1e8,3.0\n1e8,3.1\n")
    assert len(runs) == 4
    assert runs.remarks == ["lines 2, 4 are the same run, and are all kept"]


def test_epochs_make_unique_tokens(tmp_path: Path) -> None:
    """With epochs, tokens are unique ones, unless both are said; an empty cell is one pass."""
    runs = csv_runs(tmp_path, "params,tokens,epochs,loss\n1e8,1e9,4,3\n1e8,2e9,,3.1\n")
    assert runs.columns["unique_tokens"].tolist() == [1e9, 2e9]
    assert runs.columns["tokens"].tolist() == [4e9, 2e9]
    assert runs.columns["compute"].tolist() == [6e8 * 4e9, 6e8 * 2e9]
    said = csv_runs(tmp_path, "params,unique_tokens,epochs,loss\n1e8,1e9,4,3\n")
    assert said.columns["tokens"].tolist() == [4e9]


def test_curves_stay_apart(tmp_path: Path) -> None:
    """One law a curve, in the order they come; what most rows of one curve say is no demand on another."""
    runs = csv_runs(tmp_path, "curve,params,tokens,loss\nb,1,2,3\na,1,,3\nb,2,3,2.5\nb,5,,2\na,4,,2\n").by_curve()
    assert {name: part.lines for name, part in runs.items()} == {"b": [2, 4], "a": [3, 6]}
    assert runs["b"].has("params", "tokens")
    assert not runs["a"].has("tokens")


def test_json_lines(tmp_path: Path) -> None:
    """Objects, one a line, blank lines between; NaN, as trackers write it, is a bad row."""
    path = tmp_path / "runs.jsonl"
    rows = [
        {"params": 1e8, "loss": 3},
        {"params": "200M", "loss": 2.9, "note": [1]},
        {"params": 3e8, "loss": float("nan")},
    ]
    path.write_text("\n\n".join(map(json.dumps, rows)) + "\n")
    runs = read_runs(path)
    assert runs.columns["params"].tolist() == [1e8, 2e8]
    assert (runs.lines, [row.line for row in runs.excluded]) == ([1, 3], [5])
    path.write_text('{"params": 1, "loss": 2}\n{"params": 1,\n{"params": 1, "loss": 2}\n')
    with pytest.raises(UnreadableRuns, match="line 2: expected a JSON object"):
        read_runs(path)
    path.write_text('{"params": 1e6, "loss": 2}\n{"params": 1e6,')
    assert (read_runs(path).lines, read_runs(path).remarks) == ([1], ["the last line, 2, is cut short and left out"])
    path.write_text("[1, 2]\n")
    with pytest.raises(UnreadableRuns, match=r"line 1: expected a JSON object, .* got \[1, 2\]"):
        read_runs(path)


def test_a_byte_order_mark_and_spaces_do_no_harm(tmp_path: Path) -> None:
    """Excel writes the one, people the other."""
    path = tmp_path / "runs.csv"
    path.write_bytes("\ufeffparams, loss\r\n1e8, 3\r\n".encode())
    runs = read_runs(path)
    assert {name: column.tolist() for name, column in runs.columns.items()} == {"params": [1e8], "loss": [3.0]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "a header and rows"),
        ("params,loss\n", "a header and rows"),
        ("params,tokens\n1,2\n", "a column loss, got columns params, tokens"),
        ("size,loss\n1,2\n", "a column params, tokens or compute, got columns size, loss"),
    ],
)
def test_a_table_that_cannot_be_used_says_what_it_lacks(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(UnreadableRuns, match=expected):
        csv_runs(tmp_path, text)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Not there, or not text."""
    with pytest.raises(UnreadableRuns, match=r"expected a table of runs .*, got No such file"):
        read_runs(tmp_path / "none.csv")
    (tmp_path / "bad.csv").write_bytes(b"params,loss\n\x00\xfe,1\n")
    with pytest.raises(UnreadableRuns, match="expected a text"):
        read_runs(tmp_path / "bad.csv")


def test_what_few_rows_say_is_not_there_for_a_fit(tmp_path: Path) -> None:
    """A column that a minority fills is no input."""
    runs = csv_runs(tmp_path, "params,tokens,loss\n1,2,3\n2,,3\n4,,2\n")
    assert len(runs) == 3
    assert not runs.has("tokens")
    assert np.isnan(runs.columns["tokens"]).sum() == 2

"""The command line as a user types it: answers, exit codes, tables of rows, own law files."""

import csv
import io
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from fitted_laws import ask
from fitted_laws.__main__ import main
from fitted_laws.answers.terminal import as_table
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.catalogue import load, published
from fitted_laws.quantities.display import measured
from fitted_laws.quantities.spelling import how_written
from fitted_laws.questions.registry import QUESTIONS


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, output and complaints of one command."""
    try:
        code = main(list(words))
    except SystemExit as left:  # argparse leaves by itself
        code = int(left.code or 0)
    out = capsys.readouterr()
    return code, out.out, out.err


def test_the_installed_command_answers() -> None:
    """`python -m fitted_laws`, as a process of its own."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "fitted_laws",
            "optimal",
            "--domain",
            "language",
            "--compute",
            "5.76e23",
            "--format",
            "txt",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) == ask("optimal", domain="language", compute=5.76e23).params


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_example_is_the_answer_python_gets(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """Options are the inputs' names with dashes; JSON where there is no terminal."""
    example = QUESTIONS[name].example
    options = [word for key, value in example.items() for word in (f"--{key.replace('_', '-')}", str(value))]
    code, out, _ = run(capsys, name, *options)
    assert code == 0
    assert json.loads(out) == json.loads(json.dumps(ask(name, **example).plain()))


@pytest.mark.parametrize(
    ("question", "inputs"),
    [
        ("optimal", {"domain": "language", "compute": 1e24}),
        ("loss", {"domain": "language", "law": "hoffmann-2022", "params": 1e9, "tokens": 2e10}),
        ("convert", {"domain": "language", "loss": 2, "unit": "nats/token", "to": "bits/token"}),
    ],
)
def test_a_terminal_says_the_law_then_the_number_then_the_warnings(question: str, inputs: dict[str, object]) -> None:
    """The headline stands with its interval and its reach; each warning comes once, and no number as computers write it."""
    answer = ask(question, **inputs)
    lines = as_table(answer).splitlines()
    record = answer.records()[0]
    if record["law"] is not None:
        assert lines.pop(0) == f"by {record['law']}: {record['citation']}"
    assert lines[0].startswith(f"▸ {answer.headline} ")
    assert all(line.startswith(("  ", "! ")) for line in lines[1:])
    assert record.get("reach") != "far" or lines[0].endswith("1 to 3 decades beyond the fit")
    assert record.get(f"{answer.headline}_low") is None or re.search(r" \(.+–.+\)", lines[0])
    said = [line.removeprefix("! ") for line in lines if line.startswith("! ")]
    assert said == list(dict.fromkeys(record["warnings"]))
    assert lines[len(lines) - len(said) :] == [f"! {text}" for text in said]
    assert not re.search(r"\de[+-]\d", "\n".join(lines[1 : len(lines) - len(said)]))
    assert "extrapolation" not in "\n".join(lines)


def test_a_terminal_shows_several_laws_in_rows() -> None:
    text = as_table(ask("loss", domain="language", law="hoffmann-2022,llama3-2024", params=1e9, tokens=2e10))
    header, first, second, *_ = (line.split() for line in text.splitlines())
    assert header[:5] == ["law", "▸", "loss,", "nats/token", "reach"]
    assert (first[0], first[2]) == ("hoffmann-2022", "inside")
    assert second[:3] == ["llama3-2024", "–", "–"]
    assert "llama3-2024 holds no" in " ".join(second)


def test_a_terminal_shows_a_curve_along_its_axis() -> None:
    """The budget first, then the headline; a unit once, in the header; a warning with the rows that it is said of."""
    answer = ask("frontier", domain="language", compute_min=1e20, compute_max=1e26, points=5)
    lines = as_table(answer).splitlines()
    assert lines[0].startswith("by besiroglu-2024: ")
    assert re.split(r"  +", lines[1])[:4] == ["compute, FLOP", "▸ params", "reach", "tokens"]
    assert re.split(r"  +", lines[2])[:3] == ["10²⁰", "853 M (801–913 M)", "inside"]
    assert len(lines[2 : lines.index(next(line for line in lines if line.startswith("! ")))]) == 5
    assert "! row 5: 4.0 decades beyond the fit, in compute, size and data" in lines
    assert "level" not in lines[1]


@pytest.mark.parametrize(
    ("value", "low", "high", "unit", "shown"),
    [
        (1.3862e11, 9.53e10, 2.013e11, "", "139 B (95–201 B)"),
        (1.9597, 1.9391, 1.9849, "nats/token", "1.960 nats/token (1.939–1.985)"),
        (4.4412e23, 3.2e23, 5.91e23, "FLOP", "4.4 × 10²³ FLOP (3.2–5.9 × 10²³)"),
        (6.6644e9, 8.5686e7, 4.0768e11, "", "6.66 B (85.7 M to 408 B)"),
        (-0.0038819, -0.028535, 0.015109, "nats/token", "−0.0039 nats/token (−0.0285 to 0.0151)"),
        (2.2262e10, 2.2208e10, 2.2317e10, "", "22.26 B (22.21–22.32 B)"),
        (1e24, None, None, "FLOP", "10²⁴ FLOP"),
        (7e10, None, None, "", "70 B"),
        (11205.4, 11150.2, 11260.1, "steps", "11,205 steps (11,150–11,260)"),
        (0.0, 0.0, 2.5, "", "0 (0 to 2.5)"),
        (2.0, 2.0, 2.0, "×", "2 ×"),
    ],
)
def test_numbers_have_their_unit_and_the_digits_that_their_interval_bears(
    value: float, low: float | None, high: float | None, unit: str, shown: str
) -> None:
    assert measured(value, low, high, unit) == shown


def test_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """0 answered, 2 not understood, 3 unanswerable; the reason goes to standard error."""
    assert run(capsys, "loss", "--domain", "language", "--params", "70B")[0] == 0
    for words in (
        ["loss", "--domain", "language", "--params", "70 potatoes"],
        ["loss", "--domain", "langauge", "--params", "70B"],
        ["lose"],
        [],
        ["loss", "--nonsense", "1"],
    ):
        code, out, err = run(capsys, *words)
        assert code == 2
        assert "Traceback" not in out + err
    code, out, err = run(capsys, "target", "--domain", "language", "--loss", "1.5")
    assert (code, out) == (3, "")
    assert "1.8172" in err


def test_rows_answer_in_order_and_keep_what_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One row out per row in; a bad one has `error`, exit 3; a command's option holds for all rows."""
    table = tmp_path / "runs.csv"
    table.write_text(
        "compute,law\n1e20,\n1E 021,kaplan-2020\n70 potatoes,\n5 ZFLOP,besiroglu-2024\n", encoding="utf-8-sig"
    )
    code, out, _ = run(capsys, "optimal", "--domain", "language", "--rows", str(table))
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 3
    assert [row["law"] for row in rows] == ["besiroglu-2024", "kaplan-2020", "", "besiroglu-2024"]
    assert [bool(row["error"]) for row in rows] == [False, False, True, False]
    assert float(rows[3]["params"]) == ask("optimal", domain="language", compute=5e21).params
    assert "potatoes" in rows[2]["error"]


@pytest.mark.parametrize(("file", "why"), [("absent.csv", "readable CSV"), ("bytes.csv", "expected a text")])
def test_rows_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, why: str) -> None:
    """One clear sentence, exit 2."""
    (tmp_path / "bytes.csv").write_bytes(b"compute\n\x00\xfe\n")
    code, _, err = run(capsys, "optimal", "--domain", "language", "--rows", str(tmp_path / file))
    assert code == 2
    assert why in err


def test_curves_refuse_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A curve has several rows of its own."""
    code, _, err = run(capsys, "frontier", "--domain", "language", "--rows", str(tmp_path / "any.csv"))
    assert code == 2
    assert "one row out per row in" in err


def test_an_own_law_file_needs_no_domain(capsys: pytest.CaptureFixture[str]) -> None:
    """`--law-file` answers from that file alone."""
    file = next(path for path in published() if path.stem == "besiroglu-2024")
    code, out, _ = run(
        capsys, "loss", "--law-file", str(file), "--params", "70B", "--tokens", "1.4T", "--format", "txt"
    )
    assert code == 0
    assert float(out) == ask("loss", domain="language", params=7e10, tokens=1.4e12).loss
    code, _, err = run(capsys, "loss", "--law-file", "no-such-law.json", "--params", "70B")
    assert code == 2
    assert "no-such-law.json" in err


@pytest.mark.parametrize("name", QUESTIONS)
def test_help_says_what_is_required_and_how_to_write_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each input with a dash; what is required stands in the usage; numbers with suffixes are explained; the example answers."""
    monkeypatch.setenv("COLUMNS", "1000")
    code, out, _ = run(capsys, name, "--help")
    entries = inputs_of(QUESTIONS[name])
    assert code == 0
    assert all(f"--{entry.replace('_', '-')}" in out for entry in entries)
    usage = out.splitlines()[0]
    assert set(re.findall(r"--([a-z-]+)", usage)) == {
        n.replace("_", "-") for n, entry in entries.items() if entry.required
    }
    assert all(how_written(entry.kind) in out for entry in entries.values() if entry.kind in ("count", "compute"))
    example = out.splitlines()[-1].removeprefix("for example: ")
    assert run(capsys, *shlex.split(example)[1:])[0] == 0


@pytest.mark.parametrize("listing", ["laws", "domains", "questions"])
def test_listings(capsys: pytest.CaptureFixture[str], listing: str) -> None:
    """Lists of what there is, as text and as Markdown."""
    assert "language" in run(capsys, "domains")[1]
    code, out, _ = run(capsys, listing, "--format", "markdown")
    assert code == 0
    assert out.startswith("| ")


@pytest.mark.parametrize(
    ("raw", "params"),
    [
        (b"compute;params\n1e21;7B\n1,5e21;1.400.000.000\n", [7e9, 1.4e9]),
        ("compute\tparams\n1e21\t7B\n1.5e21\t1,400,000,000\n".encode("utf-16"), [7e9, 1.4e9]),
        (b'\xef\xbb\xbfcompute,params\n1e21,7e9\n1.5e21,"1,400,000,000"\n', [7e9, 1.4e9]),
    ],
    ids=["german", "utf-16", "bom"],
)
def test_rows_of_any_table(tmp_path: Path, capsys: pytest.CaptureFixture[str], raw: bytes, params: list[float]) -> None:
    """Delimiter, encoding and spelling of numbers as in a table of runs; names are the inputs' own."""
    (tmp_path / "rows.csv").write_bytes(raw)
    assert main(["allocate", "--domain", "language", "--rows", str(tmp_path / "rows.csv")]) == 0
    answered = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [float(row["params"]) for row in answered] == params
    assert [float(row["compute"]) for row in answered] == [1e21, 1.5e21]


def test_a_column_of_rows_that_is_no_input_is_one_refusal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And a row with too many cells is that row's error alone."""
    path = tmp_path / "rows.csv"
    path.write_text("compute,parms\n1e21,1e9\n2e21,1e9\n")
    assert main(["optimal", "--domain", "language", "--rows", str(path)]) == 2
    assert capsys.readouterr().err.count("parms") == 1
    path.write_text("compute\n1e21\n1e21,7\n2e21\n")
    assert main(["optimal", "--domain", "language", "--rows", str(path)]) == 3
    answered = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [row["error"] for row in answered] == ["", "line 3: 2 cells under 1 names", ""]


def test_one_law_is_no_number_of_laws(capsys: pytest.CaptureFixture[str]) -> None:
    """Where a domain has a single law, and it cannot answer, it is named as that, once."""
    code, _, error = run(capsys, "optimal", "--domain", "captions", "--compute", "1e21", "--law", "all")
    assert code == 3
    assert error.startswith(
        "fitted-laws: the one law of captions does not answer; sweep-2026-captions holds no allocation"
    )
    (file,) = (path for path in published() if path.name.startswith("besiroglu-2024"))
    assert repr(load([file], shipped=False)).startswith("<1 law of 1 domain, catalogue ")

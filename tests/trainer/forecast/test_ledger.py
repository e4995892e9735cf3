"""The ledger: forecasts written before, scored after by proper scores, and a chain that shows what was changed."""

import csv
import hashlib
import io
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import synthetic
from scipy import integrate, stats

from trainer.__main__ import main
from trainer.forecast.ledger.predictive import Predictive, of_interval

RUN = ("--params", "3e10", "--tokens", "6e11")
DISTRIBUTIONS = [
    Predictive(family="normal", centre=0.7, scale=0.02),
    Predictive(family="student-t", centre=0.7, scale=0.02, freedom=4.0),
]


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A law file of a synthetic surface."""
    folder = tmp_path_factory.mktemp("law")
    runs = synthetic.write_csv(folder / "runs.csv", synthetic.surface())
    assert main(["fit", str(runs), "--form", "additive", "--bootstrap", "200", "-o", str(folder / "law.json")]) == 0
    return folder / "law.json"


def forecast(ledger: Path, *words: str) -> int:
    return main(["forecast", words[0], "--ledger", str(ledger), *words[1:]])


def entries(ledger: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ledger.read_text().splitlines()]


def record(ledger: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert forecast(ledger, "ledger", "--format", "json") == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


@pytest.mark.parametrize("declared", DISTRIBUTIONS, ids=lambda d: d.family)
@pytest.mark.parametrize("loss", [1.9, 2.01, 2.3])
def test_the_scores_are_their_integrals(declared: Predictive, loss: float) -> None:
    """CRPS is the integral of (F(x) - 1[x >= y])² over ln loss, the log score -ln of F's slope, both against SciPy's own functions."""
    came = np.log(loss)
    shape = (
        stats.t(4, declared.centre, declared.scale) if declared.freedom else stats.norm(declared.centre, declared.scale)
    )
    below = integrate.quad(lambda x: shape.cdf(x) ** 2, -np.inf, came, epsabs=1e-12)[0]
    above = integrate.quad(lambda x: shape.sf(x) ** 2, came, np.inf, epsabs=1e-12)[0]
    assert declared.crps(loss) == pytest.approx(below + above, rel=1e-6)
    assert declared.log_score(loss) == pytest.approx(-shape.logpdf(came))
    assert declared.share_below(loss) == pytest.approx(shape.cdf(came))


def test_a_distribution_is_that_of_its_interval() -> None:
    """An interval of any level sets the scale, and comes back."""
    for freedom in (0.0, 4.0):
        assert of_interval(1.9, 2.1, 0.8, freedom).interval(0.8) == pytest.approx((1.9, 2.1))


def test_a_forecast_is_dated_and_names_what_it_rests_on(law: Path, ledger: Path) -> None:
    """Law, digest of its file, inputs, loss, four intervals that hold one another, a distribution, the version."""
    began = datetime.now(UTC).replace(microsecond=0)
    assert forecast(ledger, "register", str(law), *RUN, "--note", "the May run") == 0
    (entry,) = entries(ledger)
    assert began <= datetime.fromisoformat(entry["date"]) <= datetime.now(UTC)
    assert entry["source"]["digest"] == hashlib.sha256(law.read_bytes()).hexdigest()
    assert (entry["id"], entry["note"], entry["inputs"]["params"], entry["inputs"]["tokens"]) == (
        "f1",
        "the May run",
        3e10,
        6e11,
    )
    assert entry["loss"] == pytest.approx(synthetic.surface_loss(3e10, 6e11), rel=0.01)
    lows, highs = ([each[end] for each in entry["intervals"]] for end in ("low", "high"))
    assert [each["level"] for each in entry["intervals"]] == [0.5, 0.8, 0.9, 0.95]
    assert lows == sorted(lows, reverse=True)
    assert highs == sorted(highs)
    assert lows[0] < entry["loss"] < highs[0]
    assert entry["code"].startswith("fitted-laws ")


def test_runs_forecast_as_backtests_do(tmp_path: Path, ledger: Path) -> None:
    """A table of runs is forecast by the family of laws, Student's t with its scale: its 90 % interval is that of `backtest`."""
    columns = synthetic.surface(30)
    order = np.argsort(columns["params"] * columns["tokens"])
    near = {name: np.asarray(column)[order[:-1]] for name, column in columns.items()}
    last = {name: float(np.asarray(column)[order[-1]]) for name, column in columns.items()}
    split = np.array(["fit"] * 29 + ["test"])
    whole = {name: np.append(near[name], last[name]) for name in near}
    synthetic.write_csv(tmp_path / "near.csv", near)
    synthetic.write_csv(tmp_path / "whole.csv", {**whole, "split": split})
    assert (
        forecast(
            ledger,
            "register",
            str(tmp_path / "near.csv"),
            "--params",
            repr(last["params"]),
            "--tokens",
            repr(last["tokens"]),
        )
        == 0
    )
    (entry,) = entries(ledger)
    (tested,) = backtested(tmp_path / "whole.csv")
    assert (entry["of"], entry["distribution"]["family"]) == ("run", "student-t")
    assert entry["loss"] == pytest.approx(tested["predicted"])
    assert [entry["intervals"][2][end] for end in ("low", "high")] == pytest.approx([tested["low"], tested["high"]])


def backtested(path: Path) -> list[dict[str, float]]:
    """The rows that `backtest --json` prints."""
    out = io.StringIO()
    with redirect_stdout(out):
        assert main(["backtest", str(path), "--json"]) == 0
    rows: list[dict[str, float]] = json.loads(out.getvalue())["curves"][0]["rows"]
    return rows


def test_a_score_is_added_and_nothing_rewritten(law: Path, ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The forecast's line stays byte for byte; the score's says which intervals held, by its own distribution."""
    forecast(ledger, "register", str(law), *RUN)
    before = ledger.read_text()
    assert forecast(ledger, "score", "--id", "f1", "--observed-loss", "2.1") == 0
    assert ledger.read_text().startswith(before)
    first, score = entries(ledger)
    assert score["covered"] == {str(each["level"]): each["low"] <= 2.1 <= each["high"] for each in first["intervals"]}
    declared = first["distribution"]
    assert score["off"] == pytest.approx((np.log(2.1) - declared["centre"]) / declared["scale"])
    assert forecast(ledger, "score", "--id", "f1", "--observed-loss", "2.0") == 2
    assert "--correct scores it anew" in capsys.readouterr().err
    assert forecast(ledger, "score", "--id", "f1", "--observed-loss", "2.0", "--correct") == 0
    assert len(entries(ledger)) == 3
    assert record(ledger, capsys)["rows"][0]["observed_loss"] == 2.0


def test_the_record_counts_what_held(law: Path, ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Totals by hand: two that hold, one far off, one open; the binomial interval is Clopper and Pearson's; misses are named."""
    for _ in range(4):
        forecast(ledger, "register", str(law), *RUN)
    loss = entries(ledger)[0]["loss"]
    for id_, factor in (("f1", 1.0), ("f2", 1.0), ("f3", 1.5)):
        forecast(ledger, "score", "--id", id_, "--observed-loss", repr(loss * factor))
    told = record(ledger, capsys)
    assert (told["forecasts"], told["scored"], told["broken"]) == (4, 3, [])
    wide = told["coverage"][2]
    assert (wide["level"], wide["held"], wide["share"]) == (0.9, 2, pytest.approx(2 / 3))
    assert (wide["low"], wide["high"]) == pytest.approx((stats.beta.ppf(0.025, 2, 2), stats.beta.ppf(0.975, 3, 1)))
    scores = [each for each in entries(ledger) if each["entry"] == "score"]
    assert (told["crps"], told["log_score"]) == pytest.approx(
        tuple(np.mean([each[name] for each in scores]) for name in ("crps", "log_score"))
    )
    (miss,) = told["misses"]
    assert miss.startswith("f3: ")
    forecast(ledger, "ledger", "--format", "table")
    table = capsys.readouterr().out
    assert "4 forecasts, 3 scored, 1 open" in table
    assert table.count("MISSED") == 1
    forecast(ledger, "ledger", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["observed_loss"] for row in rows] == [repr(loss), repr(loss), repr(loss * 1.5), ""]


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda lines: [lines[0].replace('"loss": ', '"loss": 1'), *lines[1:]], "line 1 (f1) was changed"),
        (lambda lines: [lines[0], *lines[2:]], "line 2 (f3) does not follow the line before it"),
        (lambda lines: [lines[1], lines[0], lines[2]], "line 1 (f2) does not follow"),
        (lambda lines: [*lines[:2], lines[2][:40]], "line 3 is no whole entry"),
        (lambda lines: [lines[0], "{}", *lines[1:]], "line 2 is no whole entry"),
    ],
    ids=["edited", "removed", "moved", "cut", "put in"],
)
def test_tampering_shows(law: Path, ledger: Path, capsys: pytest.CaptureFixture[str], harm: Any, told: str) -> None:
    """The record says where the chain breaks and exits 3; nothing more is added."""
    for _ in range(3):
        forecast(ledger, "register", str(law), *RUN)
    ledger.write_text("\n".join(harm(ledger.read_text().splitlines())) + "\n")
    harmed = ledger.read_text()
    capsys.readouterr()
    assert forecast(ledger, "ledger", "--format", "json") == 3
    out, err = capsys.readouterr()
    assert json.loads(out)["broken"][0].startswith(told)
    assert told in err
    assert forecast(ledger, "score", "--id", "f1", "--observed-loss", "2.1") == 3
    assert ledger.read_text() == harmed


def test_lines_cut_from_the_end_show_against_a_head_that_was_published(
    law: Path, ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A chain alone cannot show that its newest lines are gone; a hash kept elsewhere can."""
    for _ in range(2):
        forecast(ledger, "register", str(law), *RUN)
    head = record(ledger, capsys)["head"]
    assert forecast(ledger, "ledger", "--contains", head) == 0
    ledger.write_text(ledger.read_text().splitlines()[0] + "\n")
    assert record(ledger, capsys)["broken"] == []
    assert forecast(ledger, "ledger", "--contains", head) == 3


def test_forecasts_written_at_once_form_one_chain(law: Path, ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Writers wait for one another: no line is lost, and none is mixed with another."""
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: forecast(ledger, "register", str(law), *RUN), range(8)))
    assert codes == [0] * 8
    told = record(ledger, capsys)
    assert (sorted(row["id"] for row in told["rows"]), told["broken"]) == ([f"f{i}" for i in range(1, 9)], [])


def test_a_law_that_ships_can_be_put_to_the_test(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its id; without residuals its interval is the law's own, and that is said."""
    assert forecast(ledger, "register", "besiroglu-2024", "--compute", "1e22") == 0
    assert "the interval is the law's, not one new run's" in capsys.readouterr().out
    (entry,) = entries(ledger)
    assert (entry["of"], entry["distribution"]["family"], entry["source"]["domain"]) == ("mean", "normal", "language")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["register", "kaplan-2021", "--params", "1e9"], 2, "there is no law 'kaplan-2021'"),
        (["register", "none.json", "--params", "1e9"], 2, "none.json"),
        (["register", "besiroglu-2024", "--params", "big", "--tokens", "1e10"], 2, "params: expected"),
        (["register", "hoffmann-2022", "--params", "1e9", "--tokens", "1e10"], 3, "no interval there"),
        (["score", "--id", "f1", "--observed-loss", "2"], 2, "none yet"),
        (["score", "--id", "f1", "--observed-loss", "-1"], 2, "a loss above 0"),
        (["ledger"], 2, "got no such file"),
    ],
)
def test_what_cannot_be_done_is_said(
    ledger: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, told: str
) -> None:
    """2 not understood, 3 unanswerable; no ledger is begun by a forecast that fails."""
    assert forecast(ledger, *words) == code
    assert told in capsys.readouterr().err
    assert not ledger.exists() or ledger.read_text() == ""


def test_a_law_that_keeps_a_forecast_declares_its_distribution(tmp_path: Path, ledger: Path) -> None:
    """Of one new run, Student's t with the 90 % interval that it answers with; intervals at other levels are the set's own, and nest."""
    runs = synthetic.write_csv(tmp_path / "runs.csv", synthetic.surface(30))
    assert main(["fit", str(runs), "--bootstrap", "50", "-o", str(tmp_path / "law.json")]) == 0
    assert forecast(ledger, "register", str(tmp_path / "law.json"), *RUN) == 0
    (entry,) = entries(ledger)
    declared = Predictive(**entry["distribution"])
    assert (entry["of"], declared.family, declared.freedom) == ("run", "student-t", 4.0)
    wide = next(each for each in entry["intervals"] if each["level"] == 0.9)
    assert declared.interval(0.9) == pytest.approx((wide["low"], wide["high"]))
    ordered = sorted(entry["intervals"], key=lambda each: each["level"])
    assert [each["low"] for each in ordered] == sorted((each["low"] for each in ordered), reverse=True)
    assert ordered[0]["low"] < entry["loss"] < ordered[0]["high"]

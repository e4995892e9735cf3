"""`python -m trainer fit` and `freeze`, as users type them: a table of runs in, a law file out that answers wherever a law answers."""

import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import synthetic
from litestar.testing import TestClient

from fitted_laws import ask, load
from fitted_laws.__main__ import main as asked
from service.app import create_app
from service.settings import Settings
from trainer.__main__ import main
from trainer.laws.fitting import FORM_NAMES, FitOptions, fit_runs
from trainer.laws.freeze import freeze
from trainer.laws.refusal import Unfittable
from trainer.tables.runs import read_runs

FORMS = synthetic.every_form()


def table(tmp_path: Path, columns: dict[str, Any] | None = None) -> Path:
    return synthetic.write_csv(tmp_path / "runs.csv", columns or synthetic.surface())


def fitted(tmp_path: Path, runs: Path, *options: str) -> dict[str, Any]:
    """The law that the command writes."""
    assert main(["fit", str(runs), "-o", str(tmp_path / "law.json"), *options]) == 0
    law: dict[str, Any] = json.loads((tmp_path / "law.json").read_bytes())
    return law


def test_a_surface_is_recovered_within_its_interval(tmp_path: Path) -> None:
    """The truth of synthetic runs lies within the 99 % interval of each coefficient, and of a loss far beyond them."""
    law = fitted(tmp_path, table(tmp_path))
    assert (law["form"], law["role"], law["fit"]["rows"]) == ("additive", "surface", 60)
    laws = load([tmp_path / "law.json"], shipped=False)
    floor = next(iter(laws)).drawn("surface").form.E
    assert np.quantile(floor[1:], 0.005) <= synthetic.SURFACE["E"] <= np.quantile(floor[1:], 0.995)
    fitted(tmp_path, table(tmp_path), "--form", "additive")
    form = next(iter(load([tmp_path / "law.json"], shipped=False))).drawn("surface").form
    for name, truth in synthetic.SURFACE.items():
        low, high = np.quantile(getattr(form, name)[1:, 0], [0.005, 0.995])
        assert low <= truth <= high, name
    answer = ask("loss", laws, domain="runs", params=1e11, tokens=2e12, level=0.99)
    assert answer.loss_low <= synthetic.surface_loss(1e11, 2e12) <= answer.loss_high


def test_the_set_of_laws_needs_few_resamples(tmp_path: Path) -> None:
    """A tenth of them tells how coefficients move together, to .2: of those that an interval is made from it is the same."""
    few = fitted(tmp_path, table(tmp_path))["fit"]["correlations"]
    law = fitted(tmp_path, table(tmp_path), "--form", "additive")
    assert law["draws"]["shape"] == [4000, 5]
    assert np.abs(np.array(few) - law["fit"]["correlations"]).max() < 0.2
    asked = fitted(tmp_path, table(tmp_path), "--bootstrap", "400")["fit"]["correlations"]
    assert few == asked


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_fitted_and_answers(tmp_path: Path, form: str) -> None:
    """Each form that `--form` names fits runs of its kind and answers from its file, with an interval, near the runs' own values."""
    columns, question, inputs = FORMS[form]
    law = fitted(tmp_path, table(tmp_path, columns), "--form", form, "--bootstrap", "100")
    assert law["form"] == form
    assert law["fit"]["rms"] < (0.01 if form != "log-information" else 0.2)
    answer = ask(question, load([tmp_path / "law.json"], shipped=False), domain="runs", **inputs)
    low, central, high = (answer[f"{answer.headline}{end}"] for end in ("_low", "", "_high"))
    assert low < central < high
    assert high - low < 0.1 * central


def test_every_form_is_tried_here() -> None:
    """A new form arrives with a table that it fits."""
    assert {*FORMS, "auto"} == {*FORM_NAMES}


def test_auto_takes_what_the_columns_allow(tmp_path: Path) -> None:
    """Size and data: a surface; repeats: the law of repeats; one variable: a power law plus constant, unless a law that bends forecasts better."""
    bends = ("m4", "broken")
    allowed = {"additive": ("additive",), "repeated": ("repeated",), "power-constant": ("power-constant",), "m4": bends}
    for form, expected in allowed.items():
        assert (
            fit_runs(read_runs(table(tmp_path, FORMS[form][0])), FitOptions(resamples=0)).fit.form.name in expected
        ), form


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    """And another seed other draws of the same law; the file stays below 200 kB with its 4,000 draws and its runs."""
    runs = table(tmp_path, synthetic.surface(240))
    one = fitted(tmp_path, runs)
    raw = (tmp_path / "law.json").read_bytes()
    assert len(raw) < 200_000
    assert fitted(tmp_path, runs) == one
    assert (tmp_path / "law.json").read_bytes() == raw
    other = fitted(tmp_path, runs, "--seed", "1")
    assert other["coefficients"] == one["coefficients"]
    assert other["forecast"] != one["forecast"]


def test_answers_are_the_same_everywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From `--law-file`, from a service that was given the file, and from Python; `--rows` answers a table."""
    fitted(tmp_path, table(tmp_path), "--domain", "mine", "--id", "my-law")
    path = tmp_path / "law.json"
    capsys.readouterr()
    assert asked(["optimal", "--law-file", str(path), "--compute", "1e24"]) == 0
    typed = json.loads(capsys.readouterr().out)
    python = ask("optimal", load([path], shipped=False), domain="mine", compute=1e24).plain()
    assert typed == json.loads(json.dumps(python))
    with TestClient(create_app(load([path]), Settings())) as client:
        served = client.get("/v1/optimal", params={"domain": "mine", "compute": "1e24"}).json()
    assert {**served, "catalogue": None} == {**typed, "catalogue": None}
    assert (typed["law"], typed["interval_source"]) == ("my-law", "forecast")
    (tmp_path / "budgets.csv").write_text("compute\n1e24\n1e25\n")
    assert asked(["optimal", "--law-file", str(path), "--rows", str(tmp_path / "budgets.csv")]) == 0
    assert str(typed["params"]) in capsys.readouterr().out.splitlines()[1]


def test_curves_get_a_file_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One law a curve, in a folder; into a single file they do not go; one that cannot be fitted does not hold up the others."""
    columns = synthetic.surface(30)
    labels = np.array(["Base/cosine"] * 14 + ["WSD"] * 13 + ["few"] * 3)
    runs = synthetic.write_csv(tmp_path / "runs.csv", {**columns, "curve": labels})
    assert main(["fit", str(runs), "-o", str(tmp_path / "law.json")]) == 2
    assert "3 curves: expected -o with a folder" in capsys.readouterr().err
    assert main(["fit", str(runs), "-o", str(tmp_path / "laws"), "--bootstrap", "20"]) == 3
    assert "few: expected at least 5 usable rows, got 3" in capsys.readouterr().err
    assert sorted(path.name for path in (tmp_path / "laws").iterdir()) == ["runs-base-cosine.json", "runs-wsd.json"]
    assert {law.id for law in load([tmp_path / "laws"], shipped=False)} == {"runs-base-cosine", "runs-wsd"}


@pytest.mark.parametrize(
    ("columns", "options", "code", "told"),
    [
        ({"params": [1e8] * 4, "loss": [3, 2.9, 2.8, 2.7]}, [], 3, "at least 5 usable rows, got 4"),
        ({"params": [1e8] * 6, "loss": [3, 2.9, 2.8, 2.7, 2.6, 2.5]}, [], 3, "nothing varies"),
        (
            {"params": [1e8, 2e8, 3e8, 4e8, 5e8], "loss": [3, 2.9, 2.8, 2.7, 2.6]},
            ["--form", "additive"],
            3,
            "tokens is missing",
        ),
        ({"params": [1e8, 2e8], "size": [3, 2.9]}, [], 2, "expected a column loss"),
        ({"params": [1e8] * 6, "loss": [3, 2.9, 2.8, 2.7, 2.6, 2.5]}, ["--irreducible-loss", "low"], 2, "low"),
    ],
)
def test_exit_codes(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    columns: dict[str, Any],
    options: list[str],
    code: int,
    told: str,
) -> None:
    """2 not understood, 3 nothing can be determined; the reason goes to standard error, and no file is written."""
    assert main(["fit", str(table(tmp_path, columns)), "-o", str(tmp_path / "law.json"), *options]) == code
    assert told in capsys.readouterr().err
    assert not (tmp_path / "law.json").exists()


def test_what_was_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Columns under other names, rows left out and duplicates stand in the output; the law keeps what concerns it."""
    columns = synthetic.surface(20)
    runs = tmp_path / "runs.csv"
    lines = (
        synthetic.write_csv(runs, {"N": columns["params"], "tokens": columns["tokens"], "val_loss": columns["loss"]})
        .read_text()
        .splitlines()
    )
    runs.write_text("\n".join([*lines, lines[-1], "1e8,1e9,diverged"]) + "\n")
    law = fitted(tmp_path, runs, "--bootstrap", "20")
    out = capsys.readouterr().out
    assert "read N as params" in out
    assert "read val_loss as loss" in out
    assert "line 23 left out: loss: expected" in out
    assert law["fit"]["excluded"] == 1
    assert "lines 21, 22 are the same run, and are all kept" in law["fit"]["remarks"]
    assert "lines 21, 22 are the same run, and are all kept" not in law["notes"]


def test_what_runs_cannot_tell_is_said(tmp_path: Path) -> None:
    """With one number of tokens an additive surface is not determined, and the law's answers say so."""
    params = np.geomspace(1e7, 1e10, 12).round()
    columns = {
        "params": params,
        "tokens": np.full(12, 1e10),
        "loss": synthetic.noisy(synthetic.surface_loss(params, 1e10)),
    }
    law = fitted(tmp_path, table(tmp_path, columns), "--form", "additive", "--bootstrap", "50")
    assert any("tokens takes only 1 value" in note for note in law["notes"])
    answer = ask("loss", load([tmp_path / "law.json"], shipped=False), domain="runs", params=1e9, tokens=1e10)
    assert any("tokens takes only 1 value" in warning for warning in answer.warnings)
    few = {name: column[:6] for name, column in synthetic.surface().items()}
    assert any(
        "6 runs for 5 coefficients" in note
        for note in fitted(tmp_path, table(tmp_path, few), "--bootstrap", "50")["notes"]
    )


def test_runs_of_one_run_are_resampled_together(tmp_path: Path) -> None:
    """Checkpoints that share their run's deviation are no new evidence: the interval is wider than by rows."""
    random = np.random.default_rng(5)
    params = np.repeat(np.geomspace(1e7, 1e10, 12).round(), 10)
    tokens = params * np.tile(np.geomspace(5, 200, 10), 12)
    loss = synthetic.surface_loss(params, tokens) * np.exp(np.repeat(0.01 * random.standard_normal(12), 10))
    columns = {"params": params, "tokens": tokens, "loss": loss, "run": np.repeat(np.arange(12), 10)}
    widths = {}
    for by in ("auto", "rows"):
        options = ("--checkpoints", "--form", "additive", "--by", by, "--bootstrap", "400")
        law = fitted(tmp_path, table(tmp_path, columns), *options)
        form = next(iter(load([tmp_path / "law.json"], shipped=False))).drawn("surface").form
        widths[by] = float(np.ptp(np.quantile(form.alpha[1:], [0.05, 0.95])))
        assert any("rows of one run are resampled together: 12 runs" in note for note in law["notes"]) == (by == "auto")
    assert widths["auto"] > 1.5 * widths["rows"]


@pytest.mark.parametrize(
    ("asked_for", "low", "high"), [("1.7", 1.7, 1.7), ("1.74..1.9", 1.74, 1.9), ("1.60±0.0001", 1.59, 1.61)]
)
def test_the_irreducible_loss_is_held(tmp_path: Path, asked_for: str, low: float, high: float) -> None:
    """Pinned, bounded, or drawn to what is known of it."""
    law = fitted(tmp_path, table(tmp_path), "--irreducible-loss", asked_for, "--bootstrap", "20")
    assert low - 1e-9 <= law["coefficients"]["E"] <= high + 1e-9


def test_without_resamples_there_is_a_law_and_no_interval(tmp_path: Path) -> None:
    """The answer says why."""
    fitted(tmp_path, table(tmp_path), "--bootstrap", "0")
    answer = ask("loss", load([tmp_path / "law.json"], shipped=False), domain="runs", params=1e9, tokens=1e10)
    assert (answer.loss_low, answer.interval_source) == (None, None)
    assert any("without resamples" in warning for warning in answer.warnings)


def test_kaplans_data_is_unique(tmp_path: Path) -> None:
    """Where tokens were repeated, Kaplan's D is what they repeat."""
    columns = dict(FORMS["kaplan"][0])
    again = {
        "params": columns["params"],
        "unique_tokens": columns["unique_tokens"],
        "epochs": np.full(60, 3.0),
        "loss": columns["loss"],
    }
    (tmp_path / "other").mkdir()
    law = fitted(tmp_path, table(tmp_path, columns), "--form", "kaplan", "--bootstrap", "20")
    assert (
        fitted(tmp_path, table(tmp_path / "other", again), "--form", "kaplan", "--bootstrap", "20")["coefficients"]
        == law["coefficients"]
    )


def test_too_few_runs_are_refused_from_python(tmp_path: Path) -> None:
    """The function raises what the command prints."""
    with pytest.raises(Unfittable, match="at least 5"):
        fit_runs(read_runs(table(tmp_path, synthetic.surface(4))), FitOptions())


def test_freezing_copies_byte_for_byte(tmp_path: Path) -> None:
    """The law that ships is the file that was made."""
    fitted(tmp_path, table(tmp_path), "--id", "sweep-2026-mine", "--bootstrap", "20")
    (tmp_path / "shipped").mkdir()
    frozen = freeze(tmp_path / "law.json", tmp_path / "shipped")
    assert frozen == tmp_path / "shipped" / "sweep-2026-mine.json"
    assert frozen.read_bytes() == (tmp_path / "law.json").read_bytes()
    assert [path.name for path in (tmp_path / "shipped").iterdir()] == ["sweep-2026-mine.json"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"coefficients": {"E": 1.7}}, "coefficients"),
        ({"form": "cubic"}, "form"),
        ({"colour": "red"}, "only keys that law files have, got colour"),
        (
            {
                "examples": [
                    {
                        "question": "loss",
                        "inputs": {"params": 1e9},
                        "expected": {"loss": 9.0},
                        "enforce": True,
                        "source": "me",
                    }
                ]
            },
            "9.0 within 0.005",
        ),
    ],
)
def test_freezing_refuses_a_malformed_law(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, Any], told: str
) -> None:
    """What would stop a service's start does not get among the laws that ship."""
    law = fitted(tmp_path, table(tmp_path), "--bootstrap", "20")
    (tmp_path / "law.json").write_text(json.dumps({**law, **change}))
    assert main(["freeze", str(tmp_path / "law.json")]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("form", ["additive", "power-constant", "m4"])
def test_a_fit_ends_with_what_to_do_next(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    """Commands that can be pasted: each of those that end by themselves does what it says."""
    runs = table(tmp_path, FORMS[form][0])
    capsys.readouterr()
    assert main(["fit", str(runs), "-o", str(tmp_path / "a law.json"), "--bootstrap", "20"]) == 0
    lines = capsys.readouterr().out.split("next:\n")[1].splitlines()
    words = {shlex.split(line)[1]: shlex.split(line)[1:] for line in lines}
    assert {*words} >= {"report", "backtest", "serve"}
    assert words.keys() & {"optimal", "loss"}
    for name in words.keys() - {"serve"}:
        assert (main if name in ("report", "suggest", "backtest") else asked)(words[name]) == 0, words[name]
    assert (tmp_path / "a law.html").exists()

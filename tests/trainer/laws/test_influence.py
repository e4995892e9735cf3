"""What a fit rests on: the run that moves it, the asymptote it assumes, the runs that would help."""

import json

import numpy as np
import pytest
import synthetic

from fitted_laws.catalogue import ask, load
from trainer.__main__ import main
from trainer.laws.influence import additive, by_parabolas, dial, influence, optimal_params, suggest
from trainer.laws.refusal import Unfittable
from trainer.tables.runs import Runs, read_runs

COMPUTE = 1e22


@pytest.fixture
def runs(tmp_path) -> Runs:
    return read_runs(synthetic.write_csv(tmp_path / "runs.csv", synthetic.surface(40, noise=0.002)))


def test_one_wrong_run_is_the_one_that_moves_the_optimum(runs) -> None:
    """A large run made 2 % worse moves N_opt more than any other, and towards where it was without it."""
    worst = int(np.argmax(runs.columns["params"]))
    clean = additive(runs)
    runs.columns["loss"][worst] *= 1.02
    wrong = additive(runs)
    moves = influence(wrong, COMPUTE)
    assert int(np.argmax(np.abs(moves))) == worst
    before, after = (float(np.log(optimal_params(f.coefficients, COMPUTE))) for f in (clean, wrong))
    assert abs(after + moves[worst] - before) < abs(after - before) + 1e-9


def test_the_dial_turns_through_the_fit(runs) -> None:
    """A pinned asymptote of the truth gives the true optimum; others bracket it."""
    lowest = float(runs.columns["loss"].min())
    truth = np.array([synthetic.SURFACE[name] for name in ("E", "A", "B", "alpha", "beta")])
    turned = dial(runs, COMPUTE, [0.5, synthetic.SURFACE["E"] / lowest, 0.95])
    low, right, high = (turn.params for turn in turned)
    assert turned[1].rms < min(turned[0].rms, turned[2].rms)
    assert right == pytest.approx(float(optimal_params(truth, COMPUTE)), rel=0.1)
    assert (low - right) * (high - right) < 0


def test_suggestions_narrow_the_answer(runs) -> None:
    """Each suggested run lowers the deviation, is priced, and is suggested once."""
    found = suggest(runs, COMPUTE)
    deviations = [run.deviation for run in found]
    assert deviations == sorted(deviations, reverse=True)
    assert len({(run.params, run.tokens) for run in found}) == len(found)
    assert all(run.compute == pytest.approx(6 * run.params * run.tokens) for run in found)


def isoflop(centre: float) -> dict[str, np.ndarray]:
    """Seven sizes within a factor 10 of `centre` times the optimum, at each of five budgets, without noise."""
    truth = np.array([synthetic.SURFACE[name] for name in ("E", "A", "B", "alpha", "beta")])
    compute = np.repeat(np.geomspace(1e19, 1e21, 5), 7)
    params = centre * optimal_params(truth, compute) * np.tile(np.geomspace(0.1, 10, 7), 5)
    tokens = compute / 6 / params
    return {"params": params, "tokens": tokens, "loss": synthetic.surface_loss(params, tokens)}


def test_parabolas_are_as_far_off_as_is_said(tmp_path) -> None:
    """Sizes three times too large: parabolas miss the optimum by what the fitted surface says of them, the surface does not."""
    found = read_runs(synthetic.write_csv(tmp_path / "isoflop.csv", isoflop(3.0)))
    fitted, compute = additive(found), 1e20
    other = by_parabolas(found, fitted, compute)
    assert other is not None
    assert other.budgets == 5
    truth = np.array([synthetic.SURFACE[name] for name in ("E", "A", "B", "alpha", "beta")])
    missed = float(np.log(other.params / optimal_params(truth, compute)))
    low, high = other.bias
    assert low - 1e-3 <= missed <= high + 1e-3
    assert missed > 10 * abs(
        float(np.log(optimal_params(fitted.coefficients, compute) / optimal_params(truth, compute)))
    )
    assert other.exponent == pytest.approx(0.36 / 0.70, abs=0.02)


def test_suggest_tells_of_parabolas_where_runs_share_budgets(tmp_path, capsys, runs) -> None:
    """With five budgets their optimum is printed beside the surface's; runs that are spread share none."""
    path = synthetic.write_csv(tmp_path / "isoflop.csv", isoflop(1.0))
    assert main(["suggest", str(path), "--compute", "1e20"]) == 0
    assert "  parabolas at 5 budgets put it at 1." in capsys.readouterr().out
    assert by_parabolas(runs, additive(runs), COMPUTE) is None


def test_suggest_on_the_command_line(tmp_path, capsys) -> None:
    """The optimum, the run that moves it, the dial and the suggestions are printed; too few runs exit 3."""
    path = synthetic.write_csv(tmp_path / "runs.csv", synthetic.surface(30))
    assert main(["suggest", str(path), "--question", "optimal", "--compute", "1e22"]) == 0
    shown = capsys.readouterr().out
    assert "moves it most" in shown
    assert "pinned at" in shown
    assert (
        main(["suggest", str(synthetic.write_csv(tmp_path / "few.csv", synthetic.surface(3))), "--compute", "1e22"])
        == 3
    )
    with pytest.raises(Unfittable, match="at least 5"):
        additive(read_runs(tmp_path / "few.csv"))


def grid(sizes=6, ratios=5) -> tuple[np.ndarray, np.ndarray]:
    """Params and tokens of a full grid, 1e7 to 1e9."""
    params, ratio = (
        column.ravel() for column in np.meshgrid(np.geomspace(1e7, 1e9, sizes), np.geomspace(5, 200, ratios))
    )
    return params, params * ratio


def noted(folder, params, tokens, loss, **columns) -> str:
    """What `fit` says of a table."""
    path = synthetic.write_csv(folder / "runs.csv", {"params": params, "tokens": tokens, "loss": loss, **columns})
    assert main(["fit", str(path), "--bootstrap", "20", "-o", str(folder / "law.json")]) == 0
    law = json.loads((folder / "law.json").read_text())
    return "\n".join([*law["notes"], *law["fit"]["remarks"]])


def clean(noise=0.002, **shape) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    params, tokens = grid(**shape)
    return params, tokens, synthetic.noisy(synthetic.surface_loss(params, tokens), noise)


DEFECTS = ("times the scatter", "trend of the others", "err alike", "leave the trend", "grow together")


@pytest.mark.parametrize("noise", [0.001, 0.005])
def test_clean_runs_are_not_suspected(tmp_path, noise) -> None:
    """Where the law is true and noise is noise nothing is pointed at."""
    notes = noted(tmp_path, *clean(noise))
    assert not [text for text in DEFECTS if text in notes]


def test_a_bad_rate_is_pointed_at(tmp_path) -> None:
    """One run 4 % too high, by its line in the table."""
    params, tokens, loss = clean()
    loss[17] *= 1.04
    assert f"line {17 + 2} lies 3." in noted(tmp_path, params, tokens, loss)


def test_a_wrong_count_of_one_size_is_pointed_at(tmp_path) -> None:
    """All runs of one size, whose params were counted at 60 %, lie off the trend of the other sizes."""
    params, tokens, loss = clean(sizes=9)
    wrong = np.isclose(params, np.unique(params)[4])
    params[wrong] *= 0.6
    notes = noted(tmp_path, params, tokens, loss)
    assert f"runs at {params[wrong][0]:.3g} params lie" in notes


def test_a_form_that_errs_is_told_from_noise(tmp_path) -> None:
    """Neighbours err alike where the law is another one."""
    params, tokens = grid(8, 8)
    loss = synthetic.noisy(
        1.1 + ((2e8 / params) ** 0.6 + (3e9 / tokens) ** 0.9) ** 0.35 * (1 + 0.03 * np.log(tokens / params / 30) ** 2),
        0.0005,
    )
    assert "neighbouring runs err alike" in noted(tmp_path, params, tokens, loss)


def test_a_broken_trend_is_told_before_the_miss(tmp_path) -> None:
    """The largest runs 6 % above what the smaller ones forecast."""
    params, tokens, loss = clean(sizes=8)
    order = np.argsort(params * tokens)
    loss[order[-6:]] *= 1.06
    assert "the largest runs leave the trend of the smaller ones" in noted(tmp_path, params, tokens, loss)


def test_data_that_grow_with_size_give_a_wide_answer_and_the_reason(tmp_path) -> None:
    """On one line of twenty tokens a parameter nothing is known off it: the interval there is several times wider."""
    params = np.geomspace(1e7, 1e9, 12)
    notes = noted(tmp_path, params, 20 * params, synthetic.noisy(synthetic.surface_loss(params, 20 * params), 0.002))
    assert "size and data grow together along one line" in notes
    laws = load([tmp_path / "law.json"], shipped=False)
    on, off = (
        ask("loss", laws, domain="runs", interval="run", params=size, tokens=2e10 * 1e9 / size) for size in (1e9, 5e7)
    )
    assert np.log(off.loss_high / off.loss_low) > 3 * np.log(on.loss_high / on.loss_low)


def test_one_data_size_is_told(tmp_path) -> None:
    """Loss by size at one number of tokens: a law of size, and the sentence that data's part is not seen."""
    params = np.geomspace(1e7, 1e9, 12)
    notes = noted(tmp_path, params, np.full(12, 1e10), synthetic.noisy(synthetic.surface_loss(params, 1e10), 0.002))
    assert "every run has the same tokens" in notes


def test_what_moves_the_optimum_is_told(tmp_path) -> None:
    """One of few noisy runs moves the optimum, and asymptotes that fit as well leave it open; with many clean runs neither."""
    params, tokens, loss = clean(sizes=4, ratios=2, noise=0.01)
    assert "alone moves the optimal size" in noted(tmp_path, params, tokens, loss)
    narrow = np.geomspace(3e8, 6e8, 12)
    tokens = narrow * np.tile([10.0, 20.0, 40.0], 4)
    assert "irreducible losses pinned from" in noted(
        tmp_path, narrow, tokens, synthetic.noisy(synthetic.surface_loss(narrow, tokens), 0.003)
    )
    notes = noted(tmp_path, *clean(0.001, sizes=12, ratios=8))
    assert "alone moves" not in notes
    assert "irreducible losses pinned" not in notes


def test_the_report_shows_what_the_optimum_rests_on(tmp_path) -> None:
    """Influence, dial and priced runs stand on the page, with the numbers that `suggest` prints, and the loss of one new run."""
    path = synthetic.write_csv(tmp_path / "runs.csv", synthetic.surface(40, noise=0.002))
    assert main(["report", str(path), "--bootstrap", "50", "-o", str(tmp_path / "page.html")]) == 0
    shown = (tmp_path / "page.html").read_text()
    runs = read_runs(path)
    compute = 10 * float(runs.columns["compute"].max())
    moves = influence(additive(runs), compute)
    assert "What it rests on" in shown
    assert f"{np.expm1(moves[np.argmax(np.abs(moves))]):+.1%}" in shown
    assert f"±{suggest(runs, compute)[0].deviation:.0%}" in shown
    assert "loss of one run" in shown

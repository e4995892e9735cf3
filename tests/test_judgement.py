"""What a fit rests on: the run that moves it, the asymptote it assumes, the runs that would help."""

import numpy as np
import pytest
import synthetic

from trainer.__main__ import main
from trainer.fitting import Unfittable
from trainer.judgement import additive, dial, influence, optimal_params, suggest
from trainer.runs import Runs, read_runs

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
    low, right, high = turned.values()
    assert right == pytest.approx(float(optimal_params(truth, COMPUTE)), rel=0.1)
    assert (low - right) * (high - right) < 0


def test_suggestions_narrow_the_answer(runs) -> None:
    """Each suggested run lowers the deviation, is priced, and is suggested once."""
    found = suggest(runs, COMPUTE)
    deviations = [run.deviation for run in found]
    assert deviations == sorted(deviations, reverse=True)
    assert len({(run.params, run.tokens) for run in found}) == len(found)
    assert all(run.compute == pytest.approx(6 * run.params * run.tokens) for run in found)


def test_suggest_on_the_command_line(tmp_path, capsys) -> None:
    """The optimum, the run that moves it, the dial and the suggestions are printed; too few runs exit 3."""
    path = synthetic.write_csv(tmp_path / "runs.csv", synthetic.surface(30))
    assert main(["suggest", str(path), "--question", "optimal", "--compute", "1e22"]) == 0
    shown = capsys.readouterr().out
    assert "moves it most" in shown
    assert "pinned at" in shown
    assert main(["suggest", str(synthetic.write_csv(tmp_path / "few.csv", synthetic.surface(3))), "--compute", "1e22"]) == 3
    with pytest.raises(Unfittable, match="at least 5"):
        additive(read_runs(tmp_path / "few.csv"))

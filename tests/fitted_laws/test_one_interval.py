"""One interval for one loss: whichever question gives the loss of a size and data, or of a budget, its mean and both ends are the same."""

from typing import Any

import matplotlib.figure
import numpy as np
import pytest
import synthetic

from fitted_laws.catalogue import ask, load
from fitted_laws.quantities.problems import NotUnderstood, Unanswerable
from trainer.__main__ import main as trainer
from trainer.report import figures
from trainer.report.beyond import SHOWN, frontier_tables
from trainer.report.numerals import power_of_ten, quantity
from trainer.report.subject import of_file

SHIPPED = load()
FEW = load(draws=400, check=False)
LAWS = [(law.domain.id, law.id) for law in SHIPPED]
BUDGETS = (1e18, 1e21, 1e24)
OWN = ("misfit", "exact")
FLEET = {"accelerator": "H100", "count": 8, "mfu": 0.4}
MFU_SECONDS = 86400 * 8 * 0.4 * 989.4e12
"""FLOP that a day of that fleet buys."""


def powered_loss(params, tokens) -> Any:
    """No additive law: an outer exponent on the sum of both terms."""
    return 1.1 + ((2e9 / params) ** 0.6 + (3e10 / tokens) ** 0.7) ** 0.4


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Any:
    """The files of two laws of a user's: of runs that no additive law is true of, where the forecast answers, and of an additive law."""
    folder = tmp_path_factory.mktemp("own")
    params, tokens = synthetic.places(60)
    tables = {
        "misfit": {"params": params, "tokens": tokens, "loss": synthetic.noisy(powered_loss(params, tokens), 0.002)},
        "exact": synthetic.surface(60, noise=0.002),
    }
    for name, table in tables.items():
        runs = synthetic.write_csv(folder / f"{name}.csv", table)
        named = ["--domain", name, "--id", name, "--bootstrap", "60"]
        assert trainer(["fit", str(runs), *named, "-o", str(folder / f"{name}.json")]) == 0
    return {name: folder / f"{name}.json" for name in tables}


def losses(laws, ways, **base) -> dict[str, Any]:
    """(loss, low, high) of each way that this law answers, by the way's name."""
    found = {}
    for name, (question, field, inputs) in ways.items():
        try:
            answer = ask(question, laws, **base, **inputs)
        except (Unanswerable, NotUnderstood):
            continue
        row = answer.records()[0]
        if row.get(field) is not None:
            found[name] = (row[field], row.get(f"{field}_low"), row.get(f"{field}_high"))
    return found


def ways_at(params, tokens) -> dict[str, Any]:
    """Every question that gives the loss of that size and data."""
    run, spent = {"params": params, "tokens": tokens}, 6 * params * tokens
    return {
        "loss": ("loss", "loss", run),
        "loss by compute": ("loss", "loss", {"params": params, "compute": spent}),
        "allocate": ("allocate", "loss", run),
        "allocate by compute": ("allocate", "loss", {"params": params, "compute": spent}),
        "diagnose": ("diagnose", "expected_loss", {**run, "observed_loss": 2.0}),
    }


def ways_of(compute) -> dict[str, Any]:
    """Every question that gives the loss of a budget at its optimum."""
    return {
        "optimal": ("optimal", "loss", {"compute": compute}),
        "loss": ("loss", "loss", {"compute": compute}),
        "frontier": ("frontier", "loss", {"compute_min": compute, "compute_max": 10 * compute, "points": 2}),
        "allocate": ("allocate", "optimal_loss", {"params": 1e9, "compute": compute}),
        "plan": ("plan", "loss", {"deadline_days": compute / MFU_SECONDS, **FLEET}),
    }


def require_one(found) -> None:
    """That all are the same to 1e-9, those that are null too."""
    first = next(iter(found.values()))
    for name, ends in found.items():
        assert [end is None for end in ends] == [end is None for end in first], name
        assert [x for x in ends if x is not None] == pytest.approx([x for x in first if x is not None], rel=1e-9), name
        known = [x for x in (ends[1], ends[0], ends[2]) if x is not None]
        assert known == sorted(known), name


@pytest.mark.parametrize(("domain", "law"), LAWS)
def test_every_question_gives_one_interval(domain, law) -> None:
    """By every law of the catalogue, three runs and three budgets each."""
    base = {"domain": domain, "law": law}
    for compute in BUDGETS:
        of_budget = losses(FEW, ways_of(compute), **base)
        at_run = losses(FEW, ways_at((compute / 120) ** 0.5, 20 * (compute / 120) ** 0.5), **base)
        for found in filter(None, (of_budget, at_run)):
            require_one(found)


@pytest.mark.parametrize("of", ["mean", "run"])
@pytest.mark.parametrize("name", OWN)
def test_every_question_gives_one_interval_by_a_law_of_ones_own(name, of, own) -> None:
    """Every way answers; on the frontier the run of a budget's optimum has that budget's interval."""
    laws, base = load([own[name]], shipped=False), {"domain": name, "law": name, "interval": of}
    for compute in BUDGETS:
        best = ask("optimal", laws, compute=compute, **base)
        of_budget, at_run = (
            losses(laws, ways, **base) for ways in (ways_of(compute), ways_at(best.params, best.tokens))
        )
        assert (len(of_budget), len(at_run)) == (5, 5)
        require_one({**of_budget, **{f"{way} of the run": ends for way, ends in at_run.items()}})
        rows = ask("isoflop", laws, compute=compute, points=3, **base).records()
        for row in rows:
            there = ways_at(row["params"], row["tokens"])
            require_one({"isoflop": (row["loss"], row["loss_low"], row["loss_high"]), **losses(laws, there, **base)})


@pytest.mark.parametrize("of", ["mean", "run"])
@pytest.mark.parametrize("name", OWN)
def test_what_reaches_a_loss_is_one_answer(name, of, own) -> None:
    """`target`, `compare` with a run and `lifetime` without serving need the same compute, ends included, which has the loss."""
    laws, base = load([own[name]], shipped=False), {"domain": name, "law": name, "interval": of}
    for compute in (1e20, 1e21, 1e22):
        best = ask("optimal", laws, compute=compute, **base)
        goal = best.loss
        target = ask("target", laws, loss=goal, **base)
        life = ask("lifetime", laws, loss=goal, inference_tokens=0, **base)
        run = ask("compare", laws, params=best.params, tokens=best.tokens, observed_loss=goal, **base)
        assert target.compute == pytest.approx(compute, rel=1e-6)
        for end in ("", "_low", "_high"):
            assert life[f"training_compute{end}"] == pytest.approx(target[f"compute{end}"], rel=1e-9), end
            assert life[f"params{end}"] == pytest.approx(target[f"params{end}"], rel=1e-9), end
            assert run[f"compute_needed{end}"] == pytest.approx(target[f"compute{end}"], rel=1e-9), end
        served = ask("lifetime", laws, loss=goal, inference_tokens=1e12, **base)
        if of == "run" or name == "misfit":
            there = ask("loss", laws, params=served.params, tokens=served.tokens, **base)
            assert there.loss == pytest.approx(goal, rel=1e-9)
        assert served.params < best.params


@pytest.mark.parametrize("of", ["mean", "run"])
@pytest.mark.parametrize("name", OWN)
def test_a_probability_is_an_end_of_the_interval(name, of, own) -> None:
    """At the budget for 95 % the upper end of the optimum's 90 % interval is the target."""
    laws, base = load([own[name]], shipped=False), {"domain": name, "law": name, "interval": of}
    goal = ask("optimal", laws, compute=1e21, **base).loss
    sure = ask("target", laws, loss=goal, probability=0.95, **base)
    assert sure.compute > 1e21
    assert ask("optimal", laws, compute=sure.compute, **base).loss_high == pytest.approx(goal, rel=1e-6)


@pytest.mark.parametrize("compute", [1e8, 1e9])
def test_the_loss_to_match_is_that_of_the_other_laws_optimum(compute) -> None:
    """`compare` takes it as `optimal` gives it, by the forecast where that answers."""
    theirs = ask("optimal", SHIPPED, domain="language", law="sweep-2026-language", compute=compute)
    both = {"domain": "language", "law": "besiroglu-2024", "other": "sweep-2026-language", "same_loss": True}
    ours = ask("compare", SHIPPED, compute=theirs.compute, **both)
    assert ours.matched_loss == pytest.approx(theirs.loss, rel=1e-12)


@pytest.mark.parametrize("name", OWN)
def test_band_and_table_of_a_report_are_what_optimal_answers(name, own) -> None:
    """The chart's band ends where the row of the table does, and both where the answer does."""
    (subject,) = of_file(own[name])
    budget = 100 * subject.span("compute")[1]
    answer = ask("optimal", subject.laws, domain=name, law=name, compute=budget)
    x = figures.beyond(subject.span("compute"))
    axes = matplotlib.figure.Figure().add_subplot()
    figures.frontier(x, subject.answered("optimal", SHOWN, {"compute": x}), budget, "loss")(axes)
    corners = axes.collections[0].get_paths()[0].vertices
    last = corners[np.isclose(corners[:, 0], budget, rtol=1e-12), 1]
    assert (last.min(), last.max()) == pytest.approx((answer.loss_low, answer.loss_high), rel=1e-9)
    table = "".join(frontier_tables(subject))
    row = table[table.index(f"{power_of_ten(budget)} FLOP") :]
    assert f"{quantity(answer.loss)} ({quantity(answer.loss_low)} – {quantity(answer.loss_high)})" in row

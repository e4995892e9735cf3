"""Kaplan et al. 2020: the paper's own printed numbers, and one test for each of its contradictions."""

from __future__ import annotations

import math

import pytest
from papers import PF_DAY, caveats, form, language
from scipy.optimize import brentq, minimize_scalar

from fitted_laws.catalogue import shipped


def test_kaplan_doubling_the_size_takes_five_percent() -> None:
    """2^−alpha_N = 0.95."""
    one, two = (language("loss", "kaplan-2020", params=n).loss for n in (1e9, 2e9))
    assert two / one == pytest.approx(0.95, abs=0.005)


def test_kaplan_size_and_data_that_avoid_overfitting() -> None:
    """D ≥ 5e3·N^0.74 keeps the loss within 2 % of unlimited data (eq 4.4; one digit is printed)."""
    law = form("kaplan-2020", "overfitting")
    for params in (1e6, 1e8, 1e10):
        assert law.value(params, 5e3 * params**0.74) / law.value(params, 1e30) == pytest.approx(1.02, abs=0.003)


def test_kaplan_efficient_against_nearly_converged() -> None:
    """At 10 % above convergence rather than 2 %: 2.7 times the size, 0.13 of the steps, 0.35 of the compute (eqs B.12–B.14)."""
    law = form("kaplan-2020", "path")

    def run(excess: float, loss: float) -> tuple[float, float]:
        params = law.Nc * ((1 + excess) / loss) ** (1 / law.alpha_N)
        steps = law.Sc * (loss * (1 - 1 / (1 + excess))) ** (-1 / law.alpha_S)
        assert law.value(params, steps) == pytest.approx(loss)
        return params, steps

    (size, steps), (least_size, most_steps) = run(0.1, 3.0), run(0.02, 3.0)
    assert size / least_size == pytest.approx(2.7, abs=0.05)
    assert steps / most_steps == pytest.approx(0.13, abs=0.005)
    assert size * steps / (least_size * most_steps) == pytest.approx(0.35, abs=0.006)


@pytest.mark.parametrize(("ratio", "overhead"), [(0.6, 1.165), (2.2, 1.204)])
def test_kaplan_20_percent_is_rounded(ratio: float, overhead: float) -> None:
    """0.6 and 2.2 times the efficient size cost "at most 20 %" more: 16.5 % and 20.4 % by the printed exponents (eq B.16)."""
    assert float(form("kaplan-2020", "path").overhead(ratio)) == pytest.approx(overhead, abs=5e-4)
    assert "16.5 % and 20.4 %" in caveats("kaplan-2020")


def test_kaplan_larger_models_need_fewer_steps() -> None:
    """2.2 times the efficient size: 45 % fewer steps (eq B.17)."""
    assert float(form("kaplan-2020", "path").overhead(2.2)) / 2.2 == pytest.approx(0.55, abs=0.005)


def test_kaplan_compute_is_the_least_that_would_do() -> None:
    """Each optimum says which compute is meant; half of what is spent at the critical batch size gives Hoffmann's 4.68e9."""
    minimal, actual = (
        language("optimal", "kaplan-2020", compute=1e21, **kind) for kind in ({}, {"compute_kind": "actual"})
    )
    assert all(any("C_min" in warning for warning in answer.warnings) for answer in (minimal, actual))
    assert actual.params == pytest.approx(4.68e9, rel=0.005)
    assert actual.params == pytest.approx(language("optimal", "kaplan-2020", compute=0.5e21).params)


def test_kaplan_surface_is_not_its_allocation() -> None:
    """Minimising L(N, D) at 6ND = 1e21 gives 6.23e9, a plausible wrong answer."""
    law = form("kaplan-2020", "overfitting")
    found = minimize_scalar(
        lambda log: law.value(math.exp(log), 1e21 / 6 / math.exp(log)),
        bounds=(15, 30),
        method="bounded",
        options={"xatol": 1e-10},
    )
    assert math.exp(found.x) == pytest.approx(6.23e9, rel=0.005)
    assert language("optimal", "kaplan-2020", compute=1e21).params == pytest.approx(7.768e9, rel=0.005)


def test_kaplan_crossing_depends_on_the_tokens_meant() -> None:
    """L(C_min) meets L(D(C_min)) at 1.12e4 PF-days by Table 6, at 1.06e5 by eq 6.7; eq 6.8 quotes 1e4."""
    data, frontier = form("kaplan-2020", "data"), form("kaplan-2020", "frontier")
    by_table = language("crossover", "kaplan-2020").compute_pf_days
    by_equation = brentq(lambda c: data.value(4e10 * c**0.26) - frontier.value(c), 1, 1e8)
    assert (by_table, by_equation) == pytest.approx((1.119e4, 1.06e5), rel=0.005)
    assert "1.1e4 PF-days by Table 6, at 1.1e5" in caveats("kaplan-2020")


def test_kaplan_theory_is_not_the_fit() -> None:
    """1/(1/alpha_S + 1/alpha_B + 1/alpha_N) = 0.0525 by Table 3 and alpha_B = 0.21, where L(C_min) was fitted with 0.050."""
    path = form("kaplan-2020", "path")
    assert 1 / (1 / path.alpha_S + 1 / 0.21 + 1 / path.alpha_N) == pytest.approx(0.0525, abs=5e-5)
    assert form("kaplan-2020", "frontier").alpha == 0.05
    assert "0.0525" in caveats("kaplan-2020")


def test_kaplan_critical_batch_of_table_5_is_not_the_texts() -> None:
    """2.1e8 in Table 5, which is used, 2e8 in the equations."""
    assert language("batch", "kaplan-2020", loss=1).critical_batch_tokens == 2.1e8
    assert "2e8" in caveats("kaplan-2020")


def test_kaplan_one_digit_gives_no_interval() -> None:
    held = next(law for law in shipped().of("language") if law.id == "kaplan-2020")
    assert "single digit" in (held.drawn("token-allocation").reason or "")
    assert held.drawn("allocation").source == "printed-digits"


def test_kaplan_fixed_batch_is_another_frontier() -> None:
    """L(C) at one batch size lies above none and below none everywhere: it is not L(C_min), and says so."""
    answer = language("loss", "kaplan-2020", compute=PF_DAY, compute_kind="fixed-batch")
    assert answer.loss == pytest.approx(1.6e7**0.057)
    assert any("batch size" in warning for warning in answer.warnings)

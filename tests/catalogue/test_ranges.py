"""What each law was fitted on, and the larger runs by which its authors tested it: facts of the papers, typed anew."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from fitted_laws import ask
from fitted_laws.catalogue import shipped
from fitted_laws.documents.portraits import ranges, validated
from fitted_laws.laws.lawfile import BadLawFile, parse
from fitted_laws.laws.relation import QUANTITIES, Relation
from fitted_laws.quantities.glossary import IN_SENTENCES

FITTED = [
    # law, domain, role, quantity, low, high
    ("kaplan-2020", "language", "converged", "params", 768, 1.5e9),
    ("kaplan-2020", "language", "data", "tokens", 22e6, 23e9),
    ("kaplan-2020", "language", "overfitting", "unique_tokens", 22e6, 23e9),
    ("henighan-2020", "language", "allocation", "params", 768, 1.5e9),  # N_opt is from Kaplan et al. 2020
    ("henighan-2020", "image-8x8", "converged", "params", 12.3e3, 3.22e9),  # Table 5
    ("henighan-2020", "image-32x32", "allocation", "params", 98.3e3, 3.22e9),  # models of 1e4 deviate
    ("henighan-2020", "text-to-image", "frontier", "params", 98304, 679477248),  # Table 4
    ("hoffmann-2022", "language", "surface", "params", 70e6, 16e9),
    ("hoffmann-2022", "language", "surface", "tokens", 5e9, 500e9),
    ("hoffmann-2022-approach2", "language", "allocation", "compute", 6e18, 3e21),
    ("besiroglu-2024", "language", "surface", "tokens", 0.819e9, 317.8e9),
    ("openathena-2026", "language", "surface", "params", 57.3e6, 12.6e9),  # the 217 points below 1e21 FLOP
    ("openathena-2026", "language", "surface", "tokens", 0.819e9, 143.6e9),
    ("muennighoff-2023", "language", "repeated", "params", 7e6, 9e9),
    ("muennighoff-2023", "language", "repeated", "unique_tokens", 100e6, 178e9),
    ("muennighoff-2023", "language", "repeated", "epochs", 1, 500),
    ("muennighoff-2023", "language", "surface", "compute", 1e19, 1e21),  # isoFLOP curves of Hoffmann et al. on C4
    ("gadre-2024-c4", "language", "surface", "params", 10.6e6, 412e6),  # the five runs of Table 2
    ("gadre-2024-redpajama", "language", "surface", "tokens_per_param", 20, 320),
    ("sardana-2024", "language", "surface", "tokens_per_param", 10, 10_000),
    ("llama3-2024", "language", "token-allocation", "compute", 6e18, 1e22),
    ("porian-2024", "language", "allocation", "compute", 1.25e16, 1.25e16 * 2**11),
    ("deepseek-2024", "language", "token-allocation", "compute", 1e17, 3e20),
    ("deepseek-2024", "language", "batch-by-compute", "compute", 1e17, 2e19),
    ("clark-2022", "language", "moe-converged", "experts", 1, 512),
    ("clark-2022-hash", "language", "moe-converged", "params", 15e6, 1.3e9),
    ("krajewski-2024", "language", "surface", "granularity", 1, 16),
    ("krajewski-2024-dense", "language", "surface", "tokens", 16e9, 130e9),
    ("kumar-2024", "language", "surface", "params", 30e6, 220e6),
    ("kumar-2024", "language", "surface", "tokens", 1.5e9, 26e9),
    ("kumar-2024", "language", "surface", "bits", 3, 16),
    ("steplaw-2025", "language", "batch-by-tokens", "tokens", 2e9, 100e9),
    ("frantar-2023", "language", "surface", "sparsity", 0, 0.875),  # 48 runs in the authors' repository
    ("frantar-2023", "image-classification", "surface", "tokens", 225e6, 1.8e9),  # images
    ("sun-2025", "language", "mixed-surface", "params", 41e6, 679e6),
    ("sun-2025", "language", "mixed-surface", "tokens", 10e9, 100e9),
    ("moonlight-2025-muon", "language", "frontier", "compute", 2.1e19, 3.5e20),
    ("moonlight-2025-adamw", "language", "frontier", "params", 399e6, 1.5e9),
    ("gemstones-2025", "language", "shape-surface", "width", 256, 3072),
    ("gemstones-2025", "language", "shape-surface", "layers", 3, 80),
    ("gemstones-2025-cooled", "language", "surface", "tokens", 10e9, 350e9),
    ("tao-2024", "language", "vocabulary", "params", 33e6, 3e9),
    ("xlstm-2025-llama-16384", "language", "allocation", "compute", 5e18, 5e19),
    ("xlstm-2025-mlstm-8192", "language", "allocation", "compute", 5e18, 2e20),  # four budgets
    ("xlstm-2025-mlstm", "language", "mixed-surface", "tokens", 2e9, 2e12),
    ("cerebras-gpt-2023", "language", "frontier", "params", 111e6, 13e9),
    ("kumar-2024-post", "language", "post-training", "params", 30e6, 220e6),
]

UNSTATED = {
    ("abnar-2025", "language"),
    ("hernandez-2021", "code"),
    ("hernandez-2021-mixed", "code"),
    ("zhao-2025", "language"),
}
"""Laws whose source, as far as it was read, names no end of any range."""

CHINCHILLA = {"params": 70e9, "tokens": 1.4e12, "compute": 6 * 70e9 * 1.4e12}
GADRE = [{"params": 1.4e9, "tokens": 900e9, "tokens_per_param": 640}, {"params": 6.9e9, "tokens": 138e9}]
VALIDATED = {
    "hoffmann-2022": [CHINCHILLA],
    "hoffmann-2022-rounded": [CHINCHILLA],
    "hoffmann-2022-approach1": [CHINCHILLA],
    "hoffmann-2022-approach2": [CHINCHILLA],
    "besiroglu-2024": [CHINCHILLA],
    "gadre-2024-c4": GADRE,
    "gadre-2024-redpajama": GADRE,
    "gadre-2024-refinedweb": GADRE,
    "llama3-2024": [{"params": 405e9, "tokens": 15.6e12, "compute": 3.8e25}],
    "kumar-2024": [{"params": 1.7e9, "tokens": 26e9}],
    "kumar-2024-post": [{"params": 1.7e9, "tokens": 26e9}],
    "sun-2025": [{"params": 1.2e9}],
    "deepseek-2024": [{"compute": 1e20}],
}

FILE: dict[str, Any] = {
    "id": "mine",
    "domain": "language",
    "form": "additive",
    "coefficients": {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28},
    "counts": "total",
    "citation": "me",
    "ranges": {"params": [1e7, 1e10], "tokens": [1e9, 1e11]},
    "validated": [{"what": "a larger run", "at": {"params": 1e11, "tokens": 1e11}, "where": "section 4"}],
}


def relations() -> dict[tuple[str, str, str], Relation]:
    return {
        (law.id, law.domain.id, role): relation
        for law in shipped()
        for (role, _), relation in reversed(law.relations.items())
    }


def read(**changes: Any) -> Relation:
    return parse(json.dumps(FILE | changes).encode(), "mine.json")[0]


@pytest.mark.parametrize(("id", "domain", "role", "quantity", "low", "high"), FITTED)
def test_fitted_ranges_are_those_of_the_papers(
    id: str, domain: str, role: str, quantity: str, low: float, high: float
) -> None:
    assert relations()[id, domain, role].ranges[quantity] == pytest.approx((low, high), rel=1e-3)


def test_ranges_are_ordered_positive_and_of_known_quantities() -> None:
    """And a reader is given the unit of each."""
    assert set(IN_SENTENCES) == set(QUANTITIES)
    for relation in relations().values():
        assert set(relation.ranges) <= set(QUANTITIES)
        assert all(0 < low < high or (low, name) == (0, "sparsity") for name, (low, high) in relation.ranges.items())


def test_only_laws_without_a_stated_end_have_no_range() -> None:
    """A domain of a law with a range in one relation has at least that."""
    stated = {(id, domain) for (id, domain, _), relation in relations().items() if relation.ranges}
    assert {(law.id, law.domain.id) for law in shipped()} - stated == UNSTATED


def test_validated_runs_are_those_that_the_papers_report() -> None:
    found = {id: [run.at for run in r.validated] for (id, _, _), r in relations().items() if r.validated}
    assert found == {id: [pytest.approx(at) for at in runs] for id, runs in VALIDATED.items()}
    assert all(run.where and run.what for r in relations().values() for run in r.validated)


def test_validated_runs_lie_beyond_what_was_fitted() -> None:
    """Chinchilla by 5.88e23/1e22, Llama 3 405B by 3.8e25/1e22, Gadre's largest by 6.9e9/4.12e8."""
    for id, quantity, decades in (
        ("besiroglu-2024", "compute", 1.77),
        ("llama3-2024", "compute", 3.58),
        ("gadre-2024-c4", "params", 1.22),
        ("kumar-2024", "params", 0.89),
    ):
        relation = next(law for law in shipped() if law.id == id).first
        furthest = max(run.at[quantity] for run in relation.validated)
        assert np.log10(furthest / relation.ranges[quantity][1]) == pytest.approx(decades, abs=0.005)


@pytest.mark.parametrize(
    ("question", "inputs", "decades", "quantity"),
    [
        ("repeat", {"law": "muennighoff-2023", "params": 1e9, "unique_tokens": 25e9, "epochs": 1e6}, 3.30, "epochs"),
        ("repeat", {"law": "muennighoff-2023", "params": 1e9, "unique_tokens": 25e9, "epochs": 4}, 0, None),
        ("optimal", {"law": "kaplan-2020", "compute": 1e22}, 1.44, "params"),
        ("loss", {"law": "kumar-2024", "params": 7e9, "tokens": 15e12}, 2.76, "tokens"),
        ("loss", {"law": "besiroglu-2024", "params": 8e9, "tokens": 15e12}, 1.86, "compute"),
        ("loss", {"law": "clark-2022", "params": 1e9, "experts": 4096}, 0.90, "experts"),
        ("loss", {"law": "krajewski-2024", "params": 1e9, "tokens": 1e11, "granularity": 64}, 0.60, "granularity"),
    ],
)
def test_distance_beyond_each_axis(question: str, inputs: dict[str, Any], decades: float, quantity: str | None) -> None:
    answer = ask(question, domain="language", **inputs)
    assert answer.extrapolation == pytest.approx(decades, abs=0.005)
    assert answer.extrapolation_in == quantity


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ranges": {"parms": [1e7, 1e10]}}, "ranges.parms"),
        ({"ranges": {"epochs": [500, 1]}}, "ranges.epochs"),
        ({"validated": [{"what": "w", "at": {"parms": 1e11}, "where": "s"}]}, r"validated\[0\].at.parms"),
        ({"validated": [{"what": "w", "at": {"params": -1e11}, "where": "s"}]}, r"validated\[0\].at.params"),
        ({"validated": [{"what": "w", "at": {"params": 1e9}, "where": "s"}]}, "beyond one of the fitted ranges"),
        ({"validated": [{"what": "w", "at": {"compute": 1e25}, "where": "s"}]}, "beyond one of the fitted ranges"),
        ({"ranges": {}}, "beyond one of the fitted ranges"),
        ({"validated": [{"what": "w", "at": {"params": 1e11}}]}, "where"),
    ],
)
def test_wrong_ranges_and_runs_are_refused(changes: dict[str, Any], said: str) -> None:
    """An unknown quantity, ends out of order, no positive number, a run that tests nothing, a run without its place."""
    with pytest.raises(BadLawFile, match=said):
        read(**changes)


def test_ranges_and_runs_are_shown_in_words() -> None:
    relation = read()
    assert ranges(relation) == "params 10⁷ to 10¹⁰; tokens 10⁹ to 10¹¹"
    assert validated(relation) == "a larger run (section 4)"


def test_gadre_coefficients_are_of_five_small_runs() -> None:
    """So the largest of the 104 models lies beyond them, and answers say it."""
    answer = ask("loss", domain="language", law="gadre-2024-c4", params=6.9e9, tokens=138e9)
    assert answer.extrapolation == pytest.approx(np.log10(6.9e9 / 4.12e8), abs=1e-9)


def test_repeat_says_that_its_form_cannot_show_overfitting() -> None:
    """And says no longer that its loss is that of fresh data, which is what `loss` gives."""
    shared = {"domain": "language", "law": "muennighoff-2023", "params": 1e9}
    repeated = ask("repeat", **shared, unique_tokens=25e9, epochs=40).warnings
    assert any("cannot show overfitting" in text and "left runs that failed out" in text for text in repeated)
    assert not any("fresh data" in text for text in repeated)
    assert any("fresh data" in text for text in ask("loss", **shared, tokens=25e9).warnings)


def test_muennighoff_decay_stands_on_the_base_law() -> None:
    """The decay was fitted with the base law's five coefficients held: both relations hold the same."""
    base, decay = (relations()["muennighoff-2023", "language", role].coefficients for role in ("surface", "repeated"))
    assert base.items() <= decay.items()
    assert decay.keys() - base.keys() == {"R_N", "R_D"}


def test_kumar_counts_no_embeddings() -> None:
    assert relations()["kumar-2024", "language", "surface"].counts == "non-embedding"


def test_repeat_says_why_the_decay_has_no_interval() -> None:
    """The runs that it was fitted to do not determine R_D; the digits of its coefficients say nothing of that."""
    answers = [
        ask("repeat", domain="language", law="muennighoff-2023", params=1e9, unique_tokens=25e9, epochs=4),
        ask("optimal", domain="language", compute=1e22, unique_tokens=1e10),
    ]
    for answer in answers:
        assert answer.interval_source is None
        assert any("182 runs" in text and "R_D anywhere above" in text for text in answer.warnings)

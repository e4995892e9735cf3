"""A loss that a user observed is held against a law's where both are on one scale, or where the user says so."""

import json

import pytest
import synthetic

from fitted_laws import Laws
from fitted_laws.catalogue import ask, load
from fitted_laws.forms import FORMS
from fitted_laws.quantities.problems import Unanswerable
from trainer.__main__ import main as trainer

RUN = {"params": "1.3B", "tokens": "26B", "observed_loss": 2.61}
VERDICT = ("excess_loss", "z_score", "on_trend")
ADVICE = ("bottleneck", "params_sensitivity", "tokens_sensitivity", "expected_loss")
SHIPPED = load()
SWEEPS = sorted(
    (law.domain.id, law.id)
    for law in SHIPPED
    if law.of_small_models and law.has("surface") and not FORMS[law.first.form].extras
)


@pytest.fixture(scope="module")
def with_own(tmp_path_factory) -> Laws:
    """The laws that ship, and one of a user's own runs beside them in `language`."""
    folder = tmp_path_factory.mktemp("own")
    runs = synthetic.write_csv(folder / "runs.csv", synthetic.surface(40, noise=0.002))
    named = ["--domain", "language", "--id", "sweep-mine", "--bootstrap", "40"]
    assert trainer(["fit", str(runs), *named, "-o", str(folder / "law.json")]) == 0
    return load([folder / "law.json"])


@pytest.mark.parametrize("several", ["all", "besiroglu-2024,sweep-2026-language,hoffmann-2022"])
def test_beside_other_laws_there_is_no_verdict(several) -> None:
    """Each row says why; what holds the run back is said by each all the same."""
    rows = ask("diagnose", domain="language", law=several, **RUN).records()
    assert len(rows) > 2
    for row in rows:
        assert [row[name] for name in VERDICT] == [None] * 3, row["law"]
        assert None not in [row[name] for name in ADVICE], row["law"]
        assert any("same_loss=true" in text for text in row["warnings"]), row["law"]
    with pytest.raises(Unanswerable, match="same_loss=true"):
        ask("compare", domain="language", law=several, **RUN)


@pytest.mark.parametrize(("domain", "law"), SWEEPS)
def test_a_small_sweep_gives_a_verdict_only_where_it_is_told_to(domain, law) -> None:
    """Its text and its tokens are nobody else's."""
    run = {"domain": domain, "law": law, "params": 1e5, "tokens": 1e7, "observed_loss": 3.5}
    without, told = ask("diagnose", **run), ask("diagnose", **run, same_loss=True)
    assert [without[name] for name in VERDICT] == [None] * 3
    assert None not in [told[name] for name in VERDICT]
    assert [without[name] for name in ADVICE] == [told[name] for name in ADVICE]
    with pytest.raises(Unanswerable, match="same_loss=true"):
        ask("compare", **run)
    assert ask("compare", **run, same_loss=True).compute_multiplier > 0


def test_one_published_law_takes_the_loss_to_be_on_its_scale_and_says_so() -> None:
    """Excess of `diagnose`, multiplier of `compare`, by default and by name."""
    for named in ({}, {"law": "hoffmann-2022"}):
        for question in ("diagnose", "compare"):
            answer = ask(question, domain="language", **named, **RUN)
            assert any("observed loss is taken to be on" in text for text in answer["warnings"])
            if question == "diagnose":
                assert answer.excess_loss == pytest.approx(2.61 - answer.expected_loss, rel=1e-12)


def test_a_law_of_ones_own_gives_its_verdict_in_every_company(with_own) -> None:
    """Whatever its id: named, and beside all others, where those give none."""
    alone = ask("diagnose", with_own, domain="language", law="sweep-mine", **RUN)
    beside = {row["law"]: row for row in ask("diagnose", with_own, domain="language", law="all", **RUN).records()}
    assert None not in [alone[name] for name in VERDICT]
    assert [beside["sweep-mine"][name] for name in VERDICT] == [alone[name] for name in VERDICT]
    assert {row["excess_loss"] for id, row in beside.items() if id != "sweep-mine"} == {None}
    (row,) = ask("compare", with_own, domain="language", law="all", **RUN).records()
    assert row["law"] == "sweep-mine"


def test_losses_of_one_scale_are_comparable_whatever_remarks_stand_beside_it() -> None:
    """The same runs, read off a figure, are of the same text; `compare` and the mark of rows say the same of every pair."""
    several = ask("loss", domain="language", law="hoffmann-2022,besiroglu-2024", params=1e9, tokens=2e10)
    assert [row["comparable"] for row in several.records()] == [True, True]
    assert ask("compare", domain="language", law="hoffmann-2022", other="besiroglu-2024", compute=1e21).compute > 0


@pytest.mark.parametrize(("law", "other"), [("steplaw-2025", "zhao-2025"), ("sun-2025", "kumar-2024")])
def test_what_no_source_states_is_not_the_same(law, other) -> None:
    """Two papers whose tokenizers or data were not stated may have any two."""
    relations = {named.id: named.first.loss_on for named in SHIPPED if named.id in (law, other)}
    assert relations[law] != relations[other]
    assert all("not stated" in text for text in relations.values())


def test_of_laws_of_ones_own_those_of_one_source_are_comparable(tmp_path) -> None:
    """Files without data and tokenizer compare where their citation is the same; another unit is another scale."""
    own = {
        "id": "mine-a",
        "domain": "language",
        "form": "additive",
        "coefficients": {"E": 1.8, "A": 480.0, "B": 2100.0, "alpha": 0.35, "beta": 0.37},
        "citation": "our runs of May",
        "counts": "total",
    }

    def comparable(**differs: str) -> list[bool]:
        files = [tmp_path / "a.json", tmp_path / "b.json"]
        for file, law in zip(files, (own, {**own, "id": "mine-b", **differs}), strict=True):
            file.write_text(json.dumps(law))
        rows = ask("loss", load(files), domain="language", law="mine-a,mine-b", params=1e9, tokens=2e10).records()
        return [row["comparable"] for row in rows]

    assert comparable() == [True, True]
    assert comparable(citation="our runs of June") == [False, False]
    assert comparable(data="C4") == [False, False]
    assert comparable(loss_unit="bits/byte") == [False, False]

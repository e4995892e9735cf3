"""The catalogue as a whole: how many laws, by which ids, what is absent, and each worked example of each source."""

import json
from pathlib import Path
from typing import Any

import pytest

from fitted_laws import Unanswerable, ask, load
from fitted_laws.catalogue import published, shipped
from fitted_laws.laws.lawfile import BadLawFile
from fitted_laws.laws.relation import Example, Relation

OF_THE_CONTRACT = (
    *(
        "henighan-2020",
        "kaplan-2020",
        "hoffmann-2022",
        "hoffmann-2022-rounded",
        "hoffmann-2022-approach1",
        "hoffmann-2022-approach2",
    ),
    *(
        "besiroglu-2024",
        "muennighoff-2023",
        "porian-2024",
        "deepseek-2024",
        "llama3-2024",
        "gadre-2024-c4",
        "gadre-2024-redpajama",
    ),
    *(
        "gadre-2024-refinedweb",
        "hernandez-2021",
        "clark-2022",
        "krajewski-2024",
        "abnar-2025",
        "kumar-2024",
        "sardana-2024",
        "steplaw-2025",
    ),
)
WITHOUT_NUMBERS = ("aghajanyan", "apple", "mccandlish", "farseer", "minicpm", "olmo", "pearce")
"""Papers whose coefficients are in figures alone, not given whole, or accounting: absent."""
EXAMPLES = {
    f"{relation.name}/{number}": (relation, example)
    for law in shipped()
    for relation in law.relations.values()
    for number, example in enumerate(relation.examples)
}
HELD = [name for name, (_, example) in EXAMPLES.items() if example.enforce]
QUOTED = [name for name, (_, example) in EXAMPLES.items() if not example.enforce]


def answered(relation: Relation, example: Example) -> Any:
    return ask(example.question, **{"domain": relation.domain, "law": relation.id, **example.inputs})


def test_at_least_forty_laws() -> None:
    """Pairs of domain and id."""
    pairs = {(law.domain.id, law.id) for law in shipped()}
    assert len(pairs) == len(shipped()) >= 40


@pytest.mark.parametrize("id", OF_THE_CONTRACT)
def test_ids_of_the_contract(id: str) -> None:
    assert shipped().named(id)


def test_papers_without_numbers_are_absent() -> None:
    assert [law.id for law in shipped() if law.id.startswith(WITHOUT_NUMBERS)] == []


@pytest.mark.parametrize("name", HELD)
def test_worked_examples(name: str) -> None:
    """What the source works out, or what its coefficients give, asked as a user asks."""
    relation, example = EXAMPLES[name]
    answer = answered(relation, example)
    for field, expected in example.expected.items():
        assert answer[field] == pytest.approx(expected, rel=example.tolerance), field


@pytest.mark.parametrize("name", QUOTED)
def test_quotations_that_the_coefficients_do_not_give_are_told(name: str) -> None:
    """They are not enforced, so the law's page must say what differs."""
    relation, _ = EXAMPLES[name]
    assert relation.contradictions + relation.caveats


@pytest.mark.parametrize("id", sorted({law.id for law in shipped() if law.first.source_checked == "secondary"}))
def test_secondary_sources_are_marked(id: str) -> None:
    """Every answer of a law read in notes on its paper says so."""
    law = next(law for law in shipped() if law.id == id)
    asked = [EXAMPLES[name] for name in HELD if EXAMPLES[name][0].id == id]
    assert asked
    for relation, example in asked:
        answer = answered(relation, example)
        assert answer.source_checked == "secondary"
        assert any("secondary notes" in text for text in answer.warnings)
    assert law.first.preference < 10


@pytest.mark.parametrize(
    ("question", "inputs", "default"),
    [
        ("loss", {"params": 1e9, "tokens": 1e11}, "besiroglu-2024"),
        ("optimal", {"compute": 1e21}, "besiroglu-2024"),
        ("repeat", {"params": 1e9, "unique_tokens": 1e10, "epochs": 4}, "muennighoff-2023"),
        ("batch", {"loss": 2.5}, "kaplan-2020"),
        ("crossover", {}, "kaplan-2020"),
        ("loss", {"params": 1e9, "experts": 64}, "clark-2022"),
        ("loss", {"params": 1e9, "tokens": 1e11, "granularity": 8}, "krajewski-2024"),
        ("loss", {"params": 1e9, "tokens": 1e11, "sparsity": 0.9}, "abnar-2025"),
        ("loss", {"params": 1e9, "tokens": 1e11, "weight_bits": 8}, "kumar-2024"),
        ("optimal", {"compute": 1e21, "granularity": 8}, "krajewski-2024"),
        ("optimal", {"compute": 1e21, "weight_bits": 8, "activation_bits": 8, "cache_bits": 8}, "kumar-2024"),
    ],
)
def test_defaults_of_language(question: str, inputs: dict[str, Any], default: str) -> None:
    """Without a law the first that can answers: the further laws take no question from the main ones."""
    assert ask(question, domain="language", **inputs).law == default


def test_all_laws_answer_side_by_side() -> None:
    """`law=all` compares some thirty allocations in one answer, each with its own interval or the reason for none; ours says how far it is."""
    every = ask("optimal", domain="language", law="all", compute=1e21)["rows"]
    ours = [row for row in every if row["law"].startswith("sweep-")]
    assert all(row["extrapolation"] > 8 for row in ours)
    rows = [row for row in every if row not in ours]
    assert len(rows) > 25
    for row in rows:
        assert row["params"] is None or 1e8 < row["params"] < 1e11, row["law"]
        assert (row["params_low"] is not None) or row["warnings"]


def test_laws_without_a_loss_refuse_one() -> None:
    """An allocation is no loss."""
    for id in ("porian-2024", "hoffmann-2022-approach1", "deepseek-2024", "steplaw-2025"):
        with pytest.raises(Unanswerable):
            ask("loss", domain="language", law=id, compute=1e21)


@pytest.mark.parametrize("id", ["porian-2024", "llama3-2024", "deepseek-2024"])
@pytest.mark.parametrize(
    "option", [{"irreducible_loss": 1.7}, {"granularity": 8}, {"counts": "total"}, {"compute_kind": "minimal"}]
)
def test_allocations_refuse_what_they_cannot_honour(id: str, option: dict[str, Any]) -> None:
    """An option that an allocation has no use for is refused, not left unread; llama3-2024 already counts all parameters."""
    if (id, option) == ("llama3-2024", {"counts": "total"}):
        return
    with pytest.raises(Unanswerable):
        ask("optimal", domain="language", law=id, compute=1e21, **option)


PERCENTILES = {"exponent": "a", "prefactor": "k", "quantiles": [[0.1, 0.48], [0.9, 0.52]], "pivot": 1e20}
ALLOCATION = {
    "id": "mine",
    "domain": "language",
    "role": "allocation",
    "form": "power-growth",
    "coefficients": {"k": 0.1, "a": 0.5},
    "counts": "total",
    "citation": "me",
}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"exponent": "b"}, "percentiles"),
        ({"quantiles": [[0.1, 0.48]]}, "percentiles.quantiles"),
        ({"quantiles": [[0.1, 0.48], [0.4, 0.49]]}, "percentiles.quantiles"),
        ({"quantiles": [[0.1, 0.51], [0.9, 0.52]]}, "percentiles.quantiles"),
        ({"pivot": 0.0}, "percentiles.pivot"),
        ({"pivto": 1.0}, "pivto"),
    ],
)
def test_malformed_percentiles_stop_the_start(tmp_path: Path, change: dict[str, Any], key: str) -> None:
    """Quantiles on each side of the published exponent, which the form must have; an unknown key is no key."""
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({**ALLOCATION, "percentiles": PERCENTILES}))
    assert len(load([file], shipped=False)) == 1
    file.write_text(json.dumps({**ALLOCATION, "percentiles": {**PERCENTILES, **change}}))
    with pytest.raises(BadLawFile, match=key):
        load([file], shipped=False)


@pytest.mark.parametrize("path", published(), ids=lambda path: path.stem)
def test_a_law_file_is_under_200_kb(path: Path) -> None:
    assert path.stat().st_size < 200_000

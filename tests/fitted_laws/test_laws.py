"""Law files: each shipped one is whole and honest about its intervals; a malformed one stops the start and says where."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fitted_laws import Answer, Laws, NotUnderstood, Unanswerable, ask, load
from fitted_laws.catalogue import published, shipped
from fitted_laws.laws.draws import within
from fitted_laws.laws.law import Drawn, Law
from fitted_laws.laws.lawfile import BadLawFile
from fitted_laws.laws.sampling import derived
from fitted_laws.solving.extrapolation import Fit, measured

LAW: dict[str, Any] = {
    "id": "mine",
    "domain": "language",
    "form": "additive",
    "coefficients": {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28},
    "printed": {"E": "1.69", "A": "406.4", "B": "410.7", "alpha": "0.34", "beta": "0.28"},
    "constraints": [{"quantity": "params_exponent", "printed": "0.46", "where": "Table 2"}],
    "ranges": {"params": [1e7, 1e10]},
    "counts": "total",
    "citation": "me",
    "examples": [
        {
            "question": "loss",
            "inputs": {"params": 7e10, "tokens": 1.4e12},
            "expected": {"loss": 1.93665},
            "enforce": True,
            "source": "mine",
        }
    ],
}


def stops(tmp_path: Path, text: str) -> str:
    """What stops the start when `text` is a law file."""
    file = tmp_path / "mine.json"
    file.write_text(text)
    with pytest.raises(BadLawFile) as caught:
        load([file], draws=0, shipped=False)
    message = str(caught.value)
    assert message.startswith("mine.json: ")
    return message


def changed(*path: str | int, to: Any) -> str:
    """LAW with the value at `path` replaced, or removed where `to` is `...`."""
    law = copy.deepcopy(LAW)
    at: Any = law
    for step in path[:-1]:
        at = at[step]
    if to is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = to
    return json.dumps(law)


RISING = json.dumps(
    {**LAW, "coefficients": {**LAW["coefficients"], "alpha": -0.05}, "printed": {}, "constraints": [], "examples": []}
)
"""A law whose loss grows with size."""


def test_a_null_value_lies_nowhere() -> None:
    """A field that is null in some row does not spoil how far the others lie beyond the fit."""
    (found,) = measured(Fit(None, [], {"params": (1e6, 1e9)}, []), {"params": np.array([np.nan, 1e10, 1e5])}, 3)
    assert found.decades.tolist() == pytest.approx([0, 1, 1])


def test_well_formed_file_loads(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(LAW))
    laws = load([file], shipped=False)
    assert [law.id for law in laws] == ["mine"]


@pytest.mark.parametrize(
    ("text", "key", "expected", "got"),
    [
        (changed("colour", to="red"), "mine/language/surface: $", "only keys that law files have", "colour"),
        (changed("examples", 0, "sourc", to="x"), "mine/language/surface: examples[0]", "only keys", "sourc"),
        (changed("citation", to=...), "mine/language/surface: $", "a key citation", "none"),
        (changed("counts", to=...), "mine/language/surface: $", "a key counts", "none"),
        (changed("id", to=...), "language/surface: $", "a key id", "none"),
        (changed("form", to=...), "mine/language: $", "a key form", "none"),
        (changed("form", to="cubic"), "mine/language: $", "a key role", "none"),
        (json.dumps({**LAW, "form": "cubic", "role": "surface"}), "form", "power-constant", "cubic"),
        (json.dumps({**LAW, "role": "surfice"}), "role", "frontier", "surfice"),
        (changed("counts", to="all"), "counts", "enum", "all"),
        (changed("coefficients", "gamma", to=1.0), "coefficients", "'beta'", "gamma"),
        (changed("coefficients", "alpha", to=...), "coefficients", "'alpha'", "['A', 'B', 'E', 'beta']"),
        (changed("coefficients", "alpha", to="0.34"), "coefficients", "float", "str"),
        (changed("coefficients", "alpha", to=float("nan")), "", "well-formed", "malformed"),
        (changed("coefficients", "alpha", to=None), "coefficients", "float", "null"),
        (json.dumps(LAW).replace("406.4,", "1e400,", 1), "", "", ""),
        (changed("printed", "alpha", to="0.35"), "printed.alpha", "0.34", "0.35"),
        (changed("printed", "alpha", to="a third"), "printed.alpha", "0.34", "a third"),
        (changed("printed", "gamma", to="1"), "printed.gamma", "'beta'", "gamma"),
        (json.dumps({**LAW, "half_units": {"alpha": 0}}), "half_units.alpha", "above 0", "0"),
        (json.dumps({**LAW, "half_units": {"gamma": 0.1}}), "half_units.gamma", "printed coefficient", "0.1"),
        (changed("constraints", 0, "quantity", to="value"), "constraints[0].quantity", "params_exponent", "value"),
        (changed("constraints", 0, "printed", to="half"), "constraints[0].printed", "a printed number", "half"),
        (changed("ranges", "params", to=[1e10, 1e7]), "ranges.params", "[low, high]", "[10000000000.0, 10000000.0]"),
        (changed("ranges", "size", to=[1, 2]), "ranges.size", "params", "[1.0, 2.0]"),
        (changed("examples", 0, "expected", "loss", to=1.9), "examples[0].loss", "1.9 within 0.005", "1.93664"),
        (changed("examples", 0, "expected", to={"perplexities": 7.0}), "examples[0].perplexities", "7.0", "None"),
        (changed("examples", 0, "question", to="lose"), "examples[0]", "can be asked", "loss"),
        (changed("examples", 0, "inputs", to={"params": -1}), "examples[0]", "can be asked", "-1"),
        (RISING, "coefficients", "does not rise with params", "at 1e+07"),
        ("{", "$", "a well-formed law file", ""),
        ("[]", "$", "object", "array"),
        ('{"relations": []}', "relations", "at least one", "none"),
        ('{"relations": [1]}', "[0]", "object", "int"),
    ],
)
def test_malformed_file_stops_the_start(tmp_path: Path, text: str, key: str, expected: str, got: str) -> None:
    """With the file, the key, what was expected, what came."""
    message = stops(tmp_path, text)
    where, _, rest = message.removeprefix("mine.json: ").partition(": expected ")
    wanted, _, came = rest.partition(", got ")
    assert key in where
    assert expected in wanted or expected in came
    assert got in rest


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadLawFile, match=r"none\.json: file: expected a readable law file"):
        load([tmp_path / "none.json"], shipped=False)


def test_relation_in_two_files_stops_the_start(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps(LAW))
    with pytest.raises(BadLawFile, match=r"b\.json: mine/language/surface: .* the same in a\.json"):
        load([tmp_path], shipped=False)


def test_quotation_that_disagrees_is_kept(tmp_path: Path) -> None:
    """An example that is not enforced may contradict the law."""
    file = tmp_path / "mine.json"
    example = {**LAW["examples"][0], "expected": {"loss": 1.9}, "enforce": False}
    file.write_text(json.dumps({**LAW, "examples": [example]}))
    assert len(load([file], draws=0, shipped=False)) == 1


def test_keys_beside_relations_are_shared_at_any_depth(tmp_path: Path) -> None:
    shared = {k: v for k, v in LAW.items() if k not in ("domain", "examples")}
    inner = [
        {"domain": domain, "relations": [{"where": where}]}
        for domain, where in (("language", "Table 1"), ("code", "Table 2"))
    ]
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({**shared, "relations": inner}))
    found = load([file], draws=0, shipped=False)
    assert [(law.domain.id, law.first.where, law.first.citation) for law in found] == [
        ("language", "Table 1", "me"),
        ("code", "Table 2", "me"),
    ]


# The shipped laws, each with each of its relations.


def relations() -> Iterator[tuple[Law, Drawn[object]]]:
    for law in shipped():
        for role, part in law.relations:
            yield law, law.drawn(role, part)


RELATIONS = {drawn.relation.name: (law, drawn) for law, drawn in relations()}


@pytest.mark.parametrize("path", published(), ids=lambda path: path.stem)
def test_file_is_named_after_its_law(path: Path) -> None:
    assert json.loads(path.read_text())["id"] == path.stem


@pytest.mark.parametrize("name", RELATIONS)
def test_relation_says_where_it_comes_from(name: str) -> None:
    """A paper has an address; a law of our own has its committed runs."""
    relation = RELATIONS[name][1].relation
    assert all(
        (
            relation.where,
            relation.citation,
            relation.title,
            relation.authors,
            relation.data,
            relation.tokenizer,
            relation.setup,
        )
    )
    if relation.id.startswith("sweep-"):
        assert all((Path(__file__).parents[2] / path).is_file() for path in relation.where.split(" and "))
    else:
        assert relation.url.startswith("https://")
    assert relation.year > 2000
    assert relation.caveats + relation.contradictions


@pytest.mark.parametrize("name", RELATIONS)
def test_draws_exist_or_give_a_reason(name: str) -> None:
    drawn = RELATIONS[name][1]
    forecast = drawn.relation.forecast
    columns = [getattr(drawn.form, field) for field in (forecast.order if forecast else drawn.relation.coefficients)]
    if drawn.source == "none":
        assert drawn.reason
        assert {len(column) for column in columns} == {1}
    else:
        assert drawn.reason is None
        kept = forecast or drawn.relation.draws
        assert {column.shape for column in columns} == {(1 + (kept.shape[0] if kept else 4000), 1)}
        assert all(np.isfinite(column).all() for column in columns)


@pytest.mark.parametrize("name", RELATIONS)
def test_row_zero_is_as_published(name: str) -> None:
    drawn = RELATIONS[name][1]
    relation = drawn.relation
    central = relation.forecast.central if relation.forecast else relation.coefficients
    assert {field: float(getattr(drawn.form, field)[0, 0]) for field in central} == central


@pytest.mark.parametrize("name", [n for n, (_, drawn) in RELATIONS.items() if drawn.source == "printed-digits"])
def test_draws_print_the_same_digits(name: str) -> None:
    drawn = RELATIONS[name][1]
    for field, text in drawn.relation.printed.items():
        column = getattr(drawn.form, field)[1:]
        half = drawn.relation.half_units.get(field)
        assert (np.abs(column - float(text)) <= half * (1 + 1e-9)).all() if half else within(column, text).all()
        assert len(np.unique(column)) > 3900


@pytest.mark.parametrize("name", [n for n, (_, drawn) in RELATIONS.items() if drawn.relation.constraints])
def test_draws_reproduce_the_papers_other_numbers(name: str) -> None:
    drawn = RELATIONS[name][1]
    for constraint in drawn.relation.constraints:
        assert within(derived(drawn.form, constraint)[1:], constraint.printed).all(), constraint


ASKED: list[tuple[str, dict[str, Any]]] = [
    *(("loss", {"params": params}) for params in (1e5, 1e9, 1e13)),
    *(("loss", {"tokens": tokens}) for tokens in (1e8, 1e13)),
    *(("loss", {"compute": compute}) for compute in (1e16, 1e21, 1e27)),
    ("loss", {"params": 7e9, "tokens": 1e12}),
    ("loss", {"params": 1e8, "part": "text"}),
    *(("optimal", {"compute": compute}) for compute in (1e16, 1e21, 1e27)),
    ("target", {"kl": 0.1}),
    ("target", {"loss": 4.5}),
    ("allocate", {"params": 1e9, "compute": 1e21}),
    ("isoflop", {"compute": 1e21, "points": 5}),
    ("frontier", {"compute_min": 1e18, "compute_max": 1e25, "points": 5}),
    ("repeat", {"params": 1e9, "unique_tokens": 1e10, "epochs": 4}),
    ("lifetime", {"kl": 0.2, "inference_tokens": 1e12}),
    ("batch", {"loss": 2.5}),
    *(("loss", {"params": params, "experts": 64}) for params in (1e7, 1e9, 1e11)),
    *(("loss", {"params": params, "tokens": 1e11, "granularity": 8}) for params in (1e7, 1e9, 1e11)),
    *(("loss", {"params": params, "tokens": 1e11, "sparsity": 0.75}) for params in (1e7, 1e9, 1e11)),
    *(("transfer", {"params": params, "finetune_characters": 3e5}) for params in (1e6, 4e7, 1e9)),
    *(("information_gain", {"params": params}) for params in (1e3, 1e4, 1e6)),
    *(("shape", {"params": params, "tokens": 1e11}) for params in (1e7, 1e9, 1e11, 1e12)),
    *(("quantise", {"params": n, "tokens": 1e11, "quantised_bits": 4, "known_tokens": 1e10}) for n in (1e7, 1e9, 1e11)),
    *(
        ("loss", {"params": n, "tokens": 1e11, "active_params": n / 8, "active_experts": 7, "shared_share": 0.3})
        for n in (1e9, 1e10, 1e11)
    ),
]


def answers(law: Law) -> Iterator[Answer]:
    alone = Laws(law.relations.values(), "")  # a refusal then asks no other law whether it could
    for question, inputs in ASKED:
        with contextlib.suppress(NotUnderstood, Unanswerable):
            yield ask(question, alone, domain=law.domain.id, law=law.id, **inputs)


@pytest.mark.parametrize("law", list(shipped()), ids=lambda law: f"{law.id}/{law.domain.id}")
def test_headline_lies_in_its_interval(law: Law) -> None:
    """low ≤ headline ≤ high in every field that has an interval; an end that is missing has its reason in the warnings."""
    rows = [row for answer in answers(law) for row in answer.records()]
    assert len(rows) >= 3
    for row in rows:
        for field in [name.removesuffix("_low") for name in row if name.endswith("_low")]:
            low, central, high = (row[f"{field}{end}"] for end in ("_low", "", "_high"))
            if low is None or high is None:
                assert row["warnings"]
            else:
                assert low <= central <= high, field

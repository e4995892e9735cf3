"""Identities that answers must satisfy, whatever the law: inverses, minima, limits, columns against single questions."""

import contextlib
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitted_laws import NotFound, NotUnderstood, Unanswerable, ask
from fitted_laws.asking import reading
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.asking.reading import read_inputs
from fitted_laws.catalogue import shipped
from fitted_laws.questions.registry import QUESTIONS

BUDGETS = st.floats(min_value=18, max_value=27).map(lambda exponent: 10.0**exponent)
SURFACES = ["besiroglu-2024", "hoffmann-2022", "hoffmann-2022-rounded", "muennighoff-2023"]
FRONTIERS = [(law.domain.id, law.id) for law in shipped() if law.has("frontier") and law.has("allocation")]


CONDITIONAL = {
    "epochs",
    "effective_tokens",
    "unique_tokens",
    "flops_per_token",
    "batch_kind",
    "limit",
    "infogain",
    "probability_ceiling",
    "params",
    "tokens",
    "loss",
    "comparable",
    "downstream_loss",
    "downstream_error",
    "downstream_error_46",
    "critical_tokens",
    "dense_params",
    "training_accelerator_hours",
    "inference_accelerator_hours",
    "training_cost",
    "inference_cost",
    "cost",
    "feed_forward",
    "vocabulary",
    "vocabulary_params",
}
"""Fields that answers hold only for some inputs or laws: a limit, a text loss, a probability, a deadline, a vocabulary, an accelerator."""


@pytest.mark.parametrize("law", SURFACES)
@settings(max_examples=20)
@given(compute=BUDGETS)
def test_target_undoes_optimal(law: str, compute: float) -> None:
    """`target(optimal(C).loss).compute` is C to 1e-9, on surfaces."""
    best = ask("optimal", domain="language", law=law, compute=compute)
    back = ask("target", domain="language", law=law, loss=best.loss)
    assert back.compute == pytest.approx(compute, rel=1e-9)
    assert back.params == pytest.approx(best.params, rel=1e-9)
    assert back.tokens == pytest.approx(best.tokens, rel=1e-9)


@pytest.mark.parametrize(("domain", "law"), FRONTIERS)
def test_target_undoes_printed_frontiers(domain: str, law: str) -> None:
    """The same where the paper printed L(C) and N_opt(C); the loss loses digits to its irreducible part."""
    best = ask("optimal", domain=domain, law=law, compute=1e21)
    assert ask("target", domain=domain, law=law, loss=best.loss).compute == pytest.approx(1e21, rel=1e-9)


@pytest.mark.parametrize("law", SURFACES)
@settings(max_examples=20)
@given(compute=BUDGETS, ratio=st.floats(min_value=0.2, max_value=5).filter(lambda r: abs(r - 1) > 1e-3))
def test_the_optimum_is_a_minimum(law: str, compute: float, ratio: float) -> None:
    """Any other size at the same budget reaches a higher loss, and costs more compute for its own."""
    best = ask("optimal", domain="language", law=law, compute=compute)
    other = ask("allocate", domain="language", law=law, params=best.params * ratio, compute=compute)
    assert other.loss > best.loss
    assert other.compute_overhead > 1
    assert other.optimal_loss == pytest.approx(best.loss, rel=1e-12)


@pytest.mark.parametrize("law", SURFACES)
def test_isoflop_curves_have_one_minimum(law: str) -> None:
    """Falling, then rising; the least loss stands at the optimum, in the middle."""
    curve = ask("isoflop", domain="language", law=law, compute=1e22, points=41)
    steps = np.sign(np.diff(curve["loss"]))
    assert list(steps) == [-1.0] * 20 + [1.0] * 20
    best = ask("optimal", domain="language", law=law, compute=1e22)
    assert curve["params"][20] == pytest.approx(best.params, rel=1e-12)
    assert curve["compute_overhead"][20] == pytest.approx(1, abs=1e-9)


def test_the_basin_costs_one_per_cent() -> None:
    """params_min and params_max reach the optimal loss at 1.01 times the compute, within 1e-9."""
    best = ask("optimal", domain="language", law="besiroglu-2024", compute=1e22)
    for params in (best.params_min, best.params_max):
        held = ask("target", domain="language", law="besiroglu-2024", loss=best.loss, params=params)
        assert held.compute == pytest.approx(1.01e22, rel=1e-9)


def test_any_two_of_three_are_one_question() -> None:
    """params with tokens, params with compute and tokens with compute agree where C = 6ND."""
    both = ask("loss", domain="language", params=7e10, tokens=1.4e12)
    for given_ in ({"params": 7e10, "compute": 5.88e23}, {"tokens": 1.4e12, "compute": 5.88e23}):
        assert ask("loss", domain="language", **given_).loss == pytest.approx(both.loss, rel=1e-14)
    with pytest.raises(NotUnderstood, match="within 1 %"):
        ask("loss", domain="language", params=7e10, tokens=1.4e12, compute=6e23)


def test_limits_are_approached() -> None:
    """L(N) alone is the limit of L(N, D) for D → ∞, and says so."""
    limit = ask("loss", domain="language", params=7e10)
    assert limit.limit == "tokens → ∞"
    assert ask("loss", domain="language", params=7e10, tokens=1e29).loss == pytest.approx(limit.loss, rel=1e-6)


def test_served_tokens_of_zero_are_plain_training() -> None:
    """`lifetime` without inference is `target` to 1e-9; with it, it meets its first-order condition."""
    plain = ask("target", domain="language", law="besiroglu-2024", loss=2.0)
    free = ask("lifetime", domain="language", law="besiroglu-2024", loss=2.0, inference_tokens=0)
    for name in ("params", "tokens", "compute"):
        assert free[name] == pytest.approx(plain[name], rel=1e-9)
    served = ask("lifetime", domain="language", law="besiroglu-2024", loss=2.0, inference_tokens=1e12)
    pull = ask(
        "diagnose",
        domain="language",
        law="besiroglu-2024",
        params=served.params,
        tokens=served.tokens,
        observed_loss=2.0,
    )
    assert pull.params_sensitivity / pull.tokens_sensitivity == pytest.approx(1 + 1e12 / (3 * served.tokens), rel=1e-9)


@pytest.mark.parametrize(("params", "same"), [(1e9, True), (4e9, False)])
def test_one_epoch_is_fresh_data_up_to_the_matched_size(params: float, same: bool) -> None:
    """`repeat` at one epoch is the additive law for params ≤ .051 × unique tokens, and above it beyond."""
    once = ask("repeat", domain="language", params=params, unique_tokens=2.5e10, epochs=1)
    fresh = ask("loss", domain="language", law="muennighoff-2023", params=params, tokens=2.5e10)
    assert (once.loss == pytest.approx(fresh.loss, rel=1e-12)) is same
    assert once.loss >= fresh.loss * (1 - 1e-12)


def test_pinning_keeps_the_ends_of_the_fitted_range() -> None:
    """A pinned L∞ gives new x0 and alpha, not a shift: the law's values at both ends of its range stay."""
    law = next(x for x in shipped() if x.id == "henighan-2020" and x.domain.id == "image-32x32")
    low, high = law.first.ranges["params"]
    for params in (low, high):
        free = ask("loss", domain="image-32x32", params=params)
        pinned = ask("loss", domain="image-32x32", params=params, irreducible_loss=2.1)
        assert pinned.loss == pytest.approx(free.loss, rel=1e-9)
        assert pinned.irreducible_loss == 2.1
    with pytest.raises(Unanswerable, match="solved again on its runs"):
        ask("loss", domain="language", law="besiroglu-2024", params=1e9, tokens=1e10, irreducible_loss=1.7)


@pytest.mark.parametrize("name", [n for n, q in QUESTIONS.items() if not q.curve and n != "crossover"])
def test_columns_equal_single_questions_to_the_last_bit(name: str) -> None:
    """A column of 300 rows, more than one chunk, gives what each row gives alone."""
    question = QUESTIONS[name]
    numeric = [
        e.name for e in inputs_of(question).values() if e.numeric and not e.option and e.name in question.example
    ]
    single = ask(name, **question.example)
    columns = ask(name, **{**question.example, **{n: [question.example[n]] * 300 for n in numeric}})
    for field, value in columns.plain().items():
        assert len(value) == 300
        assert value[0] == value[-1] == single.plain()[field], field


def test_rows_that_differ_equal_single_questions() -> None:
    """Different budgets in one column: every field of every row as alone."""
    budgets = [1e19, 3.3e21, 5.76e23, 1e25]
    columns = ask("optimal", domain="language", compute=budgets).plain()
    for i, compute in enumerate(budgets):
        alone = ask("optimal", domain="language", compute=compute).plain()
        assert {name: values[i] for name, values in columns.items()} == alone


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_is_declared_whole(name: str) -> None:
    """A docstring that ends in a question mark, a headline that comes first, an example whose inputs exist."""
    question = QUESTIONS[name]
    assert (question.__doc__ or "").split("\n\n")[0].rstrip().endswith("?")
    assert question.answers
    assert {"domain"} < set(question.example) <= set(inputs_of(question))
    assert not any(isinstance(v, list | dict) for v in question.example.values())
    answer = ask(name, **question.example)
    first = next(iter(answer.columns))
    assert isinstance(answer.column(first)[0], float)
    assert answer.headline == first == question.headline
    for field in question.answers:
        assert field in answer.columns or field in CONDITIONAL, field


@pytest.mark.parametrize("name", QUESTIONS)
def test_intervals_hold_the_headline_and_grow_with_the_level(name: str) -> None:
    """low ≤ value ≤ high for every field with an interval, and 99 % is no narrower than 50 %."""
    example = QUESTIONS[name].example
    narrow, wide = (ask(name, **example, level=level) for level in (0.5, 0.99))
    for field in [f.removesuffix("_low") for f in wide.columns if f.endswith("_low")]:
        for i in range(wide.size):
            ends = [
                answer.column(f"{field}{end}")[i]
                for answer, end in ((wide, "_low"), (narrow, "_low"), (wide, ""), (narrow, "_high"), (wide, "_high"))
            ]
            if None not in ends:
                assert ends == sorted(ends), field


def test_extrapolation_names_the_largest_distance() -> None:
    """8B on 15T lies 1.86 decades beyond Chinchilla's compute and .74 beyond its tokens a parameter."""
    far = ask("loss", domain="language", law="besiroglu-2024", params="8B", tokens="15T")
    assert far.extrapolation == pytest.approx(1.86, abs=0.005)
    assert far.extrapolation_in == "compute"
    near = ask("loss", domain="language", law="besiroglu-2024", params="1B", tokens="20B")
    assert near.extrapolation == 0
    assert near.extrapolation_in is None


def test_all_laws_answer_side_by_side_and_losses_say_they_do_not_compare() -> None:
    """`law=all` gives a row a law that can; allocations spread, losses are marked."""
    rows = ask("optimal", domain="language", law="all", compute=1e22).rows
    assert len({row["law"] for row in rows}) == len(rows) >= 6
    assert all(row["comparable"] is False for row in rows)


def test_what_cannot_be_answered_names_what_can() -> None:
    """Unknown names offer the nearest; an incapable law names the capable ones; a floor is told."""
    with pytest.raises(NotFound, match="nearest: language"):
        ask("optimal", domain="langauge", compute=1e21)
    with pytest.raises(NotFound, match="besiroglu-2024"):
        ask("optimal", domain="language", law="besiroglu", compute=1e21)
    with pytest.raises(NotFound, match="optimal"):
        ask("optimum", domain="language", compute=1e21)
    with pytest.raises(Unanswerable, match="laws that can: besiroglu-2024"):
        ask("isoflop", domain="language", law="kaplan-2020", compute=1e21)
    with pytest.raises(Unanswerable, match=r"not above the irreducible loss 1\.8172"):
        ask("target", domain="language", loss=1.8172)
    with pytest.raises(Unanswerable, match="no irreducible loss"):
        ask("target", domain="language", law="kaplan-2020", kl=0.1)


@pytest.mark.parametrize(
    "value", [0, -1, 5e-324, math.nan, math.inf, 10**400, True, None, "70 potatoes", "", [], [1e21, None], {"a": 1}]
)
def test_bad_values_are_refused_by_name(value: object) -> None:
    """Whatever is no budget names the input at fault."""
    with pytest.raises(NotUnderstood) as refused:
        ask("optimal", domain="language", compute=value)
    assert refused.value.faults[0].field in ("compute", "compute[1]")


@settings(max_examples=60)
@given(params=st.floats(min_value=1, max_value=1e30), tokens=st.floats(min_value=1, max_value=1e30))
def test_answers_are_finite_everywhere(params: float, tokens: float) -> None:
    """Over the whole range of inputs an answer holds finite numbers or null, or is refused in words."""
    try:
        answer = ask("loss", domain="language", params=params, tokens=tokens)
    except Unanswerable:
        return
    assert all(math.isfinite(v) for v in answer.plain().values() if isinstance(v, float))


@pytest.mark.parametrize(
    ("question", "inputs", "refusal"),
    [
        (
            "plan",
            {"compute": 1e21, "deadline_days": 3, "accelerator": "H100", "count": 8, "mfu": 0.4},
            "one of compute, params with tokens",
        ),
        ("information_gain", {"params": 1e6, "mutual_information": 8}, "exactly one of params, mutual_information"),
        ("compare", {"other": "kaplan-2020"}, "the budget at which the other law's loss"),
        ("compare", {"observed_loss": 2}, "params and tokens of the run"),
    ],
)
def test_inputs_that_exclude_each_other_are_refused_before_any_law_is_looked_for(
    question: str, inputs: dict[str, object], refusal: str
) -> None:
    """Also where there is no such domain; of inputs that go together the domain is refused."""
    with pytest.raises(NotUnderstood, match=refusal):
        ask(question, domain="martian", **inputs)
    with pytest.raises(NotFound, match="no domain 'martian'"):
        ask(question, **{**QUESTIONS[question].example, "domain": "martian"})


def test_what_needs_no_law_is_answered_without_one() -> None:
    """Whatever law is asked for: the answer names none and holds no interval."""
    for question in ("convert", "position", "information_gain"):
        answer = ask(question, **{**QUESTIONS[question].example, "law": "kaplan-2020"})
        assert answer.law is None
        assert answer.interval_source is None


def test_to_name_who_could_costs_no_column() -> None:
    """A refused option names a law that can by asking it one row, not every row of the column."""
    asked = {"domain": "language", "compute": [1e12 + row for row in range(1500)], "interval": "run"}

    def seconds(**law: str) -> float:
        began = time.thread_time()
        with contextlib.suppress(Unanswerable):
            ask("optimal", **asked, **law)
        return time.thread_time() - began

    with pytest.raises(Unanswerable, match="laws that can: sweep-2026-language"):
        ask("optimal", **asked)
    assert seconds() < seconds(law="sweep-2026-language") / 4


def test_a_key_is_not_kept_among_texts_that_were_read() -> None:
    """Names of domains and laws are read once; what opens a service is forgotten with its request."""
    read_inputs(QUESTIONS["optimal"], {"domain": "language", "compute": "1e21", "key": "a key of somebody"})
    before = reading.word_read.cache_info().currsize
    read_inputs(QUESTIONS["optimal"], {"domain": "language", "compute": "1e21", "key": "another key"})
    assert reading.word_read.cache_info().currsize == before

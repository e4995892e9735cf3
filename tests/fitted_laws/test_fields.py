"""`fields` and `interval=none`: what is shown and what is drawn change, the numbers never."""

import csv
import io
import time

import pytest

from fitted_laws import Answer, Laws, NotUnderstood, Problem, ask
from fitted_laws.__main__ import main
from fitted_laws.answers.terminal import as_table
from fitted_laws.asking import answering
from fitted_laws.asking.fields import known_fields
from fitted_laws.catalogue import load, shipped
from fitted_laws.questions import QUESTIONS, registry
from fitted_laws.solving.solution import nulled

BUDGET = {"domain": "language", "compute": 1e21}
FEW = load(draws=200, check=False)
LAWS = [pytest.param(law, id=f"{law.domain.id}-{law.id}") for law in shipped()]
BESIDE = {"law", "reach", "warnings", "catalogue"}


def answers_of(law, **options) -> dict[str, Answer]:
    """What the law answers to the example of each question that it can, with few draws."""
    found = {}
    for name, question in QUESTIONS.items():
        inputs = {**question.example, "domain": law.domain.id, "law": law.id, **options}
        try:
            found[name] = answering.answer(registry.read(name, inputs), FEW)
        except Problem:
            continue
    return found


@pytest.mark.parametrize("law", LAWS)
def test_no_interval_changes_no_number_and_no_field(law) -> None:
    """Every law and question: ends are null, all else is the same to the bit, but what is said of the interval; each field can be named."""
    whole, without = answers_of(law), answers_of(law, interval="none")
    assert whole.keys() == without.keys()
    for name, answer in whole.items():
        other = without[name]
        assert {*answer.columns, "interval"} == set(other.columns)
        assert set(answer.columns) <= set(known_fields(QUESTIONS[name]))
        for field in answer.columns.keys() - {"warnings", "interval_source"}:
            expected = [None] * answer.size if field.endswith(("_low", "_high")) else answer.column(field)
            assert other.column(field) == expected, (name, field)


@pytest.mark.parametrize("name", [name for name in QUESTIONS if not QUESTIONS[name].lawless])
def test_the_headline_is_the_same_whatever_is_asked_of_its_interval(name) -> None:
    question = QUESTIONS[name]
    options = ({"level": 0.5}, {"interval": "none"}, {"fields": question.headline}, {"fields": f"{question.headline}"})
    example, head = question.example, question.headline
    heads = [ask(name, **example, **option).column(head) for option in ({}, *options)]
    assert all(values == heads[0] for values in heads)


def test_named_ends_are_those_of_the_whole_answer() -> None:
    """Also where one follows from another field, which is not named."""
    whole = ask("optimal", **BUDGET)
    for name in ("params_low", "tokens_high", "tokens_per_param_low", "perplexity_high", "loss_bits_low"):
        assert ask("optimal", **BUDGET, fields=name)[name] == whole[name]


def test_an_answer_has_the_named_fields_first_and_what_they_rest_on() -> None:
    answer = ask("optimal", **BUDGET, fields="loss,params,params_low")
    assert list(answer) == ["loss", "params", "params_low", "law", "reach", "warnings", "catalogue"]
    with pytest.raises(AttributeError, match="no 'tokens'"):
        _ = answer.tokens


def test_each_row_of_a_curve_and_of_several_laws_has_them() -> None:
    for answer in (
        ask("frontier", **QUESTIONS["frontier"].example, fields="compute,params"),
        ask("optimal", **BUDGET, law="all", fields="params"),
    ):
        assert all(set(answer.fields) <= row.keys() for row in answer["rows"])
        assert not any("tokens" in row or "loss" in row for row in answer["rows"])


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ("params,los", "did you mean loss?"),
        ("wheels", "fields of optimal"),
        ("params,params", "each field once"),
        ("params,", "a text"),
        ("", "a text"),
    ],
)
def test_unknown_and_repeated_fields_are_refused(fields, says) -> None:
    with pytest.raises(NotUnderstood, match="fields: expected") as refusal:
        ask("optimal", **BUDGET, fields=fields)
    assert says in refusal.value.detail


def test_a_field_that_this_answer_lacks_is_null_and_says_so() -> None:
    answer = ask("loss", domain="image-8x8", params=1e6, fields="loss,perplexity")
    assert answer.perplexity is None
    assert "perplexity is null: this answer has none" in answer.warnings


def test_nothing_is_drawn_where_no_end_is_shown() -> None:
    """More draws than any memory holds: whoever touches one fails."""
    endless: Laws = load(draws=10**15, check=False)
    with pytest.raises((MemoryError, ValueError)):
        ask("optimal", laws=endless, **BUDGET)
    for option in ({"interval": "none"}, {"fields": "params,loss"}):
        for law in ("besiroglu-2024", "hoffmann-2022", "kaplan-2020"):
            assert (
                ask("optimal", laws=endless, **BUDGET, law=law, **option).params
                == ask("optimal", **BUDGET, law=law).params
            )


@pytest.mark.parametrize(("name", "times"), [("optimal", 2), ("target", 5), ("lifetime", 5), ("allocate", 5)])
def test_a_column_without_intervals_takes_a_part_of_the_time(name, times) -> None:
    """Nothing is drawn or sorted, so its rows are solved at once; of the draws of `optimal` few are touched anyway."""
    column = {**QUESTIONS[name].example, **COLUMNS[name]}
    whole, quick = (registry.read(name, {**column, "interval": interval}) for interval in ("mean", "none"))
    assert times * seconds(quick) < seconds(whole)


COLUMNS = {
    "optimal": {"compute": [1e20, 1e21, 1e22, 1e23] * 50},
    "target": {"kl": [0.1, 0.2, 0.3, 0.4] * 50},
    "lifetime": {"loss": [2.0, 2.1, 2.2, 2.3] * 50},
    "allocate": {"params": [1e9, 1e10, 1e11, 1e12] * 50},
}


def seconds(question) -> float:
    """The least processor time that three answers took, one each: what others do on the machine adds to none of it."""
    taken = []
    for _ in range(3):
        start = time.thread_time()
        answering.answer(question, shipped())
        taken.append(time.thread_time() - start)
    return min(taken)


def test_a_probability_follows_from_draws() -> None:
    with pytest.raises(NotUnderstood, match="beside probability"):
        ask("target", domain="language", loss=2.0, probability=0.9, interval="none")
    surely = {"domain": "language", "loss": 2.0, "probability": 0.9}
    assert ask("target", **surely, fields="compute").compute == ask("target", **surely).compute


def test_columns_hold_them_as_single_answers_do() -> None:
    budgets = [1e20, 1e21, 1e22]
    columns = ask("optimal", domain="language", compute=budgets, fields="params,params_high", interval="mean")
    alone = [ask("optimal", domain="language", compute=budget) for budget in budgets]
    assert columns.column("params_high") == [answer.params_high for answer in alone]
    bare = ask("optimal", domain="language", compute=budgets, interval="none")
    assert nulled(bare.columns["params"]) == [answer.params for answer in alone]


def test_a_table_has_exactly_the_named_fields() -> None:
    lines = as_table(ask("frontier", **QUESTIONS["frontier"].example, fields="compute,loss")).splitlines()
    assert lines[1].split("  ")[0] == "compute, FLOP"
    assert lines[1].split("  ")[-1] == "loss, nats/token"


def test_rows_of_a_file_have_exactly_the_named_fields(tmp_path, capsys) -> None:
    table = tmp_path / "budgets.csv"
    table.write_text("compute\n1e21\n1e22\n")
    assert main(["optimal", "--domain", "language", "--rows", str(table), "--fields", "loss,params"]) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows[0] == ["loss", "params", "error"]
    assert float(rows[1][1]) == ask("optimal", **BUDGET).params


def test_one_number_is_asked_by_field(capsys) -> None:
    words = ["optimal", "--domain", "language", "--compute", "1e21", "--format", "txt", "--fields", "loss"]
    assert main(words) == 2
    assert "`field`" in capsys.readouterr().err


@pytest.mark.parametrize("name", [name for name in QUESTIONS if not QUESTIONS[name].lawless])
def test_one_field_alone_is_that_of_the_whole_answer(name) -> None:
    """What `.txt` gives: every field, ends and warnings too, has the bits that it has among all."""
    question = QUESTIONS[name]
    whole = answering.answer(registry.read(name, question.example), shipped())
    for field in whole.columns:
        alone = answering.answer(registry.read(name, {**question.example, "field": field}), shipped(), one_field=True)
        assert alone.column(field) == whole.column(field), field


def test_one_field_alone_draws_nothing_that_it_does_not_show() -> None:
    asked = {**BUDGET, "law": "henighan-2020"}
    alone = answering.answer(registry.read("optimal", asked), load(), one_field=True)
    assert alone.column("params_high") == alone.column("loss_high") == [None]
    assert alone.fields is None


def test_lists_are_read_with_spaces_and_in_capitals() -> None:
    """As people type them into a cell: the same question, to its digest."""
    plain = ask("optimal", **BUDGET, law="besiroglu-2024,hoffmann-2022", fields="law,params_low,params")
    typed = ask("optimal", **BUDGET, law=" Besiroglu-2024 , hoffmann-2022", fields="law, params_low,  Params ")
    assert typed == plain
    with pytest.raises(NotUnderstood, match="fields: expected"):
        ask("optimal", **BUDGET, fields="law, , params")

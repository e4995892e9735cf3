"""The workbook without the service: what it calculates by itself is what the service answers, for every law of its table."""

import itertools
import re
from typing import Any, Never

import pytest
from spreadsheet import Book, Calculator, Unavailable, read

from fitted_laws import Problem, ask
from fitted_laws.solving.optimum import SurfaceOptimum, optimum, surface_in
from service.workbook.planners import PLANNERS, Planner

SHEETS = {planner.question: planner for planner in PLANNERS}
TABLE = "coefficients"
ENOUGH = 0.95
"""The share of the service's ends that the tables hold, at least."""


def unreached(_) -> Never:
    raise Unavailable


@pytest.fixture(scope="module")
def content(client) -> bytes:
    return client.get("/workbook.xlsx").content


@pytest.fixture(scope="module")
def book(content) -> Book:
    return read(content)


@pytest.fixture(scope="module")
def listed(book) -> list[tuple[str, str]]:
    """Domain and id of each law of the table."""
    cells = book.sheets[TABLE]
    rows = itertools.takewhile(lambda row: f"D{row}" in cells, itertools.count(5))
    return [(cells[f"C{row}"].value, cells[f"D{row}"].value) for row in rows]


class Desk:
    """A workbook whose service is out of reach; its inputs are set sheet by sheet."""

    spans: dict[Any, Any] = {}  # noqa: RUF012 - what no input changes, kept for all

    def __init__(self, content) -> None:
        self.book = read(content)

    def answers(self, planner: Planner, **inputs) -> dict[str, Any]:
        """Fields of the sheet's answer, and their ends, as it calculates them from these inputs."""
        cells = self.book.sheets[planner.sheet]
        rows = {cell.value: int(place[1:]) for place, cell in cells.items() if place[0] == "B" and int(place[1:]) > 3}
        asked = {"domain": "language", "law": "default", "level": 0.9, **dict.fromkeys(planner.given), **inputs}
        for row, name in enumerate(("domain", "law", "level", *planner.given), 5):
            value = asked[name]
            cells[f"C{row}"].value = "" if value is None else float(value) if isinstance(value, int) else value
        calculator = Calculator(self.book, unreached)
        calculator.spans = self.spans
        first = rows["Answer"] + 1
        found = {"reach": calculator.shown(planner.sheet, f"C{first}")}
        for row, field in enumerate(planner.answers, first + 1):
            for column, end in (("C", ""), ("D", "_low"), ("E", "_high")):
                if f"{column}{row}" in cells and cells[f"{column}{row}"].formula:
                    found[f"{field}{end}"] = calculator.shown(planner.sheet, f"{column}{row}")
        return found


@pytest.fixture(scope="module")
def desk(content) -> Desk:
    return Desk(content)


def test_the_table_holds_the_additive_laws(listed, laws) -> None:
    """Every surface that is additive without further inputs and without a forecast, and nothing that is no surface."""
    plain = []
    for domain in laws.domains:
        for law in laws.of(domain.id):
            surface = surface_in(law)
            if surface is None or surface.relation.forecast is not None:
                continue
            try:
                additive = isinstance(optimum(law), SurfaceOptimum)
            except Problem:
                continue
            if additive:
                plain.append((domain.id, law.id))
    assert len(plain) > 10
    assert set(plain) <= set(listed)
    for domain, id in listed:
        assert surface_in(next(law for law in laws.of(domain) if law.id == id)) is not None


def budgets_of(book, row) -> list[float]:
    """Budgets at which the law of a row of the table is asked: inside its fit, and beyond."""
    cells = book.sheets[TABLE]
    low, high = (cells[f"{column}{row}"].value for column in ("J", "K"))
    low, high = (low, high) if isinstance(low, float) else (3e18, 3e21)
    return [1.7 * low, (low * high) ** 0.5, 47 * high]


def compared(found, wanted, counted) -> None:
    """Numbers equal to 1e-9; ends, where there are any, within 3 % of the interval's width."""
    for field, value in found.items():
        expected = wanted.get(field)
        stem = field.removesuffix("_low").removesuffix("_high")
        if stem != field:
            if value is None or expected is None:
                counted[expected is None] += expected is not None
                continue
            width = wanted[f"{stem}_high"] - wanted[f"{stem}_low"]
            assert value == pytest.approx(expected, abs=0.03 * width), field
            counted[1] += 1
        elif isinstance(expected, float):
            assert value == pytest.approx(expected, rel=1e-9), field
        elif field == "reach":
            assert value == expected


RENTED = (
    {},
    {"accelerator": "H100", "mfu": 0.4},
    {"accelerator": "H100", "mfu": 0.4, "price_per_hour": 2.0},
    {
        "accelerator": "A100",
        "mfu": 0.37,
        "price_per_hour": 1.5,
        "inference_accelerator": "H200",
        "inference_mfu": 0.15,
        "inference_price_per_hour": 3.0,
    },
)
"""Accelerators and prices of training and serving, as far as they are given."""


@pytest.mark.parametrize("question", ["optimal", "loss", "target", "plan", "lifetime"])
def test_every_law_says_what_the_service_says(question, book, desk, listed, laws) -> None:
    """In each question, inside the fit and beyond it: numbers, reach, and the ends of the tables."""
    planner, counted = SHEETS[question], [0, 0]
    by_id = {(law.domain.id, law.id): law for law in laws}
    for row, (domain, id) in enumerate(listed, 5):
        for compute in budgets_of(book, row):
            law = {"domain": domain, "law": id}
            best = ask("optimal", laws, **law, compute=compute)
            inputs = {
                "optimal": {"compute": compute},
                "loss": {"params": 1.4 * best.params, "tokens": best.tokens / 2.1},
                "target": {"loss": best.loss},
                "plan": {
                    "accelerator": "A100",
                    "count": 16,
                    "mfu": 0.37,
                    "price_per_hour": 1.5,
                    "deadline_days": compute / (86400 * 16 * 0.37 * 312e12),
                    **({"overhead": 0.2, "pue": 1.3, "price_per_kwh": 0.11} if row % 2 else {}),
                },
                "lifetime": {
                    "kl": best.reducible_loss,
                    "inference_tokens": 30 * best.tokens,
                    **RENTED[row % len(RENTED)],
                },
            }[question]
            if question == "plan" and not 1e-4 < inputs["deadline_days"] < 1e6:
                continue
            wanted = ask(question, laws, **law, **inputs).plain()
            with_table = surface_in(by_id[domain, id]).relation.forecast is None
            compared(desk.answers(planner, **law, **inputs), wanted, counted if with_table else [0, 0])
    if question != "lifetime":
        assert counted[1] > ENOUGH * sum(counted)


@pytest.mark.parametrize(
    "inputs",
    [{"kl": 0.4}, {"loss": 2.4, "params": 3e9}, {"loss": 2.4, "tokens": 1e11}, {"kl": 0.5, "params": 2e9}],
)
def test_other_ways_to_a_target(desk, laws, inputs) -> None:
    """By the KL, or with a size or tokens held."""
    wanted = ask("target", laws, domain="language", **inputs).plain()
    found = desk.answers(SHEETS["target"], **inputs)
    assert found["compute"] == pytest.approx(wanted["compute"], rel=1e-9)
    compared(found, wanted, [0, 0])


@pytest.mark.parametrize("inputs", [{"params": "1B", "compute": 1e21}, {"tokens": 3e10, "compute": 1e21}])
def test_any_two_of_size_tokens_and_compute(desk, laws, inputs) -> None:
    """The third follows."""
    compared(desk.answers(SHEETS["loss"], **inputs), ask("loss", laws, domain="language", **inputs).plain(), [0, 0])


@pytest.mark.parametrize("served", [1.0, 1e9, 1e15, 1e20])
def test_newtons_rows_reach_the_root(desk, laws, served) -> None:
    """However little or much is served."""
    wanted = ask("lifetime", laws, domain="language", loss=2.2, inference_tokens=served).plain()
    compared(desk.answers(SHEETS["lifetime"], loss=2.2, inference_tokens=served), wanted, [0, 0])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("70B", 7e10),
        ("1,4t", 1.4e12),
        ("2.5e23", 2.5e23),
        ("2,5E+23", 2.5e23),
        ("3 PF-days", 2.592e20),
        (" 1e22 ", 1e22),
    ],
)
def test_texts_are_read_without_the_service(desk, laws, text, number) -> None:
    """With a point or a comma, a suffix, an exponent or a unit."""
    found = desk.answers(SHEETS["optimal"], compute=text)
    assert found["params"] == pytest.approx(ask("optimal", laws, domain="language", compute=number).params, rel=1e-9)


@pytest.mark.parametrize(
    ("question", "inputs"),
    [
        ("optimal", {"compute": "3000 H100-days@40%"}),
        ("optimal", {"compute": 1e21, "law": "kaplan-2020"}),
        ("optimal", {"compute": 1e21, "domain": "image-32x32"}),
        ("optimal", {"compute": 1e21, "domain": "math", "law": "besiroglu-2024"}),
        ("target", {"loss": 2.3, "probability": 0.9}),
        ("target", {"loss": 2.3, "params": 1e9, "tokens": 1e10}),
    ],
)
def test_what_is_not_calculated_here_is_asked(desk, question, inputs) -> None:
    """Other laws, a probability, what only the service reads: without it there is no number, and never a wrong one."""
    planner = SHEETS[question]
    assert all(value is None for value in desk.answers(planner, **inputs).values())
    cells = desk.book.sheets[planner.sheet]
    (row,) = (place[1:] for place, cell in cells.items() if cell.value == "Calculated" and place[0] == "B")
    assert Calculator(desk.book, unreached).value(planner.sheet, f"C{row}").startswith("asked of the service")


def test_at_another_level_the_ends_are_asked(desk) -> None:
    """The tables hold one level; the numbers do not depend on it."""
    found = desk.answers(SHEETS["optimal"], compute=1e21, level=0.5)
    assert found["params"] is not None
    assert found["params_low"] is None


def test_formulas_that_calculate_hold_no_functions_of_few_programs(book) -> None:
    """What a sheet shows as calculated uses functions that every spreadsheet has: none with a prefix, no array formula."""
    common = {
        *(
            "ABS",
            "AND",
            "ASINH",
            "EXP",
            "FIND",
            "HYPERLINK",
            "IF",
            "IFERROR",
            "INDEX",
            "INT",
            "ISNUMBER",
            "LEFT",
            "LEN",
        ),
        *(
            "LN",
            "MATCH",
            "MAX",
            "MID",
            "NA",
            "NOT",
            "OR",
            "RIGHT",
            "ROUND",
            "SUBSTITUTE",
            "UPPER",
            "VALUE",
            "ENCODEURL",
        ),
    }
    from_service = {"WEBSERVICE", "NUMBERVALUE"}
    for sheet, place, cell in book.formulas():
        used = {
            name.removeprefix("_xlfn.") for name in re.findall(r"([A-Z_a-z.]+)\(", re.sub(r'"[^"]*"', "", cell.formula))
        }
        if "WEBSERVICE" in cell.formula or sheet == "links":
            continue
        assert used <= common, (sheet, place, used - common)
        assert not used & from_service


def test_scenarios_cost_what_plan_says(desk, laws) -> None:
    """The first scenario's compute, model, hours and money are those of the service's `plan` and `loss`."""
    cells = desk.book.sheets["scenarios"]
    rows = {cell.value: place[1:] for place, cell in cells.items() if place[0] == "B" and int(place[1:]) < 44}
    calculator = Calculator(desk.book, unreached)
    shown = {label: calculator.shown("scenarios", f"C{row}") for label, row in rows.items()}
    plan = ask(
        "plan",
        laws,
        domain="language",
        accelerator="H100",
        count=32,
        mfu=0.4,
        price_per_hour=2,
        deadline_days=7,
    )
    run = ask("loss", laws, domain="language", params=plan.params, tokens=plan.tokens)
    assert shown["Compute"] == pytest.approx(plan.compute, rel=1e-9)
    assert shown["Parameters"] == pytest.approx(plan.params, rel=1e-9)
    assert shown["Cost of accelerators"] == pytest.approx(plan.cost, rel=1e-9)
    assert shown["Energy"] == pytest.approx(1.2 * plan.energy_kwh, rel=1e-9)
    width = run.loss_high - run.loss_low
    assert shown["Loss, low"] == pytest.approx(run.loss_low, abs=0.03 * width)
    assert shown["Loss, high"] == pytest.approx(run.loss_high, abs=0.03 * width)


def test_tables_are_the_laws_and_the_bills(desk, laws) -> None:
    """A cell of each: the loss of a size and tokens, and the cost of a budget with a tenth of contingency."""
    calculator = Calculator(desk.book, unreached)
    size, tokens, loss = (calculator.value("tables", place) for place in ("B11", "E8", "E11"))
    assert loss == pytest.approx(ask("loss", laws, domain="language", params=size, tokens=tokens).loss, rel=1e-9)
    cells = desk.book.sheets["tables"]
    (head,) = (int(place[1:]) for place, cell in cells.items() if str(cell.value).startswith("MFU"))
    use, price, cost = (calculator.value("tables", place) for place in (f"B{head + 2}", f"D{head}", f"D{head + 2}"))
    bill = ask(
        "plan", laws, domain="language", accelerator="H100", count=8, mfu=use, price_per_hour=price, compute=1e22
    )
    assert cost == pytest.approx(1.1 * bill.cost, rel=1e-9)

"""Rows near each other are answered by the few draws that can be an end of an interval: the same ends, to the last bit, as by all of them."""

from typing import Any

import numpy as np
import pytest

from fitted_laws import Laws, Problem, ask, load
from fitted_laws.asking.by_law import in_blocks
from fitted_laws.laws.contenders import Ordering, contenders
from fitted_laws.laws.intervals import in_order, statistics
from fitted_laws.questions.registry import QUESTIONS
from fitted_laws.solving import near

SHIPPED = load(draws=300, check=False)
ROWS = 40
MANY = 2500
"""Draws of which a few rows at once are more than a processor keeps near."""
INPUTS: dict[str, tuple[str, ...]] = {"optimal": ("compute",), "loss": ("compute", "params", "tokens", "params tokens")}
WAYS = [(question, names) for question, several in INPUTS.items() for names in several]


def alone(law, question, draws=300, **inputs) -> Any:
    """The answer by a law that nobody has asked before: by all of its draws."""
    return ask(question, Laws(law.relations.values(), "", draws), domain=law.domain.id, law=law.id, **inputs).plain()


@pytest.mark.parametrize(("question", "names", "start"), [(*way, 1e21) for way in WAYS] + [(*WAYS[0], 1e9)])
def test_a_row_among_neighbours_is_the_row_alone(question, names, start) -> None:
    """By every law with draws, beyond the fit too."""
    rows = np.geomspace(start, 1.2 * start, ROWS)
    columns = {name: (rows if name == "compute" else np.sqrt(rows)).tolist() for name in names.split()}
    by_few = 0
    for law in SHIPPED:
        asked = {"domain": law.domain.id, "law": law.id, "level": 0.9 if law.id < "h" else 0.5}
        read = QUESTIONS[question](**asked, **{name: np.array(values) for name, values in columns.items()})
        try:
            together = ask(question, SHIPPED, **asked, **columns)
            few = any(block.known for block in in_blocks(read, law, read.solve_by(SHIPPED), near.pieces(read, law)))
        except Problem:
            continue
        by_few += few
        for row in (0, ROWS - 1) if few else ():
            one = alone(law, question, level=asked["level"], **{name: values[row] for name, values in columns.items()})
            for name in together.columns:
                if name.endswith(("_low", "_high")):
                    assert together.column(name)[row] == one[name], (law.id, name, row)
    assert by_few > 2


@pytest.mark.parametrize(("question", "names"), WAYS)
def test_questions_asked_one_by_one_are_answered_as_by_all_draws(question, names) -> None:
    """Also once the smaller pieces that they lie in are known, with fewer draws each."""
    near.kept.clear()
    rows = np.geomspace(1e21, 1.2e21, ROWS)
    laws = load(draws=MANY, check=False)
    for law in laws:
        if law.domain.id != "language" or law.first.source_checked == "own-runs":
            continue
        for number, row in enumerate(rows if names == "compute" else np.sqrt(rows)):
            inputs = dict.fromkeys(names.split(), float(row))
            try:
                found = ask(question, laws, domain="language", law=law.id, **inputs).plain()
            except Problem:
                break
            if number % 8 == 7:
                one = alone(law, question, MANY, **inputs)
                ends = [name for name in one if name.endswith(("_low", "_high"))]
                assert [found[name] for name in ends] == [one[name] for name in ends], law.id
    assert sum(place.step < near.STEP and found is not None for place, found in near.kept.items()) > 1


@pytest.mark.parametrize("level", [0.01, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("count", [40, 100, 1001, 4000])
def test_order_statistics_are_those_of_draws_in_order(count, level) -> None:
    """Draws without an answer come last, and count as infinite."""
    random = np.random.default_rng(count)
    for missing in (0, 1, count // 3, count):
        draws = random.standard_normal(count).round(2)
        draws[:missing] = np.nan
        found, ordered = statistics(draws, level), [*in_order(draws), np.nan]
        place = found.places
        expected = [ordered[place.low], ordered[place.low + 1], ordered[place.high], ordered[place.high + 1]]
        assert np.array_equal(found.ordered[::2], expected[::2], equal_nan=True)
        for weight, value, right in zip(
            (place.low_weight, place.high_weight), found.ordered[1::2], expected[1::2], strict=True
        ):
            assert not weight or value == right or (np.isnan(value) and np.isnan(right))
        assert found.nan == (missing > 0)


def test_contenders_give_the_order_statistics_of_all() -> None:
    """Of curves in between, each of which is a sum of powers."""
    random = np.random.default_rng(1)
    floor, scale, power = random.normal(2, 0.02, 2001), random.normal(5, 0.3, 2001), random.normal(0.15, 0.01, 2001)

    def curve(x) -> Any:
        return floor + scale * np.exp(-power * x)

    for left in range(30):
        found = contenders([curve(left / 4), curve((left + 1) / 4)], curve(left / 4 + 0.125), 0.9)
        assert found is not None
        assert len(found.rows) < 400
        ordering = Ordering({"": found}, 2001)
        for x in np.linspace(left / 4, (left + 1) / 4, 21):
            values = curve(x)
            by_few = ordering.statistics({"": values[:, None]}, 1)[""]
            assert by_few._replace(ordered=tuple(by_few.ordered)) == statistics(values[1:], 0.9)


def test_pieces_are_bounded(monkeypatch) -> None:
    """However many are asked about, at most so many are kept."""
    monkeypatch.setattr(near, "MOST_PIECES", 5)
    for decade in range(10, 25):
        ask("optimal", SHIPPED, domain="language", law="besiroglu-2024", compute=[10.0**decade] * 10)
    assert len(near.kept) <= 5

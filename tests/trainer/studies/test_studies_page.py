"""The page of reproductions: numbers as they are shown, with their intervals, a study's section, and what is written by hand beside them."""

import re
from pathlib import Path

import numpy as np
import pytest

from trainer.studies.page import section, table, with_intervals
from trainer.studies.registry import STUDIES
from trainer.studies.study import Finding, interval

PAGE = (Path(__file__).parents[3] / "docs" / "reproduction.md").read_text("utf-8")
BY_HAND, _, FROM_STUDIES = PAGE.partition(f"## {STUDIES['exponents'].title}\n")
QUOTED = {
    "R_D": "R_D* = # (# to #)",
    "best_aspect": "# (# to #) at 107,000 parameters",
    "lambda": "λ = # nats (# to #)",
    "lstm_compute_multiplier": "needs # times the compute (# to #)",
    "lstm_growth_with_size_at_50_retrained": "N^# for LSTMs",
    "lstm_dense_multiple_at_50_retrained": "# times the weights that remain (# to #)",
    "excess_from_scratch_over_tuned": "has # times its excess (# to #)",
    "images_to_10_percent_N": "fewer images, N^#",
    "times_the_images_from_scratch_to_10_percent": "takes # times as many (# to #)",
    "tuned_less_generative_N": "less generative model # (# to #)",
    "tuned_less_scratch_N": "less from scratch # (# to #)",
}
"""How a number, and mostly its ends, stand in the part by hand."""


def test_a_number_is_shown_with_its_interval() -> None:
    """In one place, whatever stands between; a number without both ends is shown alone, as are ends without a number."""
    shown = with_intervals({"x": 0.6067, "y": 1234.5, "x_low": 0.5, "x_high": 0.7, "y_low": 1000.0, "z_high": 2.0})
    assert shown == {"x": "0.6067 (0.5 to 0.7)", "y": "1,234", "y_low": "1,000", "z_high": "2"}
    assert with_intervals({"compute": 3.49e34, "params": 9.9e14}) == {
        "compute": "3.49e+34",
        "params": "990,000,000,000,000",
    }


def test_rows_have_a_column_a_quantity() -> None:
    """An interval is in its quantity's cell; who lacks a quantity has a dash there."""
    rows: list[dict[str, float | str]] = [
        {"domain": "math", "beta": 0.5, "beta_low": 0.25, "beta_high": 0.75},
        {"domain": "code", "beta_paper": 0.7},
    ]
    assert table(rows) == [
        "| domain | beta | beta paper |",
        "|---|---|---|",
        "| math | 0.5 (0.25 to 0.75) | – |",
        "| code | – | 0.7 |",
    ]
    assert table([]) == []


def test_a_section_says_what_was_found_and_how_to_find_it_again() -> None:
    """Title, finding, the paper's, the command, the plot, and each number once."""
    found = Finding(
        rows=[],
        numbers=interval("power", np.array([0.5, 0.5, 0.5])),
        says="It falls",
        draw=lambda _: None,
    )
    lines = section("position", found).splitlines()
    assert lines[0] == f"## {STUDIES['position'].title}"
    assert lines[2] == "It falls."
    assert lines[4].startswith("The paper: ")
    assert lines[6] == "`make reproduce STUDY=position`"
    assert [line.strip() for line in lines[9:] if line] == ["power = 0.5 (0.5 to 0.5)"]


@pytest.mark.parametrize("name", QUOTED)
def test_what_is_written_by_hand_is_what_studies_say(name: str) -> None:
    """Numbers that are quoted above the studies' sections are those of the sections, to the digits that are quoted."""
    shown = re.search(rf"^    {name} = (\S+) \((\S+) to (\S+)\)$", FROM_STUDIES, re.MULTILINE)
    quoted = re.search(re.escape(QUOTED[name]).replace(r"\#", r"([−\d.]*\d)"), BY_HAND)
    assert shown
    assert quoted
    for said, found in zip(quoted.groups(), shown.groups(), strict=False):
        digits = len(said.partition(".")[2])
        # an exponent that falls is written with its sign, and a number with few digits is rounded from more than are shown
        assert abs(float(said.replace("−", "-"))) == pytest.approx(abs(float(found)), abs=0.51 * 10**-digits)


def test_what_is_counted_by_hand_is_what_studies_count() -> None:
    """Domains whose β the paper's lies inside, that of language, and shares of readings held out."""
    inside, compared = re.findall(r"in our 90 % interval in (\d) of (\d) domains", FROM_STUDIES)[0]
    words = dict(enumerate(["none", "one", "two", "three", "four", "five", "six", "seven"]))
    assert f"inside our interval in {words[int(inside)]} domains of {words[int(compared)]}" in BY_HAND
    beta = re.findall(r"^\| language \|.*?\|.*?\| (\S+) \((\S+) to (\S+)\)", FROM_STUDIES, re.MULTILINE)[0]
    value, low, high = (f"{float(x):.2f}".removeprefix("0") for x in beta)
    assert f"β of language is {value} ({low} to {high})" in BY_HAND
    sizes, tokens, both = (
        int(x) for x in re.findall(r"(\d+) %", FROM_STUDIES[FROM_STUDIES.index("averaged over 17 sweeps") :])[:3]
    )
    assert f"{sizes} and {tokens} % are inside, averaged over 17 sweeps" in BY_HAND
    assert f"{both} % of held-out readings are inside" in BY_HAND
    high_by = re.findall(r"law of two cores was (\S+ to \S+ %) high", FROM_STUDIES)[0]
    assert f"forecasts {high_by} high" in BY_HAND

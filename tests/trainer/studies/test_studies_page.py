"""The page of reproductions: numbers as they are shown, with their intervals, and a study's section."""

import numpy as np

from trainer.studies.page import section, table, with_intervals
from trainer.studies.registry import STUDIES
from trainer.studies.study import Finding, interval


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

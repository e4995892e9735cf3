"""Curves as SVG: the same bytes each time, axes in plain numbers, and a line that says whose they are."""

import re

import pytest

from fitted_laws.plots.scale import ticks

FRONTIER = "/v1/frontier.svg?domain=language&compute_min=1e20&compute_max=1e24&points=9"


def labels(svg: str) -> list[str]:
    """The texts of a figure."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_the_same_curve_is_the_same_bytes(client) -> None:
    other = client.get("/v1/isoflop.svg?domain=language&compute=1e21").content
    first, second = (client.get(FRONTIER).content for _ in range(2))
    assert first == second != other
    assert b"http://www.w3.org" in first
    assert b"<script" not in first


def test_losses_are_plain_numbers_on_the_axis(client) -> None:
    said = labels(client.get(FRONTIER).text)
    assert {"2", "2.2", "2.4"} <= set(said)
    assert "10²⁰" in said
    assert not [text for text in said if "×" in text]


def test_one_law_is_cited(client) -> None:
    said = " ".join(labels(client.get(f"{FRONTIER}&law=kaplan-2020").text))
    assert "Kaplan et al. 2020, arXiv:2001.08361" in said


def test_several_laws_of_different_data_are_not_to_be_compared(client) -> None:
    assert "losses on different data do not compare" in labels(client.get(f"{FRONTIER}&law=all").text)
    sizes = labels(client.get(f"{FRONTIER}&law=all&field=params").text)
    assert "losses on different data do not compare" not in sizes


@pytest.mark.parametrize(("low", "high"), [(1.69, 2.7), (2.001, 2.002), (0.01, 0.05), (1e9, 8e9), (3, 40), (1e9, 1e14)])
def test_ticks_are_enough_and_inside(low, high) -> None:
    found = ticks(low, high, 7)
    assert 3 <= len(found) <= 9
    assert all(low * 0.999 <= tick <= high * 1.001 for tick in found)


@pytest.mark.parametrize("law", ["besiroglu-2024", "kaplan-2020", "all"])
def test_no_label_lies_over_another(client, law) -> None:
    """By the width of their letters: names of curves, ticks, titles."""
    svg = client.get(f"{FRONTIER}&law={law}").text
    boxes = []
    for attributes, text in re.findall(r"<text([^>]*)>([^<]*)</text>", svg):
        x, y = (float(re.search(rf'\b{name}="([-\d.]+)"', attributes)[1]) for name in "xy")
        wide = 6.2 * len(text)
        left = x - {"middle": wide / 2, "end": wide}.get(
            (re.search(r'text-anchor="(\w+)"', attributes) or [0, ""])[1], 0
        )
        boxes.append((left, y - 9, left + wide, y + 1, text))
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (one[4], other[4])


def test_a_plot_by_itself_has_both_schemes_and_no_variables(client) -> None:
    """For readers of SVG that know no variables."""
    svg = client.get(FRONTIER).text
    assert "prefers-color-scheme:dark" in svg
    assert "var(" not in svg
    assert "light-dark" not in svg

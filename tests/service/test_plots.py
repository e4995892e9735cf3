"""Curves as SVG: the same bytes each time, axes in plain numbers, and a line that says whose they are."""

import re

import pytest

from service.plots.curves import ticks

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
def test_ticks_are_few_and_inside(low, high) -> None:
    inside = [tick for tick in ticks(low, high).tick_values(low, high) if low <= tick <= high]
    assert 2 <= len(inside) <= 9

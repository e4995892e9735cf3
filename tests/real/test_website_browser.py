"""The site of the documents in a real browser, opened as files: readable at every width and in both schemes, and it asks nobody for anything."""

from collections.abc import Iterator

import pytest
from browser import CHROMIUM, Tab, accessibility_checker, browsing

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")]

PAGES = [
    "index.html",
    "tutorials/budget.html",
    "tutorials/sheet.html",
    "questions.html",
    "catalogue.html",
    "operations.html",
]


@pytest.fixture(scope="module")
def tab(tmp_path_factory) -> Iterator[Tab]:
    with browsing(tmp_path_factory.mktemp("browser")) as tab:
        yield tab


@pytest.fixture(scope="module")
def axe(tmp_path_factory) -> str:
    return accessibility_checker(tmp_path_factory.mktemp("axe"))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800, 390])
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing_and_nothing_hangs_over(tab, site, axe, page, width, dark) -> None:
    tab.look(width, dark=dark)
    tab.open((site / page).as_uri())
    assert tab.run("document.documentElement.scrollWidth") <= width
    assert tab.complaints == []
    assert all(address.startswith((site.as_uri(), "data:")) for address in tab.requested)
    tab.run(axe)
    found = tab.run(
        "axe.run().then(({ violations }) => violations.map((each) => [each.id, each.nodes.map((node) => node.html)]))"
    )
    assert found == []


def test_what_is_copied_is_what_is_typed(tab, site) -> None:
    """Without the prompt, and without what came back."""
    tab.look(1280)
    tab.open((site / "tutorials" / "budget.html").as_uri())
    tab.run(
        "Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { window.copied = text; } } })"
    )
    tab.run("document.querySelectorAll('.copy')[1].click()")
    lines = tab.wait("window.copied").split("\n")
    assert len(lines) == 3
    assert all(line.startswith("curl -s 'http://127.0.0.1:8000/v1/optimal.txt?") for line in lines)


def test_it_reads_without_scripts(tab, site) -> None:
    """Only the buttons that copy are missing."""
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.open((site / "tutorials" / "budget.html").as_uri())
        assert tab.run("document.querySelectorAll('.copy').length") == 0
        assert "2778459463…" in tab.run("document.querySelector('pre').innerText")
    finally:
        tab.call("Emulation.setScriptExecutionDisabled", value=False)

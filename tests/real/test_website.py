"""The site of the documents as `make docs` builds it: whole, without a request elsewhere, and readable in a real browser, opened as files."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from browser import CHROMIUM

from fitted_laws.questions.registry import QUESTIONS

pytest.importorskip("sphinx", reason="Sphinx comes with `make docs`, and with SLOW=1")
pytestmark = pytest.mark.slow
in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    "index.html",
    "install.html",
    "tutorials/budget.html",
    "notebooks/plan.html",
    "questions.html",
    "catalogue.html",
    "python-api.html",
    "operations.html",
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `make docs` does: a dead link, a notebook that fails or a document in no contents stops it."""
    folder = tmp_path_factory.mktemp("site")
    words = ["-q", "--fail-on-warning", "--keep-going", "-d", tmp_path_factory.mktemp("doctrees")]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *words, DOCS, folder], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def test_every_document_is_a_page_and_in_the_contents(site) -> None:
    sources = {
        p.relative_to(DOCS).with_suffix(".html").as_posix() for p in (*DOCS.rglob("*.md"), *DOCS.rglob("*.ipynb"))
    }
    front = (site / "index.html").read_text()
    assert [page for page in sources if not (site / page).is_file()] == []
    contents = front.partition('class="sidebar-tree"')[2].partition("</aside>")[0]
    assert [page for page in sources - {"index.html"} if f'href="{page}"' not in contents] == []
    for caption in ("Tutorials", "How to", "Reference", "Explanation", "Research"):
        assert f'<span class="caption-text">{caption}</span>' in contents


def test_nothing_comes_from_elsewhere(site) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text()
        loaded = re.findall(r'<(?:script|img|iframe|source)\b[^>]*\bsrc="([^"]+)"', text)
        loaded += re.findall(r'<link\b[^>]*rel="(?:stylesheet|icon|preload)"[^>]*href="([^"]+)"', text)
        assert [each for each in loaded if re.match("(?:https?:)?//", each)] == [], page
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", sheet.read_text()), sheet


def test_the_catalogue_shows_each_law_with_its_plot_and_set_formulas(site, laws) -> None:
    text = (site / "catalogue.html").read_text()
    for law in laws:
        assert f'id="{law.id.replace(".", "-")}-{law.domain.id}"' in text, law.id
    assert text.count("_images/") >= 0.9 * len(laws)
    assert "$$" not in text
    assert text.count("<math") == (DOCS / "catalogue.md").read_text().count("\n$$")


def test_the_reference_comes_from_docstrings(site) -> None:
    text = (site / "python-api.html").read_text()
    for name in ("ask", "questions", "Answer.plot", "Answer.to_pandas", "Laws", "NotUnderstood"):
        assert f'id="fitted_laws.{name}"' in text
    assert "Raises" in text


def test_a_search_finds_every_question(site) -> None:
    """By the titles of the index that the search reads, without a server."""
    index = json.loads(re.search(r"Search\.setIndex\((.*)\)", (site / "searchindex.js").read_text(), re.DOTALL)[1])
    titles = {title.lower() for title in index["alltitles"]}
    assert set(QUESTIONS) <= titles


def test_notebooks_have_run(site) -> None:
    """Their numbers and plots stand on their pages."""
    text = (site / "notebooks" / "plan.html").read_text()
    assert "1 to 3 decades beyond the fit" in text
    assert re.search(r'src="\.\./_images/[0-9a-f]+\.png"', text)


@in_a_browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("page", PAGES)
def test_it_reads_at_every_width_in_both_schemes(browser, site, axe, page, width, dark) -> None:
    """Nothing hangs over, nothing is asked of anyone, and axe finds nothing."""
    browser.look(width, dark=dark)
    browser.open((site / page).as_uri())
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.complaints == []
    assert all(address.startswith((site.as_uri(), "data:")) for address in browser.requested)
    browser.run(axe)
    found = browser.run(
        "axe.run().then(({ violations }) => violations.map((each) => [each.id, each.nodes.map((node) => node.html)]))"
    )
    assert found == []


@in_a_browser
def test_what_is_copied_is_what_is_typed(browser, site) -> None:
    """Without the prompt, and without what came back."""
    browser.look(1280)
    browser.open((site / "install.html").as_uri())
    browser.run(
        "Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { window.copied = text; } } });"
        "document.execCommand = () => { window.copied = document.activeElement.value; return true; }"
    )
    browser.run("document.querySelectorAll('.highlight-console button.copybtn')[0].click()")
    lines = browser.wait("window.copied").split("\n")
    assert lines[0] == "fitted-laws --version"
    assert not any(line.startswith("$") for line in lines)


@in_a_browser
def test_a_search_answers_from_a_folder(browser, site) -> None:
    """Typed into the page as it lies on a disk."""
    browser.look(1280)
    browser.open((site / "search.html").as_uri() + "?q=lifetime")
    found = browser.wait("[...document.querySelectorAll('#search-results li a')].map((each) => each.href)")
    assert any("questions.html" in address for address in found)

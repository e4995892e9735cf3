"""The site of the documents: it holds all of them, its links lead somewhere, and nothing on it comes from elsewhere."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from fitted_laws.questions.registry import QUESTIONS
from website import contents
from website.pages import Astray, document

DOCS = Path(__file__).parents[2] / "docs"


class Seen(HTMLParser):
    """Of a page: its ids, where its links lead, what it loads, its texts."""

    def __init__(self, text) -> None:
        super().__init__()
        self.ids, self.links, self.loaded, self.texts = Counter(), [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes) -> None:
        given = dict(attributes)
        self.ids.update([given["id"]] if "id" in given else [])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif "src" in given or tag == "link":
            self.loaded.append(given.get("src") or given["href"])

    def handle_data(self, data) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def seen(site) -> dict[Path, Seen]:
    return {path: Seen(path.read_text()) for path in site.rglob("*.html")}


def test_every_document_is_a_page(site, seen) -> None:
    addresses = {path.relative_to(DOCS).with_suffix(".html").as_posix() for path in DOCS.rglob("*.md")} | {
        "changelog.html"
    }
    assert {path.relative_to(site).as_posix() for path in seen} == addresses


def test_every_page_is_found_from_every_page(site, seen) -> None:
    for path, page in seen.items():
        reached = {
            (path.parent / link.partition("#")[0]).resolve()
            for link in page.links
            if "://" not in link and not link.startswith("#")
        }
        assert set(seen) <= reached | {path, site / "index.html"}


def test_no_link_is_dead(seen) -> None:
    """Each leads to a page of the site, to a part that is there, or to a paper."""
    for path, page in seen.items():
        for link in page.links:
            if re.match("https?://", link):
                continue
            name, _, part = link.partition("#")
            target = (path.parent / name).resolve() if name else path
            assert target in seen, (path.name, link)
            assert not part or unquote(part) in seen[target].ids, (path.name, link)


def test_nothing_comes_from_elsewhere(site, seen) -> None:
    for path, page in seen.items():
        assert all((path.parent / each).is_file() for each in page.loaded if each != "data:,"), path.name
    for path in (*site.rglob("*.css"), *site.rglob("*.js"), *site.rglob("*.svg")):
        assert not re.search(r"@import|url\((?!#)|(?:src|href)=\"(?!#)|\bfetch\(|import\(", path.read_text()), path.name


def test_ids_are_given_once(seen) -> None:
    for path, page in seen.items():
        assert [id for id, count in page.ids.items() if count > 1] == [], path.name


def test_the_catalogue_shows_each_law(site, seen, laws) -> None:
    """Under its own heading, with its plot; formulas are set, and none is left as TeX."""
    page = seen[site / "catalogue.html"]
    text = (site / "catalogue.html").read_text()
    for law in laws:
        name = f"{law.id}-{law.domain.id}"
        assert name in page.ids
        assert f"plots/{name}.svg" in page.loaded
    assert "$$" not in text
    assert text.count("<math") == (DOCS / "catalogue.md").read_text().count("\n$$")


def test_the_reference_holds_each_question(site, seen) -> None:
    assert set(QUESTIONS) <= set(seen[site / "questions.html"].ids)


def test_what_is_typed_stands_apart(site) -> None:
    text = (site / "tutorials" / "budget.html").read_text()
    assert re.search(r'<span class="typed first">curl -s [^<]+</span>\n<span class="said">2778459463…</span>', text)
    assert "$ curl" not in text


def test_a_document_that_the_front_page_does_not_name_comes_last(tmp_path) -> None:
    (tmp_path / "index.md").write_text("# Front\n\n## Guides\n\n- [One](one.md)\n")
    (tmp_path / "one.md").write_text("# One\n")
    (tmp_path / "two.md").write_text("# Two\n")
    (tmp_path.parent / "CHANGELOG.md").write_text("# Changes\n")
    found = contents.groups(contents.pages(tmp_path))
    assert [(group.title, [page.title for page in group.pages]) for group in found] == [
        ("Guides", ["One"]),
        ("More", ["Two", "Changes"]),
    ]


@pytest.mark.parametrize("link", ["nowhere.md", "../nowhere.py", "missing.svg"])
def test_a_link_that_leads_nowhere_stops_the_build(link) -> None:
    found = contents.pages() | {"new.md": contents.Page("new.md", f"# New\n\n[there]({link})\n")}
    with pytest.raises(Astray, match=re.escape(link)):
        document(found["new.md"], found, {})


def test_a_link_to_code_is_its_words_alone() -> None:
    """On the site; where the repository is read, it leads there."""
    found = contents.pages() | {
        "new.md": contents.Page("new.md", "# New\n\n[the targets](../Makefile), [changes](../CHANGELOG.md)\n")
    }
    assert '<a>the targets</a>, <a href="changelog.html">changes</a>' in document(found["new.md"], found, {}).html


def test_html_of_a_document_is_text() -> None:
    found = contents.pages() | {"new.md": contents.Page("new.md", "# New\n\n<script>alert(1)</script>\n")}
    assert "<script>" not in document(found["new.md"], found, {}).html


def test_a_comment_is_for_writers(seen) -> None:
    """What marks a place in a document for the commands that write it is not read by its readers."""
    assert not [path.name for path, page in seen.items() if "<!--" in "".join(page.texts)]


def test_colours_follow_the_scheme(site) -> None:
    for path in site.rglob("*.svg"):
        assert "prefers-color-scheme:dark" in path.read_text()

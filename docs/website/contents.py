"""What is on the site and in which order: what the front page links to, under its headings, then every page that it does not name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

DOCS = Path(__file__).parents[1]
FRONT = "index.md"
ELSEWHERE = {"../CHANGELOG.md": "changelog.md"}
"""Documents from outside the folder, by where they lie seen from it, and their names on the site."""
MORE = "More"

_LINK = re.compile(r"\]\(([\w./-]+\.md)\)")


class Page(msgspec.Struct, frozen=True):
    """A Markdown document: where it lies, seen from docs/, and its text."""

    source: str
    text: str

    @property
    def address(self) -> str:
        """Where it stands on the site."""
        return ELSEWHERE.get(self.source, self.source).removesuffix(".md") + ".html"

    @property
    def title(self) -> str:
        return next(line[2:] for line in self.text.splitlines() if line.startswith("# "))


class Group(msgspec.Struct, frozen=True):
    """Pages that stand together in the contents."""

    title: str
    pages: tuple[Page, ...]


def pages(docs: Path = DOCS) -> dict[str, Page]:
    """Every document by its source."""
    found = [path.relative_to(docs).as_posix() for path in sorted(docs.rglob("*.md"))]
    return {source: Page(source, (docs / source).read_text()) for source in (*found, *ELSEWHERE)}


def groups(found: Mapping[str, Page]) -> list[Group]:
    """The contents: a group for each heading of the front page that links to documents; what no link names comes last."""
    named = list(_sections(found))
    seen = {FRONT, *(page.source for group in named for page in group.pages)}
    rest = tuple(page for source, page in found.items() if source not in seen)
    return [*named, *([Group(MORE, rest)] if rest else [])]


def _sections(found: Mapping[str, Page]) -> Iterator[Group]:
    seen: set[str] = set()
    for section in found[FRONT].text.split("\n## ")[1:]:
        links = [link for link in dict.fromkeys(_LINK.findall(section)) if link in found and link not in seen]
        seen.update(links)
        if links:
            yield Group(section.partition("\n")[0], tuple(found[link] for link in links))

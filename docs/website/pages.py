"""The site's pages: each document in one frame with the contents beside it; style sheets and pictures with them."""

from __future__ import annotations

import posixpath
import shutil
from collections.abc import Mapping, Sequence
from html import escape
from importlib import resources
from pathlib import Path
from string import Template

from fitted_laws import __version__
from fitted_laws.catalogue import shipped
from fitted_laws.plots.curves import STYLE
from website import contents
from website.contents import DOCS, FRONT, Group, Page
from website.plots import Plot, drawn, schemed
from website.rendering import Heading, Rendered, relative, render

CATALOGUE = "catalogue.md"


class Astray(ValueError):
    """A document links to what is not there."""


def write(folder: Path) -> list[str]:
    """Writes the site anew; the addresses of its pages.

    Raises:
        Astray: a document links to what is not there.
    """
    found, plots = contents.pages(), drawn(shipped())
    made = {page.address: filled(page, found, plots) for page in found.values()}
    shutil.rmtree(folder, ignore_errors=True)
    files = {**made, **{plot.address: plot.svg for plot in plots.values()}, **pictures(), **sheets()}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return list(made)


def pictures() -> dict[str, str]:
    """The drawings that lie among the documents."""
    return {path.relative_to(DOCS).as_posix(): schemed(path.read_text()) for path in sorted(DOCS.rglob("*.svg"))}


def sheets() -> dict[str, str]:
    """The service's colours and letters, what the site adds, and the script that copies commands."""
    shared = (resources.files("service") / "pages" / "static" / "style.css").read_text()
    ours = {name: (resources.files("website") / name).read_text() for name in ("site.css", "copy.js")}
    return {"style.css": f"{STYLE}\n{shared}", **ours}


def filled(page: Page, found: Mapping[str, Page], plots: Mapping[str, Plot]) -> str:
    """A page of the site: its document in the frame."""
    groups = contents.groups(found)
    rendered = document(page, found, plots)
    frame = Template((resources.files("website") / "frame.html").read_text())
    front = page.source == FRONT
    return frame.substitute(
        title=escape(page.title if front else f"{page.title} – Fitted Laws"),
        top="../" * page.address.count("/"),
        home=relative(found[FRONT].address, page.address),
        contents=listed(page, groups, rendered),
        body=rendered.html,
        onward=onward(page, groups),
        version=__version__,
    )


def document(page: Page, found: Mapping[str, Page], plots: Mapping[str, Plot]) -> Rendered:
    """The document as HTML; in the catalogue each law with its plot.

    Raises:
        Astray: it links to what is not there.
    """

    def resolve(link: str) -> str:
        path, mark, part = link.partition("#")
        if "://" in link or not path:
            return link
        target = posixpath.relpath(posixpath.join(DOCS.name, posixpath.dirname(page.source), path), DOCS.name)
        if target in found:
            return relative(found[target].address + mark + part, page.address)
        if target.endswith(".svg") and (DOCS / target).is_file():
            return relative(target, page.address)
        if (DOCS / target).exists():
            return ""  # code and settings are in the repository, not on the site
        raise Astray(f"docs/{page.source}: expected a link to a file of the project, got {link}")

    def below(heading: Heading) -> str:
        plot = plots.get(heading.anchor) if page.source == CATALOGUE else None
        return figure(plot) if plot else ""

    return render(page.text, resolve, below)


def figure(plot: Plot) -> str:
    said = escape(plot.caption)
    return f'<figure><img src="{plot.address}" width="346" height="238" loading="lazy" alt="{said}"><figcaption>{said}</figcaption></figure>\n'


def listed(page: Page, groups: Sequence[Group], rendered: Rendered) -> str:
    """The contents, with the parts of the page that is open below its title."""
    return "\n".join(
        f"<h2>{escape(group.title)}</h2>\n<ul>{''.join(entry(each, page, rendered) for each in group.pages)}</ul>"
        for group in groups
    )


def entry(each: Page, page: Page, rendered: Rendered) -> str:
    here = each.source == page.source
    current = ' aria-current="page"' if here else ""
    parts = [heading for heading in rendered.headings if heading.depth == 2] if here else []
    items = "".join(f'<li><a href="#{part.anchor}">{escape(part.text)}</a></li>' for part in parts)
    below = f"<ul>{items}</ul>" if parts else ""
    return f'<li><a href="{relative(each.address, page.address)}"{current}>{escape(each.title)}</a>{below}</li>'


def onward(page: Page, groups: Sequence[Group]) -> str:
    """Links to the page before and the page after, in the order of the contents."""
    order = [each for group in groups for each in group.pages]
    here = order.index(page) if page in order else -1
    before, after = order[here - 1] if here > 0 else None, order[here + 1] if here + 1 < len(order) else None
    made = [
        f'<a class="{rel}" rel="{rel}" href="{relative(each.address, page.address)}"><span class="soft">{word}</span> {escape(each.title)}</a>'
        for rel, word, each in (("prev", "Before:", before), ("next", "Next:", after))
        if each
    ]
    return "\n".join(made)

"""One Markdown document as HTML: headings with anchors, formulas as MathML, commands as they are typed, links that lead to pages."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from html import escape

import msgspec
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.token import Token

Resolve = Callable[[str], str]
"""From a link as a document has it to the link on the site, empty where the site does not have its target."""

_FORMULA = re.compile(r"\$\$(.+)\$\$", re.DOTALL)
_COMMENT = re.compile(r"^<!--.*?-->\n", re.DOTALL | re.MULTILINE)


class Heading(msgspec.Struct, frozen=True):
    """A heading of a page: how deep, its anchor and its text."""

    depth: int
    anchor: str
    text: str


class Rendered(msgspec.Struct, frozen=True):
    """A document as HTML, and its headings."""

    html: str
    headings: tuple[Heading, ...]


def render(text: str, resolve: Resolve, after: Callable[[Heading], str] = lambda _: "") -> Rendered:
    """`text` as HTML; what `after` gives for a heading stands below it."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = _formulas(markdown.parse(_COMMENT.sub("", text)))
    headings = list(_anchored(tokens, after))
    for token in _all(tokens):
        _lead(token, resolve)
    markdown.add_render_rule("fence", _fence)
    return Rendered(markdown.renderer.render(_framed(tokens), markdown.options, {}), tuple(headings))


def anchor(text: str) -> str:
    """A heading's anchor, the same that GitHub gives it."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def relative(target: str, page: str) -> str:
    """The address `target` as seen from `page`; both from the top of the site."""
    path, mark, part = target.partition("#")
    if path == page and part:
        return f"#{part}"
    return posixpath.relpath(path, posixpath.dirname(page) or ".") + mark + part


def _formulas(tokens: Sequence[Token]) -> list[Token]:
    """A paragraph between double dollars is a formula: what is in it is TeX."""
    made: list[Token] = []
    for token in tokens:
        formula = _FORMULA.fullmatch(token.content) if token.type == "inline" else None
        if formula and made[-1].type == "paragraph_open":
            shown = convert(formula[1], display="block")
            made[-1] = Token(
                "html_block",
                "",
                0,
                content=f'<div class="wide equation" role="group" aria-label="equation" tabindex="0">{shown}</div>\n',
            )
        elif not (token.type == "paragraph_close" and made[-1].type == "html_block"):
            made.append(token)
    return made


def _anchored(tokens: list[Token], after: Callable[[Heading], str]) -> Iterator[Heading]:
    seen: Counter[str] = Counter()
    places = [i for i, token in enumerate(tokens) if token.type == "heading_open"]
    for place in places:
        heading = _heading(tokens[place], tokens[place + 1], seen)
        tokens[place].attrSet("id", heading.anchor)
        tokens[place + 2].meta["after"] = after(heading)
        yield heading


def _heading(opening: Token, inline: Token, seen: Counter[str]) -> Heading:
    text = "".join(child.content for child in inline.children or ())
    plain = anchor(text)
    again = seen[plain]
    seen[plain] += 1
    return Heading(int(opening.tag[1]), f"{plain}-{again}" if again else plain, text)


def _all(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or ())


def _lead(token: Token, resolve: Resolve) -> None:
    """Points a link or an image to where its target is on the site."""
    for name in ("href", "src"):
        if name in token.attrs:
            token.attrSet(name, resolve(str(token.attrs[name])))
            if not token.attrs[name]:
                del token.attrs[name]
    if token.type == "image":
        token.attrSet("loading", "lazy")


def _framed(tokens: Sequence[Token]) -> list[Token]:
    """Tables in a frame that scrolls by itself where the screen is narrow, and what stands below headings."""
    made: list[Token] = []
    for token in tokens:
        if token.type == "table_open":
            made.append(
                Token("html_block", "", 0, content='<div class="wide" role="group" aria-label="table" tabindex="0">')
            )
        made.append(token)
        if token.type == "table_close":
            made.append(Token("html_block", "", 0, content="</div>\n"))
        if token.meta.get("after"):
            made.append(Token("html_block", "", 0, content=token.meta["after"]))
    return made


def _fence(_renderer: object, tokens: Sequence[Token], index: int, *_rest: object) -> str:
    """A block of code; of a console what is typed stands apart from what comes back, and the prompt is not copied."""
    token = tokens[index]
    lines = token.content.rstrip("\n").split("\n")
    shown = (
        _console(lines)
        if token.info == "console"
        else "\n".join(map(_cell, lines))
        if token.info == "cell"
        else escape("\n".join(lines))
    )
    return f'<pre tabindex="0" class="{token.info or "text"}"><code>{shown}</code></pre>\n'


def _console(lines: Sequence[str]) -> str:
    made, typing = [], False
    for line in lines:
        begins = line.startswith("$ ")
        typed = begins or typing
        said = escape(line.removeprefix("$ ") if begins else line)
        made.append(f'<span class="{"typed first" if begins else "typed" if typed else "said"}">{said}</span>')
        typing = typed and line.endswith("\\")
    return "\n".join(made)


def _cell(line: str) -> str:
    """A formula is typed; any other line is what its cell shows."""
    return f'<span class="{"typed" if line.startswith("=") else "said"}">{escape(line)}</span>'

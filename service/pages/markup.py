"""Pieces of HTML that several pages share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def sentence(text: str) -> str:
    """A text of a law file as a sentence; an id that it begins with stays as it is."""
    first = text.partition(" ")[0]
    return f"{text[:1].upper() if first.isalpha() else text[:1]}{text[1:].rstrip('.')}."


def unbroken(text: str) -> str:
    return escape(text).replace(" ", "&nbsp;")


def link(address: str, text: str) -> str:
    return f'<a href="{escape(address)}">{escape(text)}</a>'


def bullets(texts: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"


def folded(title: str, content: str) -> str:
    """Content that opens under its title."""
    return f'<details class="fold"><summary>{escape(title)}</summary>{content}</details>'


def table(header: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """A table of cells that are HTML already; it scrolls where the screen is narrow, and with a caption it is a region."""
    head = "".join(f'<th scope="col">{title}</th>' for title in header)
    body = "\n".join(_row(*row) for row in rows)
    label = escape(caption)
    broad = ' class="broad"' if caption and len(header) > 4 else ""
    around = f' role="region" aria-label="{label}" tabindex="0"' if caption else ""
    titled = f"<caption>{label}</caption>" if caption else ""
    return (
        f'<div class="wide"{around}><table{broad}>{titled}<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def _row(first: str, *others: str) -> str:
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>'


def grid(header: Sequence[str], lines: Iterable[Sequence[str]], caption: str) -> str:
    """A table of texts."""
    return table([escape(title) for title in header], ([escape(cell) for cell in line] for line in lines), caption)

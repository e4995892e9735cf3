"""HTML of a report: one file that asks for nothing outside, readable in light and dark and on a phone. What it says is
in `report`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
:root {
  color-scheme: light dark;
  --ink: light-dark(#1b1f24, #e6e8eb); --soft: light-dark(#57606a, #a3abb5); --paper: light-dark(#ffffff, #14171b);
  --line: light-dark(#d0d7de, #3a414a); --accent: light-dark(#0550ae, #79b8ff); --shade: light-dark(#f5f7f9, #1c2026);
  --s0: light-dark(#5b2a86, #b48be0); --s1: light-dark(#2f5fb3, #7aa8f5); --s2: light-dark(#0f8294, #4cc3d4);
  --s3: light-dark(#2b8a4b, #67cf8b); --s4: light-dark(#a66f00, #e5b34a); --s5: light-dark(#b5451b, #f08a5d);
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 66rem; padding: 1.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink); }
body { font: 1rem/1.55 system-ui, sans-serif; }
h1, h2, h3 { line-height: 1.2; overflow-wrap: anywhere; }
h1 { font-size: 1.9rem; margin: 0 0 .3rem; }
h2 { font-size: 1.35rem; margin: 2.6rem 0 .6rem; }
h3 { font-size: 1rem; margin: 0 0 .2rem; }
p { margin: .4rem 0; max-width: 46rem; }
a { color: var(--accent); }
.soft, figcaption, small { color: var(--soft); }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1rem; margin: 1.2rem 0; padding: 0; list-style: none; }
.numbers li { border-top: 3px solid var(--s1); padding-top: .5rem; }
.numbers b { display: block; font-size: 1.5rem; font-weight: 650; line-height: 1.25; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: 1.6rem 2rem; }
figure { margin: 0; max-width: 34rem; }
figcaption { font-size: .9rem; }
svg { width: 100%; height: auto; display: block; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .6rem 0 1.2rem; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem 1.2rem .3rem 0; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
thead th { color: var(--soft); font-weight: 500; font-size: .9rem; }
.heat td { padding: .3rem .7rem; text-align: center; min-width: 4.2rem; border: 1px solid var(--paper); }
.heat th { padding: .3rem .7rem; text-align: center; }
pre { overflow-x: auto; padding: .75rem .9rem; border: 1px solid var(--line); border-radius: 6px; background: var(--shade); line-height: 1.45; }
code, pre { font-family: ui-monospace, monospace; font-size: .92em; }
ul.notes { padding-left: 1.1rem; max-width: 46rem; }
nav ul { columns: 14rem; padding-left: 1.1rem; }
@media (max-width: 30rem) { body { padding: 1rem .9rem 3rem; } th, td { padding-right: .8rem; } }
@media print { body { max-width: none; } figure { break-inside: avoid; } }
"""


def document(title: str, body: str) -> bytes:
    """The HTML file of a page with this body."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
    return f'<!doctype html>\n<html lang="en"><head>{head}<style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n'.encode()


def section(heading: str, *parts: str) -> str:
    """A part of the page; nothing where it holds nothing."""
    body = "\n".join(filter(None, parts))
    return f"<section><h2>{escape(heading)}</h2>\n{body}\n</section>" if body else ""


def article(anchor: str, title: str, subtitle: str, top: str, body: str) -> str:
    """The part of the page about one law: title, subtitle, its numbers on top, its sections as body."""
    return (
        f'<article id="{escape(anchor)}"><h1>{escape(title)}</h1>{paragraph(subtitle, "soft")}{top}\n{body}\n</article>'
    )


def figure(heading: str, svg: str, caption: str) -> str:
    return f"<figure><h3>{escape(heading)}</h3>{svg}<figcaption>{escape(caption)}</figcaption></figure>"


def figures(parts: Iterable[str]) -> str:
    inside = "\n".join(filter(None, parts))
    return f'<div class="figures">{inside}</div>' if inside else ""


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph; nothing where there is no text."""
    if not text:
        return ""
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def notes(sentences: Sequence[str]) -> str:
    """Sentences as a list; nothing where there are none."""
    return f'<ul class="notes">{"".join(f"<li>{escape(s)}</li>" for s in sentences)}</ul>' if sentences else ""


def numbers(items: Sequence[tuple[str, str, str]]) -> str:
    """The few numbers a reader came for: value, what it is, its interval."""
    return (
        '<ul class="numbers">'
        + "".join(
            f"<li><b>{escape(value)}</b>{escape(name)}<br><small>{escape(interval)}</small></li>"
            for value, name, interval in items
        )
        + "</ul>"
    )


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def heat(names: Sequence[str], values: Sequence[Sequence[float]]) -> str:
    """Numbers from −1 to 1 as a table whose cells are shaded: orange above zero, blue below."""
    top = "".join(f"<th>{escape(name)}</th>" for name in names)
    cells = ["".join(f'<td style="{shade(value)}">{value:.2f}</td>' for value in row) for row in values]
    rows = "".join(f"<tr><th>{escape(name)}</th>{row}</tr>" for name, row in zip(names, cells, strict=True))
    return f'<div class="wide"><table class="heat"><thead><tr><th></th>{top}</tr></thead><tbody>{rows}</tbody></table></div>'


def shade(value: float) -> str:
    """The style of a cell of `heat`: how far its background is mixed towards orange or blue."""
    return (
        f"background: color-mix(in srgb, var({'--s5' if value > 0 else '--s1'}) {round(45 * abs(value))}%, transparent)"
    )


def code(text: str) -> str:
    return f"<pre><code>{escape(text)}</code></pre>"


def contents(names: Sequence[tuple[str, str]]) -> str:
    """Links to several laws of one page."""
    items = "".join(f'<li><a href="#{escape(anchor)}">{escape(name)}</a></li>' for anchor, name in names)
    return f"<nav><ul>{items}</ul></nav>"

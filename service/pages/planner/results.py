"""What stands beside the form: the answer, scenarios and laws side by side, the plots, the same question elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

from fitted_laws import Laws
from fitted_laws.plots.chart import Drawing
from service.pages import snippets
from service.pages.planner import comparing, words
from service.pages.planner.address import State
from service.pages.planner.budgets import Shown
from service.pages.planner.cases import Case, Cases
from service.pages.planner.figures import figures
from service.pages.planner.sentences import amount
from service.pages.planner.ways import Way, axes_of

MOST_ROWS = 60


def result(state: State, way: Way, cases: Cases, laws: Laws, base: str, *, keyed: bool) -> str:
    """All of it."""
    main = cases.main
    said = words.answer(way, main) if main.rows else words.refusal(main.problem) if main.problem else ""
    parts = [
        answered(said, TAKE),
        rows_of(way, main),
        comparing.scenarios(way, cases),
        comparing.rivals(way, cases, laws),
        plots(figures(way, cases, laws, models=state.models)),
        elsewhere(snippets.html(state.ask, main.inputs, base, keyed=keyed)),
    ]
    return f'<div id="result" data-title="{escape(words.title(way, main))}">{"".join(parts)}</div>'


def answered(said: str, take: str = "") -> str:
    """The part that answers, or says why not."""
    title = f'<div class="title"><h2 id="answer-title">The answer</h2>{take}</div>'
    heard = '<p id="said" class="unseen" role="status"></p>'
    return f'<section id="answer" aria-labelledby="answer-title" tabindex="-1">{title}<div id="found">{said}</div>{heard}</section>'


def elsewhere(commands: str) -> str:
    title = '<h2 id="same-title">The same question elsewhere</h2>'
    return f'<section id="elsewhere" aria-labelledby="same-title">{title}{commands}</section>'


TAKE = (
    '<span class="take scripted" hidden><button type="button" data-takes="link">Copy link</button>'
    '<button type="button" data-takes="print">Print</button></span>'
)


def rows_of(way: Way, case: Case) -> str:
    """The points of a question that answers with several: what they lie along first."""
    if len(case.rows) < 2:
        return ""
    numbers = [name for name, value in case.found.items() if isinstance(value, float)]
    known = (*axes_of(way.question)[:1], *(name for name in numbers if not name.endswith(("_low", "_high"))))
    names = [name for name in dict.fromkeys(known) if name in case.found][:6]
    rows = case.rows[:MOST_ROWS]
    heads = [words.TITLES.get(name, (name.replace("_", " ").capitalize(),))[0] for name in names]
    body = [[amount(name, row[name]) for name in names] for row in rows]
    return f'<section aria-label="Its points">{grid(heads, body, "The points of the curve")}</section>'


def grid(header: Sequence[str], body: Sequence[Sequence[str]], label: str) -> str:
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in header)
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in body)
    inner = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="wide" role="region" aria-label="{escape(label)}" tabindex="0">{inner}</div>'


def plots(shown: Sequence[Shown]) -> str:
    """Every plot with what it shows, and ways to take it along."""
    drawn = [plot(each, each.drawing) for each in shown if each.drawing]
    silent = [note for each in shown if not each.drawing for note in (*each.notes, f"{each.title}: nothing to draw.")]
    notes = "".join(f'<p class="beside">{escape(note)}</p>' for note in dict.fromkeys(silent))
    key = '<p class="beside">Lines are solid inside the fitted range and dashed beyond it or where the range is not known; bands are intervals.</p>'
    return f'<div id="plots">{"".join(drawn)}</div>{key if drawn else ""}{notes}' if shown else ""


def plot(shown: Shown, drawing: Drawing) -> str:
    """One plot; `data-tips` hold where what is told."""
    data = " ".join(download(shown, name, address) for name, address in shown.data.items())
    takes = (
        '<span class="scripted" hidden>'
        f'<button type="button" data-takes="svg" aria-label="{escape(shown.title)} as SVG">SVG</button> '
        f'<button type="button" data-takes="png" aria-label="{escape(shown.title)} as PNG">PNG</button></span>'
    )
    told = json.dumps(drawing.tips, separators=(",", ":"), ensure_ascii=False)
    tips = (
        told.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;")
    )  # shorter than with every quote escaped
    notes = "".join(f'<p class="beside">{escape(note)}</p>' for note in shown.notes)
    return (
        f'<section id="{shown.id}-plot" aria-labelledby="{shown.id}-title"><h2 id="{shown.id}-title">{escape(shown.title)}</h2>'
        f'<p class="soft">{escape(shown.about)}</p>'
        f'<div class="plot" tabindex="0" role="group" aria-label="{escape(shown.title)}, arrow keys read it" '
        f"data-tips='{tips}'>{drawing.svg}</div>"
        f'{notes}<p class="takes">{takes} {data}</p></section>'
    )


def download(shown: Shown, name: str, address: str) -> str:
    """The data of one curve."""
    text = f"CSV of {escape(name)}" if len(shown.data) > 1 else "CSV"
    label = f"{text}: {escape(shown.title)}"
    return f'<a href="{escape(address)}" download="{shown.id}-{escape(name)}.csv" aria-label="{label}">{text}</a>'

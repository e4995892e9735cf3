"""The page that describes the API."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode

from fitted_laws.forecast.record import (
    DISTANCE_HEADER,
    HEADER,
    TITLES,
    TrackRecord,
    by_distance,
    in_short,
    rows,
    track_record,
)
from fitted_laws.plots.curves import formats_of
from fitted_laws.questions import Question
from fitted_laws.questions.registry import QUESTIONS
from service.api.discovery import described
from service.pages.assets import template
from service.pages.markup import folded, grid, table
from service.protocol.problems import KINDS
from service.settings import Settings


def docs(settings: Settings) -> bytes:
    """Every question with its inputs, ranges and a live example; options; problems."""
    options = [entry for entry in described(next(iter(QUESTIONS.values())))["inputs"] if entry["option"]]
    filled = template("docs.html").substitute(
        base=escape(settings.base),
        suffixes="|".join(f".{suffix}" for suffix in formats_of(QUESTIONS["frontier"])),
        index=" · ".join(f'<a href="#{name}">{name}</a>' for name in QUESTIONS),
        questions="\n".join(map(section, QUESTIONS.values())),
        options=inputs_table(options, "Options"),
        fared=record(track_record()),
        problems="\n".join(
            f'<dt id="{k.slug}">{k.status} {k.title}</dt><dd>{escape(k.doc)}</dd>' for k in KINDS.values()
        ),
    )
    return filled.encode()


def record(every: TrackRecord) -> str:
    """How forecasts of laws fitted to runs have fared, by table of runs and by distance."""
    parts = []
    for kind in TITLES:
        parts += [
            f"<p>{escape(in_short(kind, every))}</p>",
            grid(HEADER, rows(kind, every), f"Forecasts by table, {kind}"),
            grid(DISTANCE_HEADER, by_distance(kind, every), f"Forecasts by distance, {kind}"),
        ]
    return "\n".join(parts)


def section(question: type[Question]) -> str:
    """One question: what it asks, its example as links, its inputs, the fields of its answer."""
    entry = described(question)
    query = escape(urlencode(entry["example"]))
    links = " · ".join(
        f'<a href="/v1/{question.name}.{suffix}?{query}">.{suffix}</a>' for suffix in formats_of(question)
    )
    fields = ", ".join(
        f"<code>{a['name']}</code>" + (f" ({escape(a['unit'])})" if a["unit"] else "") for a in entry["answers"]
    )
    own = [each for each in entry["inputs"] if not each["option"]]
    names = ", ".join(each["name"] for each in own)
    shown = inputs_table(own, f"Inputs of {question.name}")
    return (
        f'<h2 id="{question.name}">{question.name}</h2>\n<p>{escape(entry["doc"])}</p>\n'
        f"{''.join(f'<p>{escape(text)}</p>' for text in question.remarks())}"
        f'<p><a href="/?ask={question.name}">Ask it in a form</a>, or <a href="/v1/{question.name}?{query}">'
        f"<code>/v1/{question.name}?{query}</code></a> · {links}</p>\n"
        f"{folded(f'Inputs: {names}', shown)}\n{folded('Answers', f'<p>{fields}</p>')}"
    )


def inputs_table(entries: Iterable[dict[str, Any]], caption: str) -> str:
    """Inputs, a row each: name, unit, range or choices, default, meaning."""
    return table(("Input", "Unit", "Values", "Default", "Meaning"), map(cells, entries), caption)


def cells(entry: dict[str, Any]) -> Sequence[str]:
    """The row of an input, in HTML."""
    if entry["choices"]:
        values = ", ".join(entry["choices"])
    elif entry["low"] is not None:
        values = f"{entry['low']:g} to {entry['high']:g}"
    else:
        values = "true or false" if entry["type"] == "boolean" else entry["type"]
    default = "required" if entry["required"] else "" if entry["default"] is None else str(entry["default"])
    texts = (entry["unit"] or "", values, default, entry["doc"] or "")
    return (f"<code>{entry['name']}</code>", *map(escape, texts))

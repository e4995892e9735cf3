"""The pages for people, `/` and `/docs`, and the OpenAPI document; made from the registries. Nothing on them comes from elsewhere."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib import resources as packaged
from pathlib import PurePosixPath
from string import Template
from typing import Any
from urllib.parse import urlencode

import msgspec

from fitted_laws import Laws, Unanswerable, __version__, answering
from fitted_laws.domains import Domain
from fitted_laws.fared import DISTANCE_HEADER, HEADER, TITLES, Fared, by_distance, fared, in_short, rows
from fitted_laws.hardware import ACCELERATORS
from fitted_laws.laws import Law
from fitted_laws.questions import QUESTIONS, Question, read
from service import conditional
from service.discovery import described, summary
from service.formats import formats_of
from service.messages import HTML, JSON, Reply, Request, Resource, aside
from service.openapi import document
from service.problems import KINDS
from service.settings import Settings

PAGE = packaged.files("service") / "page"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", "": "text/plain; charset=utf-8"}
PLOTTER = "vendor/uplot-1.6.32"
"""uPlot, whole and unmodified: its release, its licence."""


def resources(laws: Laws, settings: Settings) -> Iterator[Resource]:
    yield page("/", HTML, lambda: index(laws, settings))
    yield page("/docs", HTML, lambda: docs(settings))
    yield page("/openapi.json", JSON, lambda: msgspec.json.encode(document(laws, settings)))
    for name in static():
        yield page(f"/page/{name}", TYPES[PurePosixPath(name).suffix], functools.partial(file, name))


def page(path: str, media_type: str, make: Any) -> Resource:
    """What `make` gives, made once, when it is first asked for."""
    made = functools.cache(lambda: conditional.fixed(make(), media_type))

    def get(request: Request) -> Reply:
        return conditional.checked(request, made())

    return Resource(path=path, get=get, get_runs=aside, keyless=True)


def static(folder: str = "") -> Iterator[str]:
    """The files that pages load, by their path in the folder `page`: all but the templates."""
    for entry in sorted((PAGE / folder).iterdir(), key=lambda entry: entry.name):
        name = f"{folder}{entry.name}"
        if entry.is_dir():
            yield from static(f"{name}/")
        elif PurePosixPath(name).suffix in TYPES:
            yield name


def file(name: str) -> bytes:
    """A file of the folder `page`."""
    return (PAGE / name).read_bytes()


def template(name: str) -> Template:
    return Template(file(name).decode())


def index(laws: Laws, settings: Settings) -> bytes:
    """The planner: a form that asks `optimal` and, with its scripts, more; curl; the questions."""
    example = QUESTIONS["optimal"].example
    offered = {domain: held for domain in laws.domains if (held := able(laws, domain, "optimal"))}
    options = [
        f'<option value="{domain.id}"{" selected" if domain.id == example["domain"] else ""}>{escape(domain.title)}</option>' for domain in offered
    ]
    rows = [f'<tr><td><a href="/docs#{name}">{name}</a></td><td>{escape(summary(q))}</td></tr>' for name, q in QUESTIONS.items()]
    filled = template("index.html").substitute(
        domains="".join(options),
        accelerators="".join(f"<option{' selected' if id == 'H100' else ''}>{id}</option>" for id in ACCELERATORS),
        choices="\n".join(choices(domain, held, able(laws, domain, "isoflop")) for domain, held in offered.items()),
        plotter=f"/page/{PLOTTER}",
        domain=example["domain"],
        compute=example["compute"],
        base=escape(settings.base),
        questions="\n".join(rows),
        laws=len(laws),
        catalogue=laws.digest,
        version=__version__,
    )
    return filled.encode()


def able(laws: Laws, domain: Domain, question: str) -> list[Law]:
    """The laws that answer `question` for a budget in `domain`, preferred first."""
    asked = read(question, {"domain": domain.id, "compute": 1e21, "law": "all"})
    try:
        ids = set(answering.answer(asked, laws).column("law"))
    except Unanswerable:
        return []
    return [law for law in laws.of(domain.id) if law.id in ids]


def choices(domain: Domain, held: Iterable[Law], surfaces: Sequence[Law]) -> str:
    """The laws of a domain to choose from, each with its data, and whether it says what other sizes would reach."""
    options = "".join(
        f'<option value="{law.id}" data-on="{escape(law.first.data)}"{" data-valleys" if law in surfaces else ""}>{law.id}</option>' for law in held
    )
    return f'<template id="laws-{domain.id}">{options}</template>'


def docs(settings: Settings) -> bytes:
    """Every question with its inputs, ranges and a live example; options; problems."""
    options = [entry for entry in described(next(iter(QUESTIONS.values())))["inputs"] if entry["option"]]
    filled = template("docs.html").substitute(
        base=escape(settings.base),
        suffixes="|".join(f".{suffix}" for suffix in formats_of(QUESTIONS["frontier"])),
        index=" · ".join(f'<a href="#{name}">{name}</a>' for name in QUESTIONS),
        questions="\n".join(map(section, QUESTIONS.values())),
        options=inputs_table(options),
        fared=record(fared()),
        problems="\n".join(f'<dt id="{k.slug}">{k.status} {k.title}</dt><dd>{escape(k.doc)}</dd>' for k in KINDS.values()),
    )
    return filled.encode()


def record(held: Fared) -> str:
    """How forecasts of laws fitted to runs have fared, by table of runs and by distance."""
    parts = []
    for kind in TITLES:
        parts += [f"<p>{escape(in_short(kind, held))}</p>", grid(HEADER, rows(kind, held)), grid(DISTANCE_HEADER, by_distance(kind, held))]
    return "\n".join(parts)


def grid(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table of texts."""
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in header)
    body = "\n".join(f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in rest)}</tr>' for first, *rest in lines)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'


def section(question: type[Question]) -> str:
    """One question: what it asks, its example as links, its inputs, the fields of its answer."""
    entry = described(question)
    query = escape(urlencode(entry["example"]))
    links = " · ".join(f'<a href="/v1/{question.name}.{suffix}?{query}">.{suffix}</a>' for suffix in formats_of(question))
    fields = ", ".join(f"<code>{a['name']}</code>" + (f" ({escape(a['unit'])})" if a["unit"] else "") for a in entry["answers"])
    return (
        f'<h2 id="{question.name}">{question.name}</h2>\n<p>{escape(entry["doc"])}</p>\n'
        f'<p>Try it: <a href="/v1/{question.name}?{query}"><code>/v1/{question.name}?{query}</code></a> · {links}</p>\n'
        f"{inputs_table(i for i in entry['inputs'] if not i['option'])}\n<p>Answers {fields}</p>"
    )


def inputs_table(entries: Iterable[dict[str, Any]]) -> str:
    """Inputs, a row each: name, unit, range or choices, default, meaning."""
    head = "".join(f'<th scope="col">{title}</th>' for title in ("Input", "Unit", "Values", "Default", "Meaning"))
    rows = "\n".join(_row(entry) for entry in entries)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>'


def _row(entry: dict[str, Any]) -> str:
    if entry["choices"]:
        values = ", ".join(entry["choices"])
    elif entry["low"] is not None:
        values = f"{entry['low']:g} to {entry['high']:g}"
    else:
        values = "true or false" if entry["type"] == "boolean" else entry["type"]
    default = "required" if entry["required"] else "" if entry["default"] is None else str(entry["default"])
    cells = (entry["unit"] or "", values, default, entry["doc"] or "")
    return f'<tr><th scope="row"><code>{entry["name"]}</code></th>' + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"

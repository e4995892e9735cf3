"""The lists that programs read, as pages where a browser asks for them: laws, domains, accelerators, questions."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from string import Template
from typing import Any

from fitted_laws import Laws
from fitted_laws.quantities.display import number
from fitted_laws.quantities.hardware import ACCELERATORS
from fitted_laws.questions.registry import QUESTIONS
from service.api import discovery
from service.pages import laws as law_pages
from service.pages.markup import link, table
from service.protocol.documents import Document, Getters
from service.protocol.messages import HTML, Resource
from service.protocol.negotiation import negotiated


def documents(laws: Laws, frame: Template) -> Iterator[Document]:
    """The lists as JSON and CSV, and the pages of those that `service.pages.laws` has none of."""
    yield from discovery.documents(laws)
    for title, body in PAGES.items():
        yield Document(f"/v1/{title.lower()}.html", HTML, functools.partial(page, laws, frame, title, body))


def resources(getters: Getters) -> Iterator[Resource]:
    """Each list: as JSON, or as its page where a browser asks; as CSV under its suffix."""
    for path in discovery.LISTS:
        yield Resource(path=path, get=negotiated(getters[path], getters[f"{path}.html"]))
        yield Resource(path=f"{path}.csv", get=getters[f"{path}.csv"])


def page(laws: Laws, frame: Template, title: str, body: Callable[[Laws], str]) -> bytes:
    """A page of one table; the same address gives JSON to programs."""
    lead = "<p>The same address gives programs JSON.</p>"
    return law_pages.fill(frame, laws, title, lead, [body(laws)])


def domains(laws: Laws) -> str:
    """Every domain, with a budget inside its fit and its laws."""
    rows = [
        (
            link(f"/?domain={each['id']}", each["id"]),
            escape(each["title"]),
            number(each["example_compute"]) if each["example_compute"] else "none",
            escape(each["scale"] or "published models"),
            ", ".join(link(f"/v1/laws/{id}.html#{each['id']}", id) for id in each["laws"]),
        )
        for each in discovery.domains(laws)
    ]
    return table(
        ("Domain", "What it is", "FLOP inside the fit", "Known from", "Laws, preferred first"), rows, "Domains"
    )


def accelerators(_: Laws) -> str:
    """Every accelerator with its dense peaks; never a price."""
    rows: list[Sequence[str]] = [
        (
            f"<code>{each.id}</code>",
            escape(each.name),
            number(each.bf16_flops / 1e12),
            "not given" if each.fp8_flops is None else number(each.fp8_flops / 1e12),
            "not given" if each.power_watts is None else number(each.power_watts),
            escape(each.source),
        )
        for each in ACCELERATORS.values()
    ]
    return table(("Name", "What it is", "bf16, TFLOP/s", "fp8, TFLOP/s", "Power, W", "Source"), rows, "Accelerators")


def questions(_: Laws) -> str:
    """Every question, its form on the planner and its description."""
    rows: list[Sequence[Any]] = [
        (link(f"/?ask={name}", name), escape(question.in_words()), link(f"/docs#{name}", "inputs and formats"))
        for name, question in QUESTIONS.items()
    ]
    return table(("Question", "Asks", "Described"), rows, "Questions")


PAGES: Mapping[str, Callable[[Laws], str]] = {
    "Domains": domains,
    "Accelerators": accelerators,
    "Questions": questions,
}
"""The tables by their titles, which are their addresses' last parts."""

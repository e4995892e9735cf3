"""The lists that programs read, as pages where a browser asks for them: laws, domains, accelerators, questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from string import Template
from typing import Any

import msgspec

from fitted_laws import Laws
from fitted_laws.quantities.display import number
from fitted_laws.quantities.hardware import ACCELERATORS
from fitted_laws.questions.registry import QUESTIONS
from service.api import discovery
from service.pages import laws as law_pages
from service.pages.markup import link, table
from service.protocol import conditional
from service.protocol.messages import HTML, Handler, Resource, threaded
from service.protocol.negotiation import negotiated


def with_pages(lists: Iterable[Resource], laws: Laws, frame: Template) -> Iterator[Resource]:
    """`lists`, each that has a page also as that page."""
    pages = {
        "/v1/laws": law_pages.listing(laws, frame),
        "/v1/domains": page(laws, frame, "Domains", lambda: domains(laws)),
        "/v1/accelerators": page(laws, frame, "Accelerators", accelerators),
        "/v1/questions": page(laws, frame, "Questions", questions),
    }
    for resource in lists:
        made = pages.get(resource.path)
        if made and resource.get:
            yield msgspec.structs.replace(resource, get=negotiated(resource.get, threaded(made)))
        else:
            yield resource


def page(laws: Laws, frame: Template, title: str, body: Callable[[], str]) -> Handler:
    """A page of one table; the same address gives JSON to programs."""
    lead = "<p>The same address gives programs JSON.</p>"
    return conditional.fixed_once_made(lambda: law_pages.fill(frame, laws, title, lead, [body()]), HTML)


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


def accelerators() -> str:
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


def questions() -> str:
    """Every question, its form on the planner and its description."""
    rows: list[Sequence[Any]] = [
        (link(f"/?ask={name}", name), escape(question.in_words()), link(f"/docs#{name}", "inputs and formats"))
        for name, question in QUESTIONS.items()
    ]
    return table(("Question", "Asks", "Described"), rows, "Questions")

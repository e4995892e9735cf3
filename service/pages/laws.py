"""Pages of laws for people: each law with all that lets a reader check it, and the catalogue as a table. No script, nothing from elsewhere."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from string import Template
from urllib.parse import urlencode

import msgspec
from latex2mathml.converter import convert

from fitted_laws import Laws, __version__
from fitted_laws.documents import portraits
from fitted_laws.documents.portraits import (
    CHECKED,
    Coefficient,
    Worked,
    coefficients,
    equations,
    symbol,
    units,
    worked,
)
from fitted_laws.forecast.record import ADDRESS
from fitted_laws.laws.families import FAMILIES
from fitted_laws.laws.law import Drawn, Law
from fitted_laws.laws.relation import ROLES
from fitted_laws.plots import law_curve
from fitted_laws.quantities.display import between, number, percent, plain
from fitted_laws.quantities.domains import Domain
from fitted_laws.questions.registry import QUESTIONS
from service.api.discovery import law_file
from service.pages import answerable
from service.pages.markup import bullets, folded, link, sentence, table, unbroken
from service.protocol.documents import Document, Getters
from service.protocol.messages import HTML, JSON, Resource
from service.protocol.negotiation import negotiated

CATALOGUE = "/v1/laws.html"

HOW_FARED = f"""<h3>How such laws have fared</h3>
<p>Laws fitted to runs were put to the test on other people's larger runs: <a href="{ADDRESS}">the record</a>, misses too.</p>"""


def documents(laws: Laws, frame: Template) -> Iterator[Document]:
    """The catalogue as a page; each law as page and as JSON."""
    yield Document(CATALOGUE, HTML, lambda: catalogue(laws, frame))
    for id in ids(laws):
        yield Document(f"/v1/laws/{id}.html", HTML, functools.partial(law_page, laws, id, frame))
        yield Document(f"/v1/laws/{id}.json", JSON, functools.partial(law_json, laws, id))


def resources(laws: Laws, getters: Getters) -> Iterator[Resource]:
    """The documents, and each law as whichever of its two the client would rather have."""
    yield Resource(path=CATALOGUE, get=getters[CATALOGUE])
    for id in ids(laws):
        page, data = getters[f"/v1/laws/{id}.html"], getters[f"/v1/laws/{id}.json"]
        yield Resource(path=f"/v1/laws/{id}.html", get=page)
        yield Resource(path=f"/v1/laws/{id}.json", get=data)
        yield Resource(path=f"/v1/laws/{id}", get=negotiated(data, page))


def ids(laws: Laws) -> Iterable[str]:
    """The ids of laws, each once."""
    return dict.fromkeys(law.id for law in laws)


def law_json(laws: Laws, id: str) -> bytes:
    return msgspec.json.encode(law_file([relation for law in laws.named(id) for relation in law.relations.values()]))


def fill(frame: Template, laws: Laws, title: str, lead: str, body: Iterable[str]) -> bytes:
    filled = frame.substitute(
        title=escape(title), lead=lead, body="\n".join(body), catalogue=laws.digest, version=__version__
    )
    return filled.encode()


def catalogue(laws: Laws, frame: Template) -> bytes:
    """Every law by domain: what it holds, counts and is measured on."""
    body = [f'<nav aria-label="Domains"><p>{" · ".join(link(f"#{d.id}", d.id) for d in laws.domains)}</p></nav>']
    for domain in laws.domains:
        body.append(f'<h2 id="{domain.id}">{escape(domain.title)}</h2>')
        body += families(laws, domain)
    lead = (
        f"<p>{len(laws)} laws in {len(laws.domains)} domains. "
        "Each page has the equations, every coefficient as printed, and what the paper says of it.</p>"
    )
    return fill(frame, laws, "Every law", lead, body)


def families(laws: Laws, domain: Domain) -> Iterator[str]:
    """The laws of a domain, a table a family of twins, with which to take for what; those without twins together, where the first stands."""
    alone = [law for law in laws.of(domain.id) if law.family.id not in FAMILIES]
    shown = False
    for family, members in laws.families(domain.id).items():
        if family.id in FAMILIES:
            yield f"<h3>{escape(family.title)}</h3>"
            yield f'<p class="soft">Take {escape(family.take)}.</p>'
            yield laws_table(members, f"Laws of {domain.id}: {family.title}")
        elif not shown:
            shown = True
            yield laws_table(alone, f"Laws of {domain.id}, preferred first")


def laws_table(members: Sequence[Law], caption: str) -> str:
    rows = [
        (
            link(f"/v1/laws/{law.id}.html#{law.domain.id}", law.id),
            escape("; ".join(filter(None, (law.first.differs, *dict.fromkeys(ROLES[role] for role in law.roles))))),
            escape(law.first.counts),
            escape(law.first.data),
            escape(law.first.citation),
        )
        for law in members
    ]
    return table(("Law", "Holds", "Counts", "Data", "Source"), rows, caption)


def law_page(laws: Laws, id: str, frame: Template) -> bytes:
    """One law, in each of its domains."""
    by_domain = laws.named(id)
    first = by_domain[0].first
    address = f' <a href="{escape(first.url)}">{escape(first.url)}</a>' if first.url else ""
    lead = (
        f"<p>{escape(first.authors)}, {first.year}.{address}</p>\n"
        f'<p class="soft">Law <code>{escape(id)}</code>{twins(by_domain[0], laws)}. {CHECKED[first.source_checked]} '
        f"As a law file: {link(f'/v1/laws/{id}.json', 'JSON')}.</p>"
    )
    body = [index(by_domain)] if len(by_domain) > 1 else []
    for law in by_domain:
        body += domain_part(law, laws, alone=len(by_domain) == 1)
    return fill(frame, laws, first.title or id, lead, [*body, *citing(by_domain[0])])


def twins(law: Law, laws: Laws) -> str:
    """What sets a law apart from its twins, and links to these; nothing where it has none."""
    others = [
        link(f"/v1/laws/{id}.html", id)
        for id in dict.fromkeys(o.id for o in laws if o.family == law.family and o.id != law.id)
    ]
    if not others or law.family.id not in FAMILIES:
        return ""
    apart = f": {escape(law.first.differs)}" if law.first.differs else ""
    return f"{apart}. Its twins, {escape(law.family.title)}: {', '.join(others)}"


def index(by_domain: Sequence[Law]) -> str:
    items = "".join(f"<li>{link(f'#{law.domain.id}', law.domain.title)}</li>" for law in by_domain)
    return f'<nav aria-label="Domains"><p>This paper holds laws of {len(by_domain)} domains:</p><ul class="columns">{items}</ul></nav>'


def domain_part(law: Law, laws: Laws, *, alone: bool) -> Iterator[str]:
    """A law in one domain: where it holds, its curve, its relations, its examples, what to know, what it answers.

    Folded where a page has several; a link to the domain unfolds it.
    """
    place, title = law.domain.id, escape(law.domain.title)
    relations = [law.drawn(role, part) for role, part in law.relations]
    if not alone:
        holds = escape("; ".join(dict.fromkeys(ROLES[each.relation.role] for each in relations)))
        yield f'<details class="fold"><summary><strong>{title}</strong> <span class="soft">{holds}</span></summary>'
    yield f'<section aria-labelledby="{place}">\n<h2 id="{place}">{title}</h2>'
    drawn = law_curve.figure(law, laws)
    if drawn:
        yield f"<figure>{drawn.drawing.svg}<figcaption>{escape(drawn.caption)} {live(drawn.question, drawn.inputs)}</figcaption></figure>"
    yield facts(law)
    yield "<h3>Relations</h3>"
    yield from map(relation, relations)
    examples = [one for relation in law.relations.values() for one in worked(relation, laws)]
    yield remarks(law, examples)
    if examples:
        held = sum(one.holds for one in examples)
        yield folded(f"Worked examples: {held} of {len(examples)} come out as printed", examples_table(examples, place))
    rows = [
        (f"<code>{escape(name)}</code>", escape(QUESTIONS[name].in_words()), live(name, inputs))
        for name, inputs in answerable.answered(law, laws)
    ]
    titled = table(("Question", "Asks", "Live"), rows, f"Questions that {law.id} answers for {place}")
    yield folded(f"Questions it answers: {len(rows)}", titled)
    yield "</section>" if alone else "</section></details>"


def facts(law: Law) -> str:
    """What the law was fitted on."""
    first = law.first
    counted = "which are counted is not stated" if first.counts == "unstated" else f"{first.counts} ones are counted"
    rows = {"Domain": law.domain.id, "Parameters": counted, **portraits.facts(first)}
    return f"<dl>{''.join(f'<dt>{name}</dt><dd>{escape(text)}</dd>' for name, text in rows.items())}</dl>"


def relation(drawn: Drawn[object]) -> str:
    """One relation: its equation, where it is printed, its coefficients, and what their intervals were made from."""
    printed = drawn.relation
    title = f"{ROLES[printed.role]}{f', {printed.part}' if printed.part else ''}"
    shown = "".join(
        f'<div class="wide equation" role="group" aria-label="equation" tabindex="0">{convert(line, display="block")}</div>'
        for line in equations(printed)
    )
    remarks = [printed.where, units(printed), drawn.reason or f"90 % intervals from {drawn.source.replace('-', ' ')}"]
    where = " ".join(sentence(text) for text in remarks if text)
    notes = "".join(f"<p>{escape(sentence(note))}</p>" for note in printed.notes)
    rows = [coefficient(one) for one in coefficients(drawn)]
    header = ("Coefficient", "As printed", "As number", "90 % interval")
    shown_rows = table(header, rows, f"Coefficients of {title}, {printed.domain}")
    return f'<h4>{escape(title)}</h4>{shown}<p class="soft">{escape(where)}</p>{shown_rows}{notes}'


def coefficient(one: Coefficient) -> Sequence[str]:
    printed = f"<code>{escape(one.printed)}</code>" if one.printed else "not in this form"
    ends = between(one.low, one.high) if one.low is not None and one.high is not None else "none"
    interval = " to ".join(unbroken(end) for end in ends.split(" to "))
    name = escape(one.name)
    named = f'<span class="unseen">{name}</span>' if len(one.name) == 1 else f" <code>{name}</code>"
    return f"{convert(symbol(one.name))}{named}", printed, unbroken(number(one.value)), interval


def examples_table(examples: Sequence[Worked], domain: str) -> str:
    rows = [
        (
            live(one.example.question, one.inputs),
            escape(one.field.replace("_", " ")),
            unbroken(number(one.expected, 6)),
            "no answer" if one.got is None else unbroken(number(one.got, 6)),
            "" if one.deviation is None else unbroken(percent(one.deviation)),
            escape(one.verdict),
            escape(one.example.source),
        )
        for one in examples
    ]
    header = ("Asked", "Field", "Source", "Ours", "Off by", "Test", "From")
    return table(header, rows, f"Numbers of the source, and ours now, {domain}")


def remarks(law: Law, examples: Sequence[Worked]) -> str:
    """Where the paper disagrees with itself, in its own words and in numbers that its law does not give; then what to know."""
    off = [one for one in examples if not one.example.enforce and not one.holds]
    against = [
        *law.first.contradictions,
        *sorted({f"{one.example.source}: see the examples that disagree." for one in off}),
    ]
    titled = {"Where the paper disagrees with itself": against, "What to know": law.first.caveats}
    lists = "".join(f"<h3>{title}</h3>{bullets(texts)}" for title, texts in titled.items() if texts)
    return lists + (HOW_FARED if any(relation.fit for relation in law.relations.values()) else "")


def citing(law: Law) -> Iterator[str]:
    first = law.first
    names = " and ".join(name for name in first.authors.replace(" et al.", "others").split(", ") if name)
    address = f",\n  url = {{{first.url}}}" if first.url else ""
    entry = f"@misc{{{first.id},\n  title = {{{first.title}}},\n  author = {{{names}}},\n  year = {{{first.year}}}{address}\n}}"
    yield f'<h2 id="cite">How to cite</h2><p>{escape(first.citation)}</p><pre tabindex="0">{escape(entry)}</pre>'


def live(question: str, inputs: dict[str, object]) -> str:
    """A link that asks, in words of the question."""
    written = {name: plain(value) if isinstance(value, float) else value for name, value in inputs.items()}
    words = ", ".join(f"{name} {value}" for name, value in written.items() if name not in ("domain", "law"))
    return link(f"/v1/{question}?{urlencode(written)}", f"{question} {words}".strip())

"""The catalogue as one Markdown document: every law by domain, with all that its page shows. `make docs` writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fitted_laws.answers.formats import table
from fitted_laws.documents.portraits import CHECKED, coefficients, equations, facts, ranges, units, validated, worked
from fitted_laws.laws.law import Drawn, Law
from fitted_laws.laws.laws import Laws
from fitted_laws.laws.relation import ROLES, Relation
from fitted_laws.quantities.display import between, number, percent, plain
from fitted_laws.quantities.domains import Domain

HEAD = """# The catalogue

Every law that ships, by domain, the preferred ones first; laws of one paper or of one set of runs stand together, as a family.
A count of laws counts pairs of domain and id.
Coefficients stand as printed; a dash means that the paper prints another form of them.
Intervals are central 90 % of the law's draws.
This file is written by `make docs` from the law files: change those, not this."""


def catalogue_document(laws: Laws, _style: str) -> str:
    """The catalogue as one Markdown document, whatever the style."""
    parts = [HEAD]
    for domain in laws.domains:
        parts.append(f"## {domain.id}\n\n{domain.title}:\n\n{bullets(families(laws, domain))}")
        for members in laws.families(domain.id).values():
            for law in members:
                parts += law_part(law, laws)
    return "\n\n".join(parts)


def families(laws: Laws, domain: Domain) -> Iterator[str]:
    """The laws of a domain with links, those of a family together, with which to take for what."""
    for family, members in laws.families(domain.id).items():
        links = [
            f"[{law.id}](#{law.id}-{domain.id})" + (f" ({law.first.differs})" if law.first.differs else "")
            for law in members
        ]
        take = f" Take {family.take}." if family.take else ""
        yield f"{family.title}: {' · '.join(links)}.{take}"


def law_part(law: Law, laws: Laws) -> Iterator[str]:
    """One law in one domain: source, what it was fitted on, its relations, what to know, its examples."""
    first = law.first
    yield f"### {law.id}, {law.domain.id}"
    title = f"[{first.title}]({first.url})" if first.url else first.title
    yield f"{first.authors}, {first.year}: {title}. {first.citation}. {CHECKED[first.source_checked]}"
    titled = {"Parameters counted": first.counts, **facts(first)}
    yield bullets(f"{title}: {text}" for title, text in titled.items())
    for role, part in law.relations:
        yield relation(law.drawn(role, part), first)
    for title, texts in (
        ("Where the paper disagrees with itself", first.contradictions),
        ("What to know", first.caveats),
    ):
        if texts:
            yield f"**{title}**\n\n{bullets(texts)}"
    yield from examples(law, laws)


def relation(drawn: Drawn[object], first: Relation) -> str:
    """One relation: its equation and coefficients, and what it was fitted on where that is not what the `first` was."""
    source = drawn.relation
    title = f"**{ROLES[source.role]}{f', {source.part}' if source.part else ''}** ({source.where})"
    shown = "\n\n".join(f"$${line}$$" for line in equations(source))
    rows = [
        (
            one.name,
            one.printed or "–",
            number(one.value),
            between(one.low, one.high) if one.low is not None and one.high is not None else "none",
        )
        for one in coefficients(drawn)
    ]
    notes = bullets(
        text
        for text in (
            *fitted(source, first),
            units(source),
            drawn.reason or f"intervals from {drawn.source.replace('-', ' ')}",
            *source.notes,
        )
        if text
    )
    return "\n\n".join(
        [title, shown, table(("coefficient", "as printed", "as number", "interval"), rows, "markdown"), notes]
    )


def fitted(source: Relation, first: Relation) -> Iterator[str]:
    """The relation's own ranges and the runs that test it, where they are not those of the `first` of its law."""
    if source.ranges != first.ranges:
        yield f"fitted on {ranges(source)}" if source.ranges else "its fitted ranges are not printed"
    if source.validated != first.validated:
        yield f"tested beyond by {validated(source)}" if source.validated else "not tested beyond them"


def examples(law: Law, laws: Laws) -> Iterator[str]:
    """The numbers of the source beside ours, in one table."""
    rows = [
        (
            f"{one.example.question} {', '.join(f'{k} {plain(v) if isinstance(v, float) else v}' for k, v in one.example.inputs.items())}".strip(),
            one.field,
            number(one.expected, 6),
            "no answer" if one.got is None else number(one.got, 6),
            "" if one.deviation is None else percent(one.deviation),
            one.verdict,
            one.example.source,
        )
        for each in law.relations.values()
        for one in worked(each, laws)
    ]
    if rows:
        yield "**Worked examples**\n\n" + table(
            ("asked", "field", "source", "ours", "off by", "test", "from"), rows, "markdown"
        )


def bullets(texts: Iterable[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)

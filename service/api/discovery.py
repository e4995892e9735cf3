"""What there is to ask: questions, domains, laws, accelerators; made from the registries."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, cast
from urllib.parse import urlencode

import msgspec

from fitted_laws import Laws
from fitted_laws.answers.formats import table_cell, write_rows
from fitted_laws.asking.inputs import Input, inputs_of
from fitted_laws.documents.inside import budget_inside, known_from
from fitted_laws.laws.law import Law
from fitted_laws.laws.relation import ROLES, Relation
from fitted_laws.quantities.domains import Domain
from fitted_laws.quantities.glossary import quantity_of
from fitted_laws.quantities.hardware import ACCELERATORS
from fitted_laws.questions import Question
from fitted_laws.questions.registry import QUESTIONS
from service.api.entries import DomainEntry, FieldEntry, InputEntry, LawEntry, QuestionEntry
from service.protocol.documents import Document
from service.protocol.messages import JSON

Record: TypeAlias = Mapping[str, Any]
Records: TypeAlias = Callable[[Laws], Sequence[Record]]
CSV = "text/csv; charset=utf-8"
TYPES = {float: "number", int: "integer", bool: "boolean"}


def documents(laws: Laws) -> Iterator[Document]:
    """The lists as JSON, and as CSV under their suffix."""
    for path, records in LISTS.items():
        yield Document(path, JSON, functools.partial(as_json, records, laws))
        yield Document(f"{path}.csv", CSV, functools.partial(as_csv, records, laws))


def as_json(records: Records, laws: Laws) -> bytes:
    return msgspec.json.encode(records(laws))


def as_csv(records: Records, laws: Laws) -> bytes:
    """A table of a list, a row each: what is itself a list stands joined by « | », of its members that have one the name."""
    rows = records(laws)
    names = list(rows[0])
    return write_rows(names, ([_cell(record.get(name)) for name in names] for record in rows)).encode()


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        return urlencode(value)
    if isinstance(value, list):
        return table_cell(
            [
                str(member["name"]) if isinstance(member, Mapping) and "name" in member else str(member)
                for member in value
            ]
        )
    return table_cell(value)


def described(question: type[Question]) -> Record:
    """A question with its example, inputs and the fields of its answer."""
    entry = QuestionEntry(
        question=question.name,
        doc=question.in_words(),
        example=question.example,
        inputs=[_input(entry) for entry in inputs_of(question).values()],
        answers=[FieldEntry(name, unit_of(name)) for name in question.answers],
        curve=question.curve,
    )
    return _record(entry)


def _record(entry: msgspec.Struct) -> Record:
    return cast(Record, msgspec.to_builtins(entry))


def _input(entry: Input) -> InputEntry:
    return InputEntry(
        name=entry.name,
        type=TYPES.get(entry.base, "text"),
        unit=entry.quantity.unit if entry.quantity else None,
        low=entry.meta.ge,
        high=entry.meta.le,
        required=entry.required,
        default=entry.default,
        choices=list(entry.choices) or None,
        option=entry.option,
        doc=entry.meta.description,
    )


def unit_of(name: str) -> str | None:
    """The unit of a field of an answer."""
    quantity = quantity_of(name)
    return quantity.unit if quantity else None


def domains(laws: Laws) -> list[Record]:
    """Every domain with its laws, preferred first, a budget inside their fit, and whether all are of small models."""
    return [_record(_domain(domain, laws)) for domain in laws.domains]


def _domain(domain: Domain, laws: Laws) -> DomainEntry:
    scale = known_from(laws, domain.id)
    return DomainEntry(
        id=domain.id,
        title=domain.title,
        text=domain.text,
        sample=domain.sample,
        tokens_per_sample=domain.tokens_per_sample,
        small_models=scale is not None,
        scale=scale,
        example_compute=budget_inside(laws, domain.id),
        laws=[law.id for law in laws.of(domain.id)],
    )


def summaries(laws: Laws) -> list[Record]:
    """Every law id: what it covers, where it comes from, and which others are its twins."""
    return [_record(_summary(id, laws.named(id))) for id in sorted({law.id for law in laws})]


def _summary(id: str, by_domain: Sequence[Law]) -> LawEntry:
    first, family = by_domain[0].first, by_domain[0].family
    return LawEntry(
        id=id,
        domains=[law.domain.id for law in by_domain],
        family=family.id,
        family_title=family.title,
        take=family.take,
        differs=first.differs,
        relations=sorted({ROLES[role] for law in by_domain for role in law.roles}),
        title=first.title,
        authors=first.authors,
        year=first.year,
        citation=first.citation,
        url=first.url,
        source_checked=first.source_checked,
        counts=first.counts,
        data=first.data,
    )


def law_file(relations: Sequence[Relation]) -> Mapping[str, Any]:
    """All that a law id holds, as a law file: flat for one relation, else what all share and `relations` with the rest."""
    trees: list[dict[str, Any]] = [msgspec.to_builtins(relation) for relation in relations]
    if len(trees) == 1:
        return trees[0]
    shared = {name: value for name, value in trees[0].items() if all(tree[name] == value for tree in trees)}
    own = [{name: value for name, value in tree.items() if name not in shared} for tree in trees]
    return {**shared, "relations": own}


LISTS: Mapping[str, Records] = {
    "/v1/questions": lambda _: [described(question) for question in QUESTIONS.values()],
    "/v1/domains": domains,
    "/v1/laws": summaries,
    "/v1/accelerators": lambda _: [msgspec.to_builtins(row) for row in ACCELERATORS.values()],
}
"""What there is to ask, by address."""

"""The catalogue: every law there is, read from law files, checked against its own worked examples, with a digest."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from fitted_laws import questions
from fitted_laws.domains import DOMAINS, Domain, domain
from fitted_laws.forms import FORMS
from fitted_laws.laws import ROLE_OF_FORM, ROLES, Example, Law, Relation
from fitted_laws.problems import NotFound, Problem

DRAWS = 4000


class BadLawFile(ValueError):
    """A law file is malformed or contradicts itself: file, key, expected, got. It stops the start."""

    def __init__(self, file: str, key: str, expected: str, got: object) -> None:
        super().__init__(f"{file}: {key}: expected {expected}, got {got}")


class Laws:
    """Laws by domain and id; the first of a domain is preferred where no law is named."""

    def __init__(self, relations: Iterable[Relation], digest: str, draws: int = DRAWS) -> None:
        grouped: dict[tuple[str, str], list[Relation]] = {}
        for relation in relations:
            grouped.setdefault((relation.domain, relation.id), []).append(relation)
        laws = [Law(group, draws) for group in grouped.values()]
        laws.sort(key=lambda law: (-law.first.preference, -law.first.year, law.id))
        self.digest = digest
        self._laws = laws

    def __iter__(self) -> Iterator[Law]:
        return iter(self._laws)

    def __len__(self) -> int:
        return len(self._laws)

    @property
    def domains(self) -> list[Domain]:
        """Domains with a law, in the order of the domain table, then those that only a law file knows."""
        held = {law.domain.id for law in self}
        return [domain(id) for id in (*(d for d in DOMAINS if d in held), *sorted(held - set(DOMAINS)))]

    def of(self, domain_id: str) -> list[Law]:
        """The laws of a domain, preferred first.

        Raises:
            NotFound: there is no such domain; the nearest names are offered.
        """
        laws = [law for law in self if law.domain.id == domain_id]
        if not laws:
            raise NotFound.named("domain", domain_id, (d.id for d in self.domains))
        return laws

    def named(self, id: str) -> list[Law]:
        """The law of that id in each of its domains.

        Raises:
            NotFound: there is no such law.
        """
        laws = [law for law in self if law.id == id]
        if not laws:
            raise NotFound.named("law", id, (law.id for law in self))
        return laws


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json")) if folder.is_dir() else [folder]


def published() -> list[Path]:
    """The law files that ship with the package."""
    return files(Path(str(resources.files("fitted_laws") / "coefficients")))


def load(extra: Sequence[Path] = (), draws: int = DRAWS, shipped: bool = True, check: bool = True) -> Laws:
    """The shipped laws (unless not `shipped`) and those of the files and folders in `extra`.

    Raises:
        BadLawFile: a file is malformed, or contradicts an example that it must hold to.
    """
    paths = (published() if shipped else []) + [path for item in extra for path in files(item)]
    digest = hashlib.sha256()
    relations: list[Relation] = []
    for path in paths:
        raw = _read(path)
        digest.update(hashlib.sha256(raw).digest())
        relations += parse(raw, path.name)
    laws = Laws(relations, digest.hexdigest()[:16], draws)
    if check:
        centres = Laws(relations, laws.digest, draws=0)
        for relation in relations:
            for number, example in enumerate(relation.examples):
                hold(centres, relation, number, example)
    return laws


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadLawFile(str(path), "file", "a readable law file", error.strerror) from None


def parse(raw: bytes, file: str) -> list[Relation]:
    """The relations of one law file; what stands beside `relations` holds for each of them.

    Raises:
        BadLawFile: not JSON, an unknown or missing key, an unknown form or role, or coefficients that the form does not have.
    """
    try:
        tree = msgspec.json.decode(raw, type=dict[str, Any])
        shared = {key: value for key, value in tree.items() if key != "relations"}
        found = [msgspec.convert(_with_role({**shared, **own}), Relation) for own in tree.get("relations", [{}])]
    except msgspec.DecodeError as error:
        message, _, where = str(error).partition(" - at ")
        raise BadLawFile(file, where.strip("`") or "$", *_expected_got(message)) from None
    for relation in found:
        _check(relation, file)
    return found


def _with_role(tree: dict[str, Any]) -> dict[str, Any]:
    role = ROLE_OF_FORM.get(str(tree.get("form")))
    return {"role": role, **tree} if role else tree


def _expected_got(message: str) -> tuple[str, str]:
    expected, _, got = message.removeprefix("Expected ").partition(", got ")
    return (expected, got) if got else ("a well-formed law file", message)


def _check(relation: Relation, file: str) -> None:
    if relation.form not in FORMS:
        raise BadLawFile(file, f"{relation.name}: form", f"one of {', '.join(FORMS)}", relation.form)
    if relation.role not in ROLES:
        raise BadLawFile(file, f"{relation.name}: role", f"one of {', '.join(ROLES)}", relation.role)
    fields = set(FORMS[relation.form].__struct_fields__)
    if set(relation.coefficients) != fields:
        raise BadLawFile(file, f"{relation.name}: coefficients", f"{sorted(fields)}", sorted(relation.coefficients))
    for name, value in relation.coefficients.items():
        if not math.isfinite(value):
            raise BadLawFile(file, f"{relation.name}: coefficients.{name}", "a finite number", value)
    for name, text in relation.printed.items():
        if name not in fields or not math.isclose(float(text), relation.coefficients[name], rel_tol=1e-12):
            raise BadLawFile(file, f"{relation.name}: printed.{name}", f"the text of the coefficient {relation.coefficients.get(name)}", text)


def hold(laws: Laws, relation: Relation, number: int, example: Example) -> None:
    """Asks `example` of `laws`; one that is enforced must come out within its tolerance.

    Raises:
        BadLawFile: it does not, or cannot be asked.
    """
    if not example.enforce:
        return
    key = f"{relation.name}: examples[{number}]"
    try:
        inputs = {"domain": relation.domain, "law": relation.id, **example.inputs}
        answer = questions.read(example.question, inputs).answer(laws)
    except Problem as problem:
        raise BadLawFile(f"{relation.id}.json", key, "an example that can be asked", problem.detail) from None
    for name, expected in example.expected.items():
        got = answer[name]
        if not isinstance(got, float) or not math.isclose(got, expected, rel_tol=example.tolerance):
            raise BadLawFile(f"{relation.id}.json", f"{key}.{name}", f"{expected} within {example.tolerance:.2g}", got)

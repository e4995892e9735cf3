"""The catalogue: every law there is, read from law files, checked against its own worked examples, with a digest."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from fitted_laws import answering, questions
from fitted_laws.domains import DOMAINS, Domain, domain
from fitted_laws.extrapolation import QUANTITIES
from fitted_laws.forecast.kept import kept_in
from fitted_laws.forms import FORMS
from fitted_laws.laws import ROLE_OF_FORM, ROLES, Example, Law, Relation
from fitted_laws.problems import NotFound, Problem
from fitted_laws.uncertainty import Percentiles, rounding

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


def load(extra: Sequence[Path] = (), draws: int = DRAWS, *, shipped: bool = True, check: bool = True) -> Laws:
    """The shipped laws (unless not `shipped`) and those of the files and folders in `extra`.

    Raises:
        BadLawFile: a file is malformed, or contradicts an example that it must hold to.
    """
    paths = (published() if shipped else []) + [path for item in extra for path in files(item)]
    digest = hashlib.sha256()
    held: dict[str, tuple[Relation, str]] = {}
    for path in paths:
        raw = _read(path)
        digest.update(hashlib.sha256(raw).digest())
        for relation in parse(raw, path.name):
            if relation.name in held:
                raise BadLawFile(path.name, relation.name, "a relation that no other file holds", f"the same in {held[relation.name][1]}")
            held[relation.name] = (relation, path.name)
    relations = [relation for relation, _ in held.values()]
    laws = Laws(relations, digest.hexdigest()[:16], draws)
    if check:
        centres = Laws(relations, laws.digest, draws=0)
        for relation, file in held.values():
            for number, example in enumerate(relation.examples):
                hold(centres, relation, number, example, file)
    return laws


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadLawFile(str(path), "file", "a readable law file", error.strerror) from None


def parse(raw: bytes, file: str) -> list[Relation]:
    """The relations of one law file; what stands beside `relations`, at any depth, holds for each of them.

    Raises:
        BadLawFile: not JSON, an unknown or missing key, an unknown form or role, or coefficients that the form does not have.
    """
    leaf: dict[str, Any] = {}
    found: list[Relation] = []
    try:
        for leaf in map(_with_role, _leaves(msgspec.json.decode(raw, type=dict[str, Any]))):
            found.append(msgspec.convert(leaf, Relation))
    except msgspec.DecodeError as error:
        raise _bad(file, leaf, str(error)) from None
    if not found:
        raise BadLawFile(file, "relations", "at least one relation", "none")
    for relation in found:
        _check(relation, file)
    return found


def _leaves(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "relations" not in tree:
        yield tree
        return
    shared = {key: value for key, value in tree.items() if key != "relations"}
    for own in msgspec.convert(tree["relations"], list[dict[str, Any]]):
        yield from _leaves({**shared, **own})


def _with_role(tree: dict[str, Any]) -> dict[str, Any]:
    role = ROLE_OF_FORM.get(str(tree.get("form")))
    return {"role": role, **tree} if role else tree


def _bad(file: str, leaf: dict[str, Any], message: str) -> BadLawFile:
    """What is wrong with the relation `leaf`, from the message of msgspec."""
    message, _, where = message.partition(" - at ")
    path = where.strip("`").removeprefix("$").lstrip(".") or "$"
    name = "/".join(str(leaf[part]) for part in ("id", "domain", "role", "part") if part in leaf)
    at = f"{name}: " if name else ""
    if match := re.fullmatch(r"Object contains unknown field `(.+)`", message):
        return BadLawFile(file, f"{at}{path}", "only keys that law files have", match[1])
    if match := re.fullmatch(r"Object missing required field `(.+)`", message):
        return BadLawFile(file, f"{at}{path}", f"a key {match[1]}", "none")
    expected, _, got = message.removeprefix("Expected ").partition(", got ")
    return BadLawFile(file, f"{at}{path}", *((expected, got) if got else ("a well-formed law file", message)))


def _check(relation: Relation, file: str) -> None:
    def require(holds: object, key: str, expected: str, got: object) -> None:
        if not holds:
            raise BadLawFile(file, f"{relation.name}: {key}", expected, got)

    require(relation.form in FORMS, "form", f"one of {', '.join(FORMS)}", relation.form)
    require(relation.role in ROLES, "role", f"one of {', '.join(ROLES)}", relation.role)
    form = FORMS[relation.form]
    fields = set(form.__struct_fields__)
    needed = fields - set(form.__struct_fields__[len(fields) - len(form.__struct_defaults__) :])
    require(needed <= set(relation.coefficients) <= fields, "coefficients", f"{sorted(needed)}", sorted(relation.coefficients))
    for name, value in relation.coefficients.items():
        require(math.isfinite(value), f"coefficients.{name}", "a finite number", value)
    for name, text in relation.printed.items():
        require(name in fields, f"printed.{name}", f"one of {sorted(fields)}", name)
        require(_prints(text, relation.coefficients[name]), f"printed.{name}", f"the text of the coefficient {relation.coefficients[name]}", text)
    for name, half in relation.half_units.items():
        require(name in relation.printed and half > 0, f"half_units.{name}", "half a unit, above 0, of a printed coefficient", half)
    for number, constraint in enumerate(relation.constraints):
        key = f"constraints[{number}]"
        require(constraint.quantity in form.derived, f"{key}.quantity", f"one of {', '.join(form.derived) or 'none'}", constraint.quantity)
        require(_prints(constraint.printed), f"{key}.printed", "a printed number", constraint.printed)
    if relation.percentiles is not None:
        _check_percentiles(relation, relation.percentiles, require)
    _check_forecast(relation, file)
    for quantity, (low, high) in relation.ranges.items():
        require(quantity in QUANTITIES and 0 < low < high, f"ranges.{quantity}", f"[low, high] of one of {', '.join(QUANTITIES)}", [low, high])


def _check_forecast(relation: Relation, file: str) -> None:
    """That a forecast kept with the law can be read."""
    try:
        kept_in(relation.fit)
    except (msgspec.ValidationError, TypeError) as error:
        raise BadLawFile(file, f"{relation.name}: fit.forecast", "a forecast as this version's trainer writes it; fit again", str(error)) from None


def _check_percentiles(relation: Relation, given: Percentiles, require: Callable[[object, str, str, object], None]) -> None:
    """One quantile on each side of the published exponent, whose prefactor moves with it."""
    central = relation.coefficients
    for name in (given.exponent, given.prefactor):
        require(name in central, "percentiles", f"one of {sorted(central)}", name)
    sides = sorted(given.quantiles)
    right = len(sides) == 2 and 0 < sides[0][0] < 0.5 < sides[1][0] < 1 and sides[0][1] < central[given.exponent] < sides[1][1]
    require(right, "percentiles.quantiles", f"two, one to each side of the median {central[given.exponent]}", given.quantiles)
    require(given.pivot > 0, "percentiles.pivot", "a positive number", given.pivot)


def _prints(text: str, value: float | None = None) -> bool:
    """Whether `text` is a printed number, and that of `value` where one is given."""
    try:
        rounding(text)
    except ValueError:
        return False
    return value is None or math.isclose(float(text), value, rel_tol=1e-12)


def hold(laws: Laws, relation: Relation, number: int, example: Example, file: str) -> None:
    """Asks `example` of `laws`; one that is enforced must come out within its tolerance.

    Raises:
        BadLawFile: it does not, or cannot be asked.
    """
    if not example.enforce:
        return
    key = f"{relation.name}: examples[{number}]"
    try:
        inputs = {"domain": relation.domain, "law": relation.id, **example.inputs}
        answer = answering.answer(questions.read(example.question, inputs), laws)
    except Problem as problem:
        raise BadLawFile(file, key, "an example that can be asked", problem.detail) from None
    for name, expected in example.expected.items():
        got = answer.plain().get(name)
        if not isinstance(got, float) or not math.isclose(got, expected, rel_tol=example.tolerance):
            raise BadLawFile(file, f"{key}.{name}", f"{expected} within {example.tolerance:.2g}", got)

"""The catalogue: every law there is, read from law files, checked against its own worked examples, with a digest."""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from fitted_laws.answers.answer import Answer
from fitted_laws.asking import answering
from fitted_laws.laws.lawfile import BadLawFile, _read, parse
from fitted_laws.laws.laws import DRAWS, GIVEN, SHIPPED, Laws
from fitted_laws.laws.relation import Example, Relation
from fitted_laws.quantities.problems import Problem
from fitted_laws.questions import registry


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json")) if folder.is_dir() else [folder]


def published() -> list[Path]:
    """The law files that ship with the package."""
    return files(Path(str(resources.files("fitted_laws") / "coefficients")))


def load(extra: Sequence[Path] = (), draws: int = DRAWS, *, shipped: bool = True, check: bool = True) -> Laws:
    """The shipped laws (unless not `shipped`) and those of the files and folders in `extra`, of which each answers before the shipped
    ones of its domain, and the last named before the others.

    Raises:
        BadLawFile: a file is malformed, or contradicts an example that it must hold to.
    """
    paths = [(path, SHIPPED) for path in published()] if shipped else []
    paths += [(path, place) for place, item in enumerate(extra, GIVEN) for path in files(item)]
    digest = hashlib.sha256()
    by_name: dict[str, tuple[Relation, str]] = {}
    places: dict[str, int] = {}
    for path, place in paths:
        raw = _read(path)
        digest.update(hashlib.sha256(raw).digest())
        for relation in parse(raw, path.name):
            if relation.name in by_name:
                raise BadLawFile(
                    path.name,
                    relation.name,
                    "a relation that no other file holds",
                    f"the same in {by_name[relation.name][1]}",
                )
            by_name[relation.name] = (relation, path.name)
            places[relation.name] = place
    relations = [relation for relation, _ in by_name.values()]
    laws = Laws(relations, digest.hexdigest()[:16], draws, places)
    if check:
        centres = Laws(relations, laws.digest, draws=0)
        for relation, file in by_name.values():
            for number, example in enumerate(relation.examples):
                require_example(centres, relation, number, example, file)
    return laws


def require_example(laws: Laws, relation: Relation, number: int, example: Example, file: str) -> None:
    """Asks `example` of `laws`; one that is enforced must come out within its tolerance.

    Raises:
        BadLawFile: it does not, or cannot be asked.
    """
    if not example.enforce:
        return
    key = f"{relation.name}: examples[{number}]"
    try:
        inputs = {"domain": relation.domain, "law": relation.id, **example.inputs}
        answer = answering.answer(registry.read(example.question, inputs), laws)
    except Problem as problem:
        raise BadLawFile(file, key, "an example that can be asked", problem.detail) from None
    for name, expected in example.expected.items():
        got = answer.plain().get(name)
        if not isinstance(got, float) or not math.isclose(got, expected, rel_tol=example.tolerance):
            raise BadLawFile(file, f"{key}.{name}", f"{expected} within {example.tolerance:.2g}", got)


@functools.cache
def shipped() -> Laws:
    """The laws that ship with the package, loaded once. Their examples, most of what loading takes, are asked by the tests and by a service
    that starts.
    """
    return load(check=False)


def ask(question: str, laws: Laws | None = None, **inputs: object) -> Answer:
    """The answer to a question such as `ask("optimal", domain="language", compute="1e21").params`.

    Inputs are numbers in the unit of their name, texts such as "70B", or lists of them: then every field is a column.

    Raises:
        NotUnderstood: an input is unknown, missing, malformed or out of range.
        NotFound: no such question, domain or law.
        Unanswerable: no law can answer; the message says what would work.
    """
    return answering.answer(registry.read(question, inputs), shipped() if laws is None else laws)
